/** What a tenant's plugins do about each other's actions: in order, recorded, and never in each other's way. */
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { connect, startTestHost, type TestHost, type TestTenant } from "../support/host.ts";
import {
  publishTestPlugin,
  registerPublisher,
  type TestHook,
  type TestPublisher,
} from "../support/plugin.ts";

const input = {
  type: "object",
  properties: { trail: { type: "array", items: { type: "string" } }, note: { type: "string" } },
  additionalProperties: false,
};

interface Scene {
  host: TestHost;
  publisher: TestPublisher;
  tenant: TestTenant;
  /** Publishes and installs a plugin that has only hooks, and storage. */
  add(
    name: string,
    hooks: Record<string, TestHook>,
  ): Promise<{ installId: string; read(key: string): Promise<unknown>; letGo(): Promise<unknown> }>;
  run(
    value?: object,
  ): Promise<{ status: number; body: Record<string, unknown> & { output: never; callId: string } }>;
  runs(): Promise<string[]>;
}

/** A tenant that has `acme/shop`, whose one action answers its input. */
async function start(t: TestContext, options = {}): Promise<Scene> {
  const host = await startTestHost(t, { isolation: "thread", ...options });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, {
    id: "acme/shop",
    actions: { order: { input, run: "if (input.note === 'fail') throw new Error('no'); return input;" } },
  });
  const tenant = await host.tenant();
  const { connectionId } = await connect(tenant, "acme/shop");
  return {
    host,
    publisher,
    tenant,
    add: (name, hooks) => addPlugin({ host, publisher }, tenant, name, hooks),
    run: (value = {}) =>
      tenant.api.post(`/api/v1/connections/${connectionId}/actions/order`, {
        input: { trail: [], ...value },
      }),
    async runs() {
      const metrics = (await host.anonymous.get("/metrics")).body as string;
      const lines = metrics.split("\n").filter((line) => line.startsWith("plugboard_hook_runs_total{"));
      return lines.map((line) => {
        const [, hook, plugin, outcome, count] =
          /hook="([^"]*)",plugin="([^"]*)",outcome="([^"]*)"\} (\d+)/.exec(line) ?? [];
        return `${hook} ${plugin} ${outcome} ${count}`;
      });
    },
  };
}

async function addPlugin(
  { host, publisher }: Pick<Scene, "host" | "publisher">,
  tenant: TestTenant,
  name: string,
  hooks: Record<string, TestHook>,
) {
  const storage = { maxBytes: 100_000, reason: "Remember what was seen" };
  const names = Object.keys(hooks);
  await publishTestPlugin(host.address, publisher, {
    id: `acme/${name}`,
    hooks,
    actions: {
      read: { run: "return await storage.get(input.key) ?? null;" },
      "let-go": { run: "await storage.set('over', true); return null;" },
    },
    permissions: { storage, hooks: { names, reason: "Look after orders" } } as never,
  });
  const { installId, connectionId } = await connect(tenant, `acme/${name}`);
  const call = (action: string, input: object) =>
    tenant.api.post(`/api/v1/connections/${connectionId}/actions/${action}`, { input });
  return {
    installId,
    read: async (key: string): Promise<unknown> => (await call("read", { key })).body.output,
    letGo: () => call("let-go", {}),
  };
}

/** In a hook: stays until the test lets it go. */
const stays = "while (!(await storage.get('over'))) await new Promise((next) => setTimeout(next, 20));";

const adds = (word: string) => `return { ...input.value, trail: [...input.value.trail, "${word}"] };`;

/** Asks until it is so; fails by the test's own time limit. */
async function until<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("plugins change an action's input one after the other: early, normal by age, late", async (t) => {
  const { add, run, tenant } = await start(t);
  const late = await add("late", { "action.beforeRun": { order: "late", run: adds("late") } });
  await add("first", { "action.beforeRun": adds("first") });
  await add("second", { "action.beforeRun": adds("second") });
  await add("early", { "action.beforeRun": { order: "early", run: adds("early") } });
  await add("reader", { "action.beforeRun": "return undefined;" });
  const { body } = await run({ note: "kept" });
  assert.deepEqual(body.output, { trail: ["early", "first", "second", "late"], note: "kept" });

  const { items } = (await tenant.api.get(`/api/v1/hook-changes?callId=${body.callId}`)).body;
  assert.deepEqual(
    items.map(({ plugin, patch }: { plugin: string; patch: unknown }) => [plugin, patch]),
    ["early", "first", "second", "late"].map((word, index) => [
      `acme/${word}`,
      [{ op: "add", path: `/trail/${index}`, value: word }],
    ]),
  );
  const { id, createdAt, connectionId, ...change } = items.at(-1);
  assert.deepEqual(change, {
    callId: body.callId,
    hook: "action.beforeRun",
    plugin: "acme/late",
    version: "1.0.0",
    installId: late.installId,
    patch: [{ op: "add", path: "/trail/3", value: "late" }],
  });
  assert.ok(id && createdAt && connectionId);
});

