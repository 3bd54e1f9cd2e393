import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Payload } from "@plugboard/sandbox";
import { createLogger } from "@plugboard/service-kit/observe";
import { type LogLimits, logCapability } from "../../kernel/capabilities/index.ts";

function openLog(limits: Partial<LogLimits> = {}) {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    name: "test",
    level: "debug",
    destination: { write: (line) => lines.push(JSON.parse(line)) },
  });
  const log = logCapability({ logger, fields: { tenantId: "tnt_1", plugin: "acme/vendor" }, limits });
  const context = { callId: "call_1", signal: new AbortController().signal };
  return { lines, log: (payload: unknown) => log(payload as Payload, context) };
}

test("a plugin's line is written under the host's fields", async () => {
  const { lines, log } = openLog();
  for (const level of ["debug", "info", "warn", "error"]) {
    assert.equal(await log({ level, message: `at ${level}`, fields: { count: 1 } }), null);
  }
  assert.deepEqual(
    lines.map(({ level, msg, tenantId, plugin, fields }) => ({ level, msg, tenantId, plugin, fields })),
    ["debug", "info", "warn", "error"].map((level) => ({
      level,
      msg: `at ${level}`,
      tenantId: "tnt_1",
      plugin: "acme/vendor",
      fields: { count: 1 },
    })),
  );
});

test("a plugin cannot pass for the host, or for two lines", async () => {
  const { lines, log } = openLog();
  const forged = { level: "fatal", tenantId: "tnt_2", plugin: "plugboard/core", msg: "all is well", time: 0 };
  await log({ level: "info", message: 'x"}\n{"level":"error","msg":"forged"}\u001b[2J', fields: forged });
  assert.equal(lines.length, 1);
  const { level, tenantId, plugin } = lines[0] ?? assert.fail();
  assert.deepEqual([level, tenantId, plugin], ["info", "tnt_1", "acme/vendor"]);
});

describe("a line is refused that is", () => {
  const malformed: [string, unknown][] = [
    ["no object", "hello"],
    ["nothing", null],
    ["a list", []],
    ["bytes", new Uint8Array(1)],
    ["of an unknown level", { level: "fatal", message: "x" }],
    ["of a level that is an inherited name", { level: "constructor", message: "x" }],
    ["without a message", { level: "info" }],
    ["with a message that is no text", { level: "info", message: { toString: 1 } }],
    ["more than a line", { level: "info", message: "x", tenantId: "tnt_2" }],
  ];
  for (const [what, payload] of malformed) {
    test(what, async () => {
      const { lines, log } = openLog();
      await assert.rejects(log(payload), { code: "log-invalid-line" });
      assert.equal(lines.length, 0);
    });
  }

  test("too large, with its fields", async () => {
    const { lines, log } = openLog({ maxLineBytes: 20 });
    await log({ level: "info", message: "12345678901234567890" });
    await log({ level: "info", message: "1234567890", fields: { a: 1234 } });
    await assert.rejects(log({ level: "info", message: "1234567890123456789ä" }), {
      code: "log-line-too-large",
    });
    await assert.rejects(log({ level: "info", message: "12345678901", fields: { a: 12345 } }), {
      code: "log-line-too-large",
    });
    assert.equal(lines.length, 2);
  });
});

test("a call writes so many lines and no more", async () => {
  const { lines, log } = openLog({ maxLines: 2 });
  await log({ level: "info", message: "1" });
  await log({ level: "info", message: "2" });
  for (const message of ["3", "4"])
    await assert.rejects(log({ level: "info", message }), { code: "log-limit-exceeded" });
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ["1", "2", "the plugin's log is full; further lines of this call are dropped"],
    "the operator learns of it, once",
  );
});

test("a call writes so many bytes and no more", async () => {
  const { lines, log } = openLog({ maxBytes: 10 });
  await log({ level: "info", message: "12345" });
  await log({ level: "info", message: "12345" });
  await assert.rejects(log({ level: "info", message: "1" }), { code: "log-limit-exceeded" });
  assert.equal(lines.filter(({ msg }) => msg === "12345").length, 2);
});
