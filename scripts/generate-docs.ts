/** Writes the parts of docs/ that are made from the code. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { cliReference } from "./cli-reference.ts";
import { errorReference } from "./error-reference.ts";
import { limitsReference } from "./limits-reference.ts";
import { withMistakes } from "./mistakes-table.ts";
import { sdkReference } from "./sdk-reference.ts";

const docs = path.resolve(import.meta.dirname, "../docs");
await writeFile(path.join(docs, "errors.md"), errorReference());
await writeFile(path.join(docs, "limits.md"), limitsReference());
const introduction = await readFile(path.join(import.meta.dirname, "cli-introduction.md"), "utf8");
await writeFile(path.join(docs, "cli.md"), cliReference(introduction));
await writeFile(path.join(docs, "sdk-reference.md"), await sdkReference());
const authoring = path.join(docs, "plugin-authoring.md");
await writeFile(authoring, withMistakes(await readFile(authoring, "utf8")));
