/** Tricks with the text of a plugin's code, its id and its version. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSandbox } from "@plugboard/sandbox";
import { sourceText } from "./payloads/source-text.ts";
import { testAttacks } from "./support/attack.ts";

testAttacks("source text", sourceText);

const injections = {
  "a line break": "acme/x\n}); globalThis.injected = typeof process; (function () {",
  "a line separator": "acme/x\u2028}); globalThis.injected = typeof process; (function () {",
  "a comment's end": "acme/x */ }); globalThis.injected = typeof process; (function () { /*",
  "a sourceURL of its own": "acme/x\n//# sourceURL=file:///etc/passwd",
  "a template": "acme/\u0024{globalThis.injected = 1}`",
};

for (const [how, id] of Object.entries(injections))
  for (const [id_, version] of [
    [id, "1.0.0"],
    ["acme/x", id],
  ] as const)
    test(`${how} in ${id_ === id ? "an id" : "a version"} is not run as code`, async (t) => {
      const code = "module.exports.default = { actions: { look: () => typeof globalThis.injected } };";
      const sandbox = openSandbox({ id: id_, version, code, binary: false }, { isolation: "thread" });
      t.after(() => sandbox.close({ graceMs: 0 }));
      const target = { kind: "action", name: "look" } as const;
      const output = await sandbox.call({ tenantId: "tnt_1", target, input: null, capabilities: {} });
      assert.equal(output, "undefined");
    });
