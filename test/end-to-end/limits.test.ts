/** Each limit that the host holds around a plugin is reached, has its code, and is counted under its name. */
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import pg from "pg";
import { gateHost, startGate } from "../support/gate.ts";
import { connect, startTestHost, type TestHostOptions } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

const storage = { maxBytes: 100_000, reason: "Remember" };
const events = { publish: ["payment.*"], reason: "Tell" };

const actions = {
  /** Calls a capability once for each list of arguments, all at once, and answers how each went. */
  use: {
    run: `const { storage: s, events: e } = { storage, events };
      const tries = input.all.map((args) => input.of === "storage" ? s[input.name](...args) : e[input.name](...args));
      const outcomes = await Promise.allSettled(tries);
      return outcomes.map(({ status, reason }) => status === "fulfilled" ? "ok" : reason.code);`,
  },
  /** Answers how the first ones went that ended at all. */
  "use-some": {
    run: `const tries = input.all.map((args) => storage[input.name](...args));
      return [await Promise.race(tries.map((each) => each.then(() => "ok", (error) => error.code)))];`,
  },
  "let-pass": { run: "await Promise.all(input.keys.map((key) => storage.set(key, 1)));" },
  // In two pieces: written whole, the registry would not publish it for a plugin without the permission.
  fetch: { run: "return (await fetch('https:' + '//api.vendor.test/')).status;" },
  wait: { run: "await new Promise((resolve) => setTimeout(resolve, input.ms)); return 'done';" },
  spin: { run: "for (;;) {}" },
  long: { run: "return 'x'.repeat(input.length);" },
  log: { run: "for (let i = 0; i < input.lines; i++) log.info('a line'); return 'done';" },
};

async function start(t: TestContext, options: TestHostOptions = {}) {
  const host = await startTestHost(t, { isolation: "thread", ...options });
  const publisher = await registerPublisher(host.address, "acme");
  const network = [{ hosts: ["api.vendor.test"], methods: ["GET" as const], reason: "Call the vendor" }];
  await publishTestPlugin(host.address, publisher, {
    id: "acme/greedy",
    actions,
    permissions: { storage, events, network },
  });
  const tenant = await host.tenant();
  const { connectionId } = await connect(tenant, "acme/greedy");
  const call = (action: string, input: object = {}) =>
    tenant.api.post(`/api/v1/connections/${connectionId}/actions/${action}`, { input });
  return {
    host,
    publisher,
    tenant,
    call,
    async use(of: "storage" | "events", name: string, all: unknown[][]): Promise<string[]> {
      return (await call("use", { of, name, all })).body.output;
    },
    async reached(limit: string, plugin = "acme/greedy"): Promise<number> {
      const metrics = (await host.anonymous.get("/metrics")).body as string;
      const line = metrics
        .split("\n")
        .find((each) =>
          each.startsWith(`plugboard_plugin_limit_reached_total{plugin="${plugin}",limit="${limit}"}`),
        );
      return Number(line?.split(" ").at(-1) ?? 0);
    },
  };
}

const count = (codes: string[], code: string) => codes.filter((each) => each === code).length;

const inside: [
  limit: string,
  value: number,
  of: "storage" | "events",
  name: string,
  all: unknown[][],
  code: string,
  times: number,
][] = [
  [
    "storageBytes",
    20,
    "storage",
    "set",
    [
      ["a", "x".repeat(30)],
      ["b", 1],
    ],
    "storage-quota-exceeded",
    1,
  ],
  [
    "storageValueBytes",
    10,
    "storage",
    "set",
    [
      ["a", "x".repeat(9)],
      ["b", "x"],
    ],
    "storage-value-too-large",
    1,
  ],
  [
    "storageKeys",
    2,
    "storage",
    "set",
    [
      ["a", 1],
      ["b", 1],
      ["c", 1],
    ],
    "storage-too-many-keys",
    1,
  ],
  [
    "storageOperations",
    2,
    "storage",
    "set",
    [
      ["a", 1],
      ["b", 1],
      ["c", 1],
      ["d", 1],
    ],
    "storage-busy",
    2,
  ],
  [
    "eventBytes",
    10,
    "events",
    "publish",
    [
      ["payment.a", "x".repeat(9)],
      ["payment.b", 1],
    ],
    "event-too-large",
    1,
  ],
  [
    "events",
    2,
    "events",
    "publish",
    [
      ["payment.a", 1],
      ["payment.b", 1],
      ["payment.c", 1],
    ],
    "events-limit-exceeded",
    1,
  ],
  [
    "eventsPerMinute",
    2,
    "events",
    "publish",
    [
      ["payment.a", 1],
      ["payment.b", 1],
      ["payment.c", 1],
    ],
    "events-limit-exceeded",
    1,
  ],
  [
    "eventStorageBytes",
    1_500,
    "events",
    "publish",
    [
      ["payment.a", 1],
      ["payment.b", 1],
      ["payment.c", 1],
    ],
    "events-limit-exceeded",
    1,
  ],
];

