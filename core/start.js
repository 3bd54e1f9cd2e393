/**
 * What is started: Node keeps what it makes of each module that is imported from here on, for the next start, so that it
 * strips and compiles nothing twice. This file is JavaScript, for the first one would have to be stripped without that.
 */
import { enableCompileCache } from "node:module";
import path from "node:path";

// As trustworthy as the code beside it. Where it cannot be written nothing is kept.
enableCompileCache(path.resolve(import.meta.dirname, "../node_modules/.cache/compile"));
await import("./main.ts");
