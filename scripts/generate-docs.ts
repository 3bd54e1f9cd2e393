/** Writes the parts of docs/ that are made from the code. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { errorReference } from "./error-reference.ts";
import { limitsReference } from "./limits-reference.ts";

const docs = path.resolve(import.meta.dirname, "../docs");
await writeFile(path.join(docs, "errors.md"), errorReference());
await writeFile(path.join(docs, "limits.md"), limitsReference());
