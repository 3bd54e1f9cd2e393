import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { mistakes } from "../../cli/mistakes.ts";
import { createAuthor } from "./author.ts";
import { wrongPlugins } from "./mistakes/plugins.ts";

const sdk = join(import.meta.dirname, "..", "..");

describe("each mistake is told by its code, with file and line", () => {
  for (const [what, { files, mistakes: expected }] of Object.entries(wrongPlugins))
    test(what, async (t) => {
      const author = await createAuthor(t);
      await author.write(files);
      const outcome = await author.run(["check", "--strict", "--json"]);
      assert.equal(outcome.code, 1, outcome.stdout);
      const { problems } = outcome.json().error;
      const told: string[] = problems.map(({ code, file, line = 0 }: Told) => `${code} ${file}:${line}`);
      for (const [code, file, place] of expected)
        assert.ok(
          told.includes(`${code} ${file}:${lineOf(files[file], place)}`),
          `${code} in ${file} at ${place}, of:\n${told.join("\n")}`,
        );
      for (const { code, message } of problems as Told[]) {
        assert.ok(Object.hasOwn(mistakes, code), `${code} is not in cli/mistakes.ts`);
        assert.match(message, /\S.{8}/, code);
      }
    });
});

interface Told {
  code: string;
  file: string;
  line?: number;
  message: string;
}

function lineOf(content: string | object | undefined, place: string | number): number {
  if (typeof place === "number") return place;
  const text = typeof content === "string" ? content : JSON.stringify(content, null, 2);
  return text.split("\n").findIndex((line) => line.includes(place)) + 1;
}

test("every row of the table is provoked, and nothing else can be told", () => {
  const provoked = Object.values(wrongPlugins).flatMap((plugin) => plugin.mistakes.map(([code]) => code));
  assert.deepEqual([...new Set(provoked)].sort(), Object.keys(mistakes).sort());
  const source = globSync("{manifest,inspection,cli/build,cli/check}/**/*.ts", {
    cwd: sdk,
    exclude: ["manifest/offers/**"],
  })
    .map((file) => readFileSync(join(sdk, file), "utf8"))
    .join("\n");
  const used = [
    ...source.matchAll(/\b(?:code: |code = |refuse\(|report\w*\(|suspect\(|\)\()"([a-z]+(?:-[a-z]+)*)"/g),
  ];
  const unknown = used
    .map(([, code = ""]) => code)
    .filter((code) => !Object.hasOwn(mistakes, code) && !elsewhere.has(code));
  assert.deepEqual(
    [...new Set(unknown)],
    [],
    "add them to cli/mistakes.ts, with a plugin that provokes them",
  );
});

/**
 * What no author can come to with these commands: values that no JSON.parse makes, a file of a name that a build never packs,
 * and alternatives that a tag tells apart, so that the mistake is told within one.
 */
const elsewhere = new Set([
  "not-json",
  "secret-file",
  "invalid",
  "too-complex",
  "forbidden-name",
  "no-alternative",
]);

test("docs/plugin-authoring.md has the table", () => {
  const docs = readFileSync(join(sdk, "..", "docs", "plugin-authoring.md"), "utf8");
  const rows = Object.entries(mistakes).map(
    ([code, { mistake, remedy }]) => `| \`${code}\` | ${mistake} | ${remedy} |`,
  );
  for (const row of rows) assert.ok(docs.includes(`\n${row}\n`), `${row}\nRun \`npm run docs\`.`);
});