test("a hook is told what is about to run, and answers with the whole value", async (t) => {
  const { add, run } = await start(t);
  const { read } = await add("teller", { "action.beforeRun": "await storage.set('told', input);" });
  await run({ note: "hello" });
  const told = (await read("told")) as { connectionId: string };
  assert.match(told.connectionId, /^con_/);
  assert.deepEqual(told, {
    plugin: "acme/shop",
    action: "order",
    connectionId: told.connectionId,
    value: { trail: [], note: "hello" },
  });
});

test("a hook that throws, takes too long, crashes or answers nonsense is skipped, and the rest goes on", {
  timeout: 120_000,
}, async (t) => {
  // Its own: the others may take a while to start.
  const pluginSettings = { plugins: { "acme/hangs": { limits: { hookMs: 1_000 } } } };
  const { add, run, runs, host } = await start(t, { pluginSettings });
  await add("before", { "action.beforeRun": { order: "early", run: adds("before") } });
  await add("throws", { "action.beforeRun": "throw new Error('not my day');" });
  await add("hangs", { "action.beforeRun": "await new Promise(() => {});" });
  await add("spins", { "action.beforeRun": "for (;;) {}" });
  await add("crashes", {
    "action.beforeRun": "const all = []; for (;;) all.push(new Array(10000).fill({}));",
  });
  await add("unfitting", { "action.beforeRun": "return { ...input.value, added: 1 };" });
  await add("nonsense", { "action.beforeRun": "return 'nonsense';" });
  await add("cyclic", { "action.beforeRun": "const a = {}; a.a = a; return a;" });
  await add("after", { "action.beforeRun": { order: "late", run: adds("after") } });
  const { status, body } = await run();
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body.output, { trail: ["before", "after"] });
  const outcomes = new Map((await runs()).map((line) => line.split(" ").slice(1, 3) as [string, string]));
  assert.equal(outcomes.get("acme/before"), "changed");
  assert.equal(outcomes.get("acme/after"), "changed");
  assert.equal(outcomes.get("acme/throws"), "plugin-failed");
  assert.equal(outcomes.get("acme/hangs"), "plugin-deadline-exceeded");
  assert.equal(outcomes.get("acme/unfitting"), "hook-answer-invalid");
  assert.equal(outcomes.get("acme/nonsense"), "hook-answer-invalid");
  assert.equal(outcomes.get("acme/cyclic"), "action-output-invalid");
  for (const plugin of ["acme/spins", "acme/crashes"]) assert.match(outcomes.get(plugin) ?? "", /^plugin-/);
  assert.match(
    (await host.anonymous.get("/metrics")).body,
    /limit_reached_total\{plugin="acme\/hangs",limit="hookMs"\} 1/,
  );
  assert.ok(host.logged().includes("a hook failed and was skipped"));
});

test("observers see how an action went, and nobody waits for them", async (t) => {
  const { add, run } = await start(t);
  const { read } = await add("observer", {
    "action.afterRun": `const seen = await storage.get('seen') ?? []; await storage.set('seen', [...seen, input]);`,
  });
  const { body } = await run();
  await until(
    () => read("seen"),
    (seen) => Array.isArray(seen) && seen.length === 1,
  );
  assert.equal((await run({ note: "fail" })).body.code, "plugin-failed");
  const seen = (await until(
    () => read("seen"),
    (all) => Array.isArray(all) && all.length === 2,
  )) as Record<string, unknown>[];
  assert.deepEqual(
    seen.map(({ plugin, action, outcome }) => ({ plugin, action, outcome })),
    ["ok", "plugin-failed"].map((outcome) => ({ plugin: "acme/shop", action: "order", outcome })),
  );
  assert.equal(seen[0]?.callId, body.callId);
  assert.ok(!JSON.stringify(seen).includes("trail"), "an observer sees neither input nor output");
});

test("what was refused before it ran is told to nobody", async (t) => {
  const { add, run, runs } = await start(t);
  await add("both", { "action.beforeRun": adds("x"), "action.afterRun": "return;" });
  assert.equal((await run({ unknown: 1 })).status, 422);
  assert.deepEqual(await runs(), []);
});

test("a plugin hears nothing of other tenants, of itself, or of what it was not granted", async (t) => {
  const scene = await start(t);
  const { host, publisher, run, runs } = scene;
  const stranger = await host.tenant();
  await addPlugin({ host, publisher }, stranger, "spy", {
    "action.beforeRun": adds("spied"),
    "action.afterRun": "return;",
  });
  const itself = await scene.add("itself", { "action.beforeRun": adds("itself") });
  await itself.read("its own action");
  const ungranted = { id: "acme/ungranted", hooks: { "action.beforeRun": adds("ungranted") } };
  await assert.rejects(publishTestPlugin(host.address, publisher, ungranted), /plugin.json has 1 problem/);
  assert.deepEqual((await run()).body.output, { trail: ["itself"] });
  const { items } = (await stranger.api.get("/api/v1/hook-changes")).body;
  assert.deepEqual(items, []);
  assert.deepEqual(await runs(), ["action.beforeRun acme/itself changed 1"]);
});