test("each limit inside a call refuses with its code, and is counted", async (t) => {
  const idOf = (limit: string) => `acme/${limit.toLowerCase()}`;
  const plugins = inside.map(([limit, value]) => [idOf(limit), { limits: { [limit]: value } }]);
  const { host, publisher, tenant, reached } = await start(t, {
    pluginSettings: { plugins: Object.fromEntries(plugins) },
  });
  for (const [limit, , of, name, all, code, times] of inside)
    await t.test(`${limit}: ${code}`, async () => {
      const id = idOf(limit);
      await publishTestPlugin(host.address, publisher, { id, actions, permissions: { storage, events } });
      const { connectionId } = await connect(tenant, id);
      const path = `/api/v1/connections/${connectionId}/actions/use`;
      const codes: string[] = (await tenant.api.post(path, { input: { of, name, all } })).body.output;
      assert.equal(count(codes, code), times, codes.join());
      assert.equal(count(codes, "ok"), all.length - times);
      assert.equal(await reached(limit, id), times);
    });
});

test("a limit that plugin code lets pass reaches the caller under a code of the host's", async (t) => {
  const { call } = await start(t, { sandboxLimits: { storageOperations: 1 } });
  const { status, body } = await call("let-pass", { keys: ["a", "b"] });
  assert.deepEqual([status, body.code, body.reason], [429, "plugin-busy", "storage-busy"]);
});

test("a tenant whose plugin waits at the database is held to its part, and its calls still end", async (t) => {
  const limits = { hostQueriesPerTenant: 1, hostQueryWaitMs: 50 };
  const { host, call, use, reached } = await start(t, { sandboxLimits: limits });
  assert.deepEqual(await use("storage", "set", [["a", 1]]), ["ok"]);
  const holder = new pg.Client({ connectionString: host.databaseUrl });
  await holder.connect();
  await holder.query("begin; select from core.plugin_storage_usage for update");
  const sets = { of: "storage", name: "set", all: ["a", "b", "c"].map((key) => [key, 2]) };
  const held = call("use-some", sets);
  const codes = (await held).body.output;
  assert.deepEqual(codes, ["database-busy"]);
  assert.equal(await reached("hostQueriesPerTenant"), 1);
  assert.match(host.logged(), /a call left something behind that has not ended yet/);
  await holder.query("rollback");
  await holder.end();
  // The one that was left behind ends when PostgreSQL has answered it, and only then there is room for another.
  let outcome: string[];
  do outcome = await use("storage", "set", [["a", 3]]);
  while (outcome[0] === "database-busy");
  assert.deepEqual(outcome, ["ok"]);
});

test("limits of the sandbox, of the host and of requests are the operator's, and are counted", async (t) => {
  const { host, publisher, tenant, call, reached } = await start(t, {
    pluginSettings: {
      defaults: { limits: { outputBytes: 2_000, inputBytes: 2_000, logLines: 5 } },
      // It counts from the call, and so would the start of what ends by itself, however long that takes.
      plugins: { "acme/waiting": { limits: { deadlineMs: 200 } } },
    },
  });
  await publishTestPlugin(host.address, publisher, { id: "acme/waiting", actions: { wait: actions.wait } });
  const { connectionId } = await connect(tenant, "acme/waiting");
  const path = `/api/v1/connections/${connectionId}/actions/wait`;
  const late = await tenant.api.post(path, { input: { ms: 60_000 } });
  assert.deepEqual([late.status, late.body.code], [504, "plugin-deadline-exceeded"]);
  assert.equal(await reached("deadlineMs", "acme/waiting"), 1);

  const expected: [limit: string, action: string, input: object, status: number, code: string][] = [
    ["outputBytes", "long", { length: 3_000 }, 502, "plugin-output-too-large"],
    ["inputBytes", "long", { length: 1, more: "x".repeat(3_000) }, 413, "plugin-input-too-large"],
  ];
  for (const [limit, action, input, status, code] of expected) {
    const answer = await call(action, input);
    assert.deepEqual([answer.status, answer.body.code], [status, code]);
    assert.equal(await reached(limit), 1, limit);
  }
  assert.equal((await call("log", { lines: 50 })).status, 200);
  assert.ok((await reached("logLines")) >= 1);
});

test("a plugin has its own limits, and its neighbour those of all", async (t) => {
  const { host, publisher, tenant, call, reached } = await start(t, {
    pluginSettings: {
      defaults: { limits: { storageKeys: 1 } },
      plugins: { "acme/greedy": { limits: { storageKeys: 3 } } },
    },
  });
  await publishTestPlugin(host.address, publisher, { id: "acme/modest", actions, permissions: { storage } });
  const { connectionId } = await connect(tenant, "acme/modest");
  const input = {
    of: "storage",
    name: "set",
    all: [
      ["a", 1],
      ["b", 1],
      ["c", 1],
    ],
  };
  assert.deepEqual((await call("use", input)).body.output, ["ok", "ok", "ok"]);
  const modest = await tenant.api.post(`/api/v1/connections/${connectionId}/actions/use`, { input });
  assert.equal(count(modest.body.output, "storage-too-many-keys"), 2);
  assert.deepEqual([await reached("storageKeys"), await reached("storageKeys", "acme/modest")], [0, 2]);
});

test("calls in flight of a tenant are held, and said to be", async (t) => {
  const gate = await startGate(t);
  const { call, reached } = await start(t, {
    egressRewrite: { "api.vendor.test": gate.rewrite[gateHost] ?? "" },
    sandboxLimits: { callsPerTenant: 2 },
  });
  const held = [call("fetch"), call("fetch")];
  await gate.reached(2);
  for (const more of [await call("fetch"), await call("fetch")])
    assert.deepEqual([more.status, more.body.code], [429, "plugin-tenant-busy"]);
  gate.open();
  for (const { status } of await Promise.all(held)) assert.equal(status, 200);
  assert.equal(await reached("callsPerTenant"), 2);
});
