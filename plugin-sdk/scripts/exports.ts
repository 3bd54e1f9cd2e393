// What authors can import, read from the sources: for the reference in docs/, and for the test that nothing is undocumented.
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { parse } from "@babel/parser";

const sdk = join(import.meta.dirname, "..");

export interface ExportedName {
  name: string;
  /** From the SDK's folder. */
  file: string;
  /** The text of its doc comment, without stars; "" when it has none. */
  comment: string;
  /** Something that is there when code runs, and no type alone. */
  isValue: boolean;
  /** As it is declared, without what a function does. */
  signature: string;
}

/** What a door of the SDK lets through, in the order in which it says so. */
export async function readExports(entry: string): Promise<ExportedName[]> {
  return namesOf(join(sdk, entry), undefined);
}

async function namesOf(file: string, wanted: Set<string> | undefined): Promise<ExportedName[]> {
  const code = await readFile(file, "utf8");
  const { program } = parse(code, { sourceType: "module", plugins: ["typescript"], attachComment: true });
  const found: ExportedName[] = [];
  for (const statement of program.body) {
    if (statement.type === "ExportAllDeclaration") {
      found.push(...(await namesOf(join(dirname(file), statement.source.value), wanted)));
      continue;
    }
    if (statement.type !== "ExportNamedDeclaration") continue;
    const { source, specifiers, declaration } = statement;
    if (source?.value.startsWith(".")) {
      const names = specifiers.flatMap((one) => (one.type === "ExportSpecifier" ? [one.local.name] : []));
      const passed = new Set(names.filter((name) => !wanted || wanted.has(name)));
      if (passed.size > 0) found.push(...(await namesOf(join(dirname(file), source.value), passed)));
      continue;
    }
    if (!declaration) continue;
    const id =
      declaration.type === "VariableDeclaration" ? declaration.declarations[0]?.id : idOf(declaration);
    if (id?.type !== "Identifier" || !id.name || (wanted && !wanted.has(id.name))) continue;
    found.push({
      name: id.name,
      file: relative(sdk, file),
      comment: textOf(statement.leadingComments?.at(-1)),
      isValue: !declaration.type.startsWith("TS"),
      signature: signatureOf(code, declaration),
    });
  }
  return found;
}

interface Declared {
  type: string;
  start?: number | null | undefined;
  end?: number | null | undefined;
}

function idOf(declaration: object): { type: string; name?: string } | undefined {
  return "id" in declaration ? (declaration.id as { type: string; name?: string }) : undefined;
}

function textOf(comment: { value: string } | undefined): string {
  if (!comment?.value.startsWith("*")) return "";
  return comment.value
    .slice(1)
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .trim();
}

function signatureOf(code: string, declaration: Declared): string {
  const slice = (from: Declared, to: number | null | undefined = from.end) =>
    code.slice(from.start ?? 0, to ?? 0).trim();
  const body = (declaration as { body?: Declared & { body?: (Declared & { body?: Declared })[] } }).body;
  if (declaration.type === "FunctionDeclaration") return slice(declaration, body?.start);
  if (declaration.type !== "ClassDeclaration") return slice(declaration);
  const members = (body?.body ?? []).map((one) => `  ${slice(one, one.body?.start ?? one.end)}`);
  return [`${slice(declaration, body?.start)} {`, ...members, "}"].join("\n");
}
