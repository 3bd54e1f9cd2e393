/** What authors see as they hover: every name that they can import says what it is, and what they call shows how. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { parse } from "@babel/parser";

const sdk = join(import.meta.dirname, "..", "..");

/** Errors by name are all used alike, and their base class shows how. */
const shownElsewhere = /Error$/;

interface Exported {
  name: string;
  from: string;
  comment: string;
  isValue: boolean;
}

async function exportsOf(file: string, wanted?: Set<string>): Promise<Exported[]> {
  const code = await readFile(file, "utf8");
  const { program } = parse(code, { sourceType: "module", plugins: ["typescript"], attachComment: true });
  const found: Exported[] = [];
  for (const statement of program.body) {
    if (
      statement.type === "ExportAllDeclaration" ||
      (statement.type === "ExportNamedDeclaration" && statement.source)
    ) {
      const source = statement.source?.value ?? "";
      if (!source.startsWith(".")) continue;
      const names =
        statement.type === "ExportAllDeclaration" ? wanted : namesOf(statement.specifiers, wanted);
      found.push(...(await exportsOf(join(dirname(file), source), names)));
    } else if (statement.type === "ExportNamedDeclaration" && statement.declaration) {
      const { declaration } = statement;
      const comment = (statement.leadingComments ?? []).at(-1)?.value ?? "";
      const id =
        declaration.type === "VariableDeclaration"
          ? declaration.declarations[0]?.id
          : "id" in declaration
            ? declaration.id
            : undefined;
      if (id?.type !== "Identifier" || (wanted && !wanted.has(id.name))) continue;
      const isValue = !/^TS/.test(declaration.type);
      found.push({ name: id.name, from: file.slice(sdk.length + 1), comment, isValue });
    }
  }
  return found;
}

function namesOf(specifiers: readonly { type: string }[], wanted: Set<string> | undefined): Set<string> {
  const names = specifiers.flatMap((one) =>
    one.type === "ExportSpecifier" ? [(one as unknown as { local: { name: string } }).local.name] : [],
  );
  return new Set(wanted ? names.filter((name) => wanted.has(name)) : names);
}

for (const entry of ["index.ts", "testing/index.ts"])
  test(`all that ${entry} exports is documented, and what is called has an example`, async () => {
    const all = await exportsOf(join(sdk, entry));
    assert.ok(all.length > 10, `${all.length} names`);
    const silent = all.filter(({ comment }) => !comment.startsWith("*"));
    const unshown = all.filter(
      ({ name, isValue, comment }) => isValue && !comment.includes("@example") && !shownElsewhere.test(name),
    );
    assert.deepEqual(
      silent.map(({ name, from }) => `${name} of ${from} says nothing of itself`),
      [],
    );
    assert.deepEqual(
      unshown.map(({ name, from }) => `${name} of ${from} has no @example`),
      [],
    );
  });
