/** Error table, code and docs say the same. That code throws only what the table has, its types see to. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { coreErrorTable } from "../core/errors.ts";
import { registryErrorTable } from "../registry/errors.ts";
import { errorReference } from "../scripts/error-reference.ts";
import { httpErrors } from "../service-kit/http/index.ts";

const root = path.resolve(import.meta.dirname, "..");

test("docs/errors.md is what the tables say", () => {
  const docs = readFileSync(path.join(root, "docs/errors.md"), "utf8");
  assert.equal(docs, errorReference(), "docs/errors.md is out of date: run `npm run docs`");
});

for (const [service, table] of Object.entries({ core: coreErrorTable, registry: registryErrorTable })) {
  test(`every code in the table of ${service} is one that its code speaks of`, () => {
    const files = globSync(`${service}/**/*.ts`, { cwd: root }).filter(
      (file) => !/(^|\/)(node_modules|test)\//.test(file) && file !== `${service}/errors.ts`,
    );
    const code = files.map((file) => readFileSync(path.join(root, file), "utf8")).join("\n");
    const own = Object.keys(table).filter((name) => !Object.hasOwn(httpErrors.table, name));
    assert.ok(own.length > 10);
    assert.deepEqual(
      own.filter((name) => !code.includes(`"${name}"`)),
      [],
    );
  });
}
