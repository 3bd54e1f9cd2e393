/** The operator's file of limits: the most specific entry counts, and a wrong one stops the start with one line. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test, { type TestContext } from "node:test";
import { readConfig } from "../../config.ts";
import { createPluginSettings, limitTable } from "../../kernel/limits/index.ts";

async function read(t: TestContext, text: string) {
  const folder = await mkdtemp(path.join(tmpdir(), "plugboard-settings-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = path.join(folder, "plugins.json");
  await writeFile(file, text);
  return {
    file,
    config: () => readConfig({ PLUGBOARD_PLUGIN_SETTINGS: file, PLUGBOARD_ISOLATION: "thread" }),
  };
}

test("of the entries that fit a plugin the most specific counts, limit by limit", async (t) => {
  const { config } = await read(
    t,
    JSON.stringify({
      defaults: { limits: { deadlineMs: 1_000, storageKeys: 1, fetchesPerPlugin: 1, hostFetches: 9 } },
      plugins: {
        "acme/*": { isolation: "process", limits: { deadlineMs: 2_000, storageKeys: 2 } },
        "acme/shop": { limits: { deadlineMs: 3_000, heapBytes: 64 * 1024 * 1024 } },
        "acme/own": { isolation: "thread" },
      },
    }),
  );
  const { pluginSettings, isolation } = config();
  const settings = createPluginSettings(pluginSettings, isolation);
  const of = (id: string) => {
    const { deadlineMs, storageKeys, fetchesPerPlugin, hostFetches, idleMs } = settings.limits(id);
    return { deadlineMs, storageKeys, fetchesPerPlugin, hostFetches, idleMs };
  };
  const idleMs = limitTable.idleMs.default;
  const common = { fetchesPerPlugin: 1, hostFetches: 9, idleMs };
  assert.deepEqual(of("acme/shop"), { deadlineMs: 3_000, storageKeys: 2, ...common });
  assert.deepEqual(of("acme/other"), { deadlineMs: 2_000, storageKeys: 2, ...common });
  assert.deepEqual(of("acmes/shop"), { deadlineMs: 1_000, storageKeys: 1, ...common });
  assert.equal(settings.sandboxLimits("acme/shop").heapBytes, 64 * 1024 * 1024);
  assert.ok(!("storageKeys" in settings.sandboxLimits("acme/shop")));
  assert.equal(settings.egressLimits("acme/shop").maxInFlightPerPlugin, 1);
  assert.equal(settings.egressLimits("acme/shop").maxInFlight, 9);
  assert.deepEqual(
    ["acme/shop", "acme/own", "other/shop"].map((id) => settings.isolation(id)),
    ["process", "thread", "thread"],
  );
  assert.equal(createPluginSettings().isolation("acme/shop"), undefined);
});

const limitOfManyPaths = (requests: number) => ({
  type: "sliding-window",
  requests,
  seconds: 1,
  paths: Array.from({ length: 100 }, (_, i) => `/v1/${requests}/${i}`),
});

const refused: Record<string, [text: string, line: RegExp]> = {
  "what is no JSON": ["{ nonsense", /plugins\.json: .*JSON/],
  "what is no object": ["[]", /the whole must be an object with defaults and plugins/],
  "an unknown member": ['{"default":{}}', /\/default is not known there; it must be an object with defaults/],
  "an unknown limit": [
    '{"defaults":{"limits":{"heapByte":1}}}',
    /\/defaults\/limits\/heapByte is not known there; .*docs\/limits\.md/,
  ],
  "a value out of its range": [
    '{"plugins":{"acme/shop":{"limits":{"heapBytes":1}}}}',
    /\/plugins\/acme~1shop\/limits\/heapBytes must be a whole number of bytes from 33554432 to 4294967296/,
  ],
  "a value of the wrong type": [
    '{"defaults":{"limits":{"deadlineMs":"1000"}}}',
    /\/defaults\/limits\/deadlineMs must be a whole number of ms from 100 to 3600000/,
  ],
  "a fraction": [
    '{"defaults":{"limits":{"calls":1.5}}}',
    /\/defaults\/limits\/calls must be a whole number from 1/,
  ],
  "another isolation": [
    '{"defaults":{"isolation":"none"}}',
    /\/defaults\/isolation must be "thread" or "process"/,
  ],
  "the host's limit for one plugin": [
    '{"plugins":{"acme/shop":{"limits":{"hostFetches":5}}}}',
    /\/plugins\/acme~1shop\/limits\/hostFetches is a limit of the whole host; set it under \/defaults\/limits/,
  ],
  "more paths than a request is held against": [
    JSON.stringify({ defaults: { requests: { limits: [1, 2, 3].map(limitOfManyPaths) } } }),
    /\/defaults\/requests: requests has 300 paths in all; expected at most 200/,
  ],
  "a path that no request can have": [
    '{"plugins":{"acme/*":{"requests":{"cache":[{"paths":["/v1/a*"]}]}}}}',
    /\/plugins\/acme~1\*\/requests\/cache\/0\/paths\/0: Path "\/v1\/a\*" is not one/,
  ],
  "what names no plugin": ['{"plugins":{"*":{}}}', /\/plugins\/\* must be "publisher\/name"/],
  "a prototype for a plugin": [
    '{"plugins":{"__proto__":{}}}',
    /\/plugins\/__proto__ must be "publisher\/name"/,
  ],
};

for (const [what, [text, line]] of Object.entries(refused)) {
  test(`${what} stops the start with one line that says where`, async (t) => {
    const { config } = await read(t, text);
    assert.throws(config, (error) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, "EnvironmentError");
      assert.match(error.message, /^PLUGBOARD_PLUGIN_SETTINGS: /);
      assert.match(error.message, line);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  });
}

test("a file that is not there stops the start", async (t) => {
  const { file } = await read(t, "{}");
  assert.throws(
    () => readConfig({ PLUGBOARD_PLUGIN_SETTINGS: `${file}.not` }),
    /^EnvironmentError: PLUGBOARD_PLUGIN_SETTINGS: .*cannot be read \(ENOENT\)/,
  );
});

test("what an operator says of a plugin's requests is checked, and the most specific counts, part by part", () => {
  const retries = { most: 0 };
  const cache = [{ paths: ["/v1/**"] }];
  const settings = createPluginSettings({
    defaults: { requests: { retries, circuitBreaker: false } },
    plugins: { "acme/*": { requests: { cache } }, "acme/shop": { requests: { retries: { most: 1 } } } },
  });
  assert.deepEqual(settings.requests("other/plugin"), { retries, circuitBreaker: false });
  assert.deepEqual(settings.requests("acme/shop"), { retries: { most: 1 }, circuitBreaker: false, cache });
});

test("what the whole host keeps of replies is as the operator says", () => {
  const limits = { hostFetchCacheBytes: 1_000, hostFetchCacheBytesPerConnection: 10 };
  const { hostEgressLimits } = createPluginSettings({ defaults: { limits } });
  assert.equal(hostEgressLimits.maxCacheBytes, 1_000);
  assert.equal(hostEgressLimits.maxCacheBytesPerConnection, 10);
});
