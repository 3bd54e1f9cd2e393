import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "@babel/parser";
import type { FailureProblem } from "../failure.ts";

/** Whether the entry exports by default, which is how a plugin is found in its code. Nothing, where that cannot be told. */
export async function findMissingDefault(o: { directory: string; entry: string }): Promise<FailureProblem[]> {
  const text = await readFile(join(o.directory, o.entry), "utf8");
  const isScript = /\.[cm]?ts$/.test(o.entry);
  const { program, errors } = parse(text, {
    sourceType: "unambiguous",
    errorRecovery: true,
    plugins: isScript ? ["typescript"] : [],
  });
  // What cannot be parsed is told by the bundler, and CommonJS exports as it runs.
  if (errors?.length || program.sourceType !== "module") return [];
  const has = program.body.some(
    (statement) =>
      statement.type === "ExportDefaultDeclaration" ||
      (statement.type === "ExportNamedDeclaration" &&
        statement.specifiers.some(
          (one) => one.exported.type === "Identifier" && one.exported.name === "default",
        )),
  );
  if (has) return [];
  const message =
    "The entry has no default export, so there is no plugin in it. End it with `export default definePlugin({ … })`.";
  return [{ code: "default-export-missing", file: o.entry, line: 1, column: 1, message }];
}