test("a hook's own call sets off no hooks", async (t) => {
  const { add, run, runs } = await start(t);
  for (const name of ["one", "two"])
    await add(name, { "action.beforeRun": adds(name), "action.afterRun": "return;" });
  await run();
  const all = await until(runs, (lines) => lines.length >= 4);
  assert.ok(
    all.every((line) => line.endsWith(" 1")),
    all.join("; "),
  );
});

test("an install that is disabled, removed or upgraded is heard or not from the next call on", async (t) => {
  const { add, run, tenant, host, publisher } = await start(t);
  const { installId } = await add("switch", { "action.beforeRun": adds("one") });
  const trail = async () => ((await run()).body.output as { trail: string[] }).trail;
  assert.deepEqual(await trail(), ["one"]);
  await tenant.api.patch(`/api/v1/installs/${installId}`, { status: "disabled" });
  assert.deepEqual(await trail(), []);
  await tenant.api.patch(`/api/v1/installs/${installId}`, { status: "active" });
  assert.deepEqual(await trail(), ["one"]);
  const storage = { maxBytes: 100_000, reason: "Remember what was seen" };
  const hooks = { names: ["action.beforeRun"], reason: "Look after orders" };
  await publishTestPlugin(host.address, publisher, {
    id: "acme/switch",
    version: "1.1.0",
    hooks: { "action.beforeRun": adds("two") },
    permissions: { storage, hooks } as never,
  });
  const upgraded = await tenant.api.patch(`/api/v1/installs/${installId}`, { range: "1.1.0" });
  assert.equal(upgraded.status, 200, JSON.stringify(upgraded.body));
  assert.deepEqual(await trail(), ["two"]);
});

test("a hook that is in quarantine is counted for each call, and told in the log once", async (t) => {
  const limits = { quarantineCrashes: 1, blockMs: 100 };
  const pluginSettings = { plugins: { "acme/spins": { limits } } };
  const { add, run, runs, host } = await start(t, { pluginSettings });
  await add("spins", { "action.beforeRun": "for (;;) {}" });
  const skipped = () =>
    runs().then((lines) => Number(/plugin-quarantined (\d+)/.exec(lines.join())?.[1] ?? 0));
  for (let tries = 0; (await skipped()) < 3; tries += 1) {
    assert.ok(tries < 40);
    assert.equal((await run()).status, 200);
  }
  const told = host.logged().match(/"outcome":"plugin-quarantined"/g);
  assert.equal(told?.length, 1);
});

test("observers beyond what may be in flight are skipped and counted", async (t) => {
  const sandboxLimits = { observersPerTenant: 1, hostObservers: 1 };
  const { add, run, runs, host } = await start(t, { sandboxLimits });
  const { read, letGo } = await add("slow", {
    "action.afterRun": `await storage.set("begun", true); ${stays}`,
  });
  const other = await host.tenant();
  await connect(other, "acme/slow");
  const { connectionId } = await connect(other, "acme/shop");
  await run();
  await until(
    () => read("begun"),
    (begun) => begun === true,
  );
  await run();
  await until(runs, (lines) => lines.includes("action.afterRun acme/slow hook-busy 1"));
  assert.match(
    (await host.anonymous.get("/metrics")).body,
    /limit_reached_total\{plugin="acme\/slow",limit="observersPerTenant"\} 1/,
  );

  await other.api.post(`/api/v1/connections/${connectionId}/actions/order`, { input: { trail: [] } });
  await until(runs, (lines) => lines.includes("action.afterRun acme/slow hook-busy 2"));
  assert.match(
    (await host.anonymous.get("/metrics")).body,
    /limit_reached_total\{plugin="acme\/slow",limit="hostObservers"\} 1/,
  );
  await letGo();
});

test("what hooks changed is for keys with its own scope, of their own tenant, and too large a patch is left out", async (t) => {
  const { add, run, host, tenant } = await start(t, { sandboxLimits: { hookChangeBytes: 100 } });
  await add("long", { "action.beforeRun": "return { ...input.value, note: 'x'.repeat(200) };" });
  const { body } = await run();
  assert.equal((body.output as { note: string }).note.length, 200);
  const path = `/api/v1/hook-changes?callId=${body.callId}`;
  const { items } = (await tenant.api.get(path)).body;
  assert.deepEqual(
    items.map(({ plugin, patch }: { plugin: string; patch: unknown }) => ({ plugin, patch })),
    [{ plugin: "acme/long", patch: null }],
  );
  assert.deepEqual((await (await host.tenant()).api.get(path)).body.items, []);
  assert.equal((await (await host.tenant(["actions:run", "installs:*"])).api.get(path)).status, 403);
});
