import assert from "node:assert/strict";
import { test } from "node:test";
import { openSandbox, type SandboxError } from "../index.ts";

const open = (code: string) => openSandbox({ id: "acme/shape", version: "1.0.0", code, binary: false });

test("a plugin's shape is told from its code", async (t) => {
  const sandbox = open(`module.exports.default = {
    actions: { "create-customer": { kind: "action", title: "Create", description: "…", input: { type: "object" }, output: {}, run() {} } },
    hooks: { install() {}, "record.beforeWrite": { run() {} }, "action.beforeRun": { order: "early", run() {} } },
  };`);
  t.after(() => sandbox.close());
  assert.deepEqual(await sandbox.describe(), {
    actions: {
      "create-customer": { title: "Create", description: "…", input: { type: "object" }, output: {} },
    },
    hooks: [
      { name: "install" },
      { name: "record.beforeWrite" },
      { name: "action.beforeRun", order: "early" },
    ],
  });
});

test("describing leaves nothing behind for the tenants", async (t) => {
  const sandbox = open(`globalThis.loads = (globalThis.loads ?? 0) + 1;
    module.exports.default = { actions: { loads: { run: () => globalThis.loads } } };`);
  t.after(() => sandbox.close());
  await sandbox.describe();
  await sandbox.describe();
  const call = {
    tenantId: "tnt_1",
    target: { kind: "action", name: "loads" },
    input: null,
    capabilities: {},
  } as const;
  assert.equal(await sandbox.call(call), 1);
});

const broken: { [what: string]: [code: string, message: RegExp] } = {
  "code that cannot be parsed": [
    "let fine = 1;\n\nlet x = ;",
    /Unexpected token ';' \(line 3: "let x = ;"\)/,
  ],
  "code with import()": [
    "\n\nconst fs = import('node:fs');",
    /import expression rejected at acme\/shape@1\.0\.0:3/,
  ],
  "code with import.source()": ["\nimport.source('node:fs');", /Line 2 looks like import\.source\(\)/],
  "code that throws as it loads": ["throw new TypeError('not today');", /not today/],
  "code that wants a module": ["require('node:fs');", /require/],
  "code that exports nothing": ["module.exports = null;", /module\.exports\.default/],
  "code that asks for something as it loads": ["fetch('https://vendor.test/');", /./],
  "a shape that is not data": [
    "module.exports.default = { actions: { a: { input: () => {} } } };",
    /"\/actions\/a\/input" it is a function/,
  ],
};

for (const [what, [code, message]] of Object.entries(broken)) {
  test(`${what} is a plugin that does not load, with the reason`, async (t) => {
    const sandbox = open(code);
    t.after(() => sandbox.close());
    const outcome = await sandbox.describe().catch((error: SandboxError) => error);
    if (what === "code that asks for something as it loads")
      return assert.deepEqual(outcome, { actions: {}, hooks: [] });
    assert.ok(outcome instanceof Error, JSON.stringify(outcome));
    assert.ok(["plugin-load-failed", "plugin-output-invalid"].includes(outcome.code), outcome.code);
    assert.match(outcome.message, message);
    assert.equal(outcome.retryable, false);
  });
}
