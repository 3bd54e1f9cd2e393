import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createPluginFetch } from "../../egress/index.ts";
import { createTestEffects } from "../../testing/effects.ts";
import { createTestHost, type TestHost } from "../../testing/index.ts";
import { createAuthor, manifestWith } from "../cli/author.ts";

const start = "2026-01-31T12:00:00.000Z";
const rows: { id: string }[] = [];
let isDown = false;
let busy: Response[] = [];
const MiB = 1024 * 1024;
let sentMiB = 0;
const large = new ReadableStream({
  pull(sending) {
    sending.enqueue(new Uint8Array(MiB));
    if (++sentMiB === 40) sending.close();
  },
});
let host: TestHost;

before(async (t) => {
  // biome-ignore lint/suspicious/noExplicitAny: the context of a hook has `after` as that of a test has
  const author = await createAuthor(t as any);
  await author.write({
    "plugin.json": manifestWith({
      permissions: {
        network: [
          { hosts: ["api.example.com"], methods: ["GET", "POST"], reason: "Reach the lamps" },
          { hosts: ["wss.example.com"], methods: ["WEBSOCKET"], reason: "Hear the lamps" },
        ],
        events: { publish: ["lamp.*"], reason: "Tells" },
      },
      requests: { retries: { replies: [{ at: "/code", is: ["busy"], nothingDone: true }] } },
      auth: [{ type: "apiKey", in: "header", name: "X-Key" }],
    }),
    "index.ts": `
import { action, definePlugin, entity, InvalidInputError, RateLimitedError, requestJson, trigger, Type } from "@plugboard/plugin-sdk";
const asAction = (run) => action({ title: "x", input: Type.Object({ url: Type.Optional(Type.String()), init: Type.Optional(Type.Unknown()) }), output: Type.Unknown(), run });
class Later extends Date {}
export default definePlugin({
  actions: {
    times: asAction(() => [Date.now(), new Date().toISOString(), new Later() instanceof Date, new Date(0).getTime(),
      new Date(2026, 0).getFullYear(), Date.UTC(2026, 0), Date.parse("1970-01-01T00:00:01Z"), Date() === new Date().toString(), Date.length, new Date() instanceof Date]),
    ask: asAction(async ({ input, fetch }) => {
      try {
        const response = await fetch(input.url, input.init);
        return { status: response.status, url: response.url, text: await response.text(), cookie: response.headers.get("set-cookie") };
      } catch (error) { return { code: error.code, message: error.message }; }
    }),
  },
  entities: {
    lamp: entity({ title: "Lamp", schema: Type.Object({ id: Type.String() }), key: "id", input: Type.Object({ id: Type.String() }),
      create: ({ record }) => record,
      batch: { most: 10, async create({ writes, fetch }) {
        const body = JSON.stringify(writes.map(({ record, idempotencyKey }) => [record.id, idempotencyKey]));
        const response = await fetch("https://api.example.com/busy", { method: "POST", body });
        const { wrong, retryAfterMs } = await response.json();
        return writes.map(({ record: { id } }) => response.ok ? { key: id }
          : { error: id === wrong ? new InvalidInputError("wrong") : new RateLimitedError("busy", { retryAfterMs }) });
      } } }),
  },
  triggers: {
    row: trigger({ title: "Row", kind: "polling", intervalSeconds: 60, output: Type.Object({ id: Type.String() }), dedupeKey: ({ id }) => id,
      async poll({ cursor, startAt, fetch }) {
        const from = Number(cursor ?? 0);
        const rows = await requestJson(fetch, "https://api.example.com/rows?from=" + from + "&startAt=" + startAt);
        return { items: rows, cursor: String(from + rows.length), hasMore: rows.length === 2 };
      } }),
    lit: trigger({ title: "Lit", kind: "stream", output: Type.Object({ id: Type.String() }), dedupeKey: ({ id }) => id,
      config: Type.Object({ host: Type.Optional(Type.String()) }),
      connect: ({ config, state, lastClose }) => ({ url: "wss://" + (config.host ?? "wss.example.com") + "/lamps", headers: { "x-client": "mine" },
        send: [JSON.stringify({ from: state, lastClose })], heartbeat: { everyMs: 30_000, send: "beat" } }),
      message({ message }) {
        const { id, dark } = JSON.parse(message);
        if (dark) throw new Error("too dark");
        return { items: [{ id }], state: id, send: ["ack " + id] };
      } }),
  },
  hooks: { async install({ events }) { await events.publish("lamp.on", 1); throw new Error("no"); } },
});
`,
  });
  host = await createTestHost({
    directory: author.folder,
    now: start,
    answer(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname === "/away") return Response.redirect("https://api.example.com/rows?from=0", 302);
      if (pathname === "/elsewhere") return Response.redirect("https://other.example.com/", 302);
      if (pathname === "/broken") throw new Error("no route");
      if (pathname === "/cookie") return new Response("x", { headers: { "set-cookie": "a=b" } });
      if (pathname === "/headers") return Response.json([...request.headers]);
      if (pathname === "/busy") return busy.shift() ?? Response.json({});
      if (pathname === "/large") return new Response(large);
      if (isDown) return new Response("", { status: 503, headers: { "retry-after": "600" } });
      const from = Number(searchParams.get("from"));
      return Response.json(rows.slice(from, from + 2));
    },
  });
});

after(() => host.close());

const ask = (path: string, init: object = {}) =>
  host.run("ask", { url: `https://api.example.com${path}`, init: init as never });

test("the plugin's clock is the test's, and stands still until it is moved", async () => {
  const at = Date.parse(start);
  const rest = [true, 0, 2026, Date.UTC(2026, 0), 1_000, true, 7, true];
  assert.deepEqual(await host.run("times", {}), [at, start, ...rest]);
  await host.clock.advance(90_000);
  assert.deepEqual(await host.run("times", {}), [at + 90_000, "2026-01-31T12:01:30.000Z", ...rest]);
  assert.equal(host.clock.now(), at + 90_000);
  await assert.rejects(host.clock.advance(-1), RangeError);
});

test("a trigger that is switched on tells each new item once, whenever it is due", async () => {
  rows.push({ id: "1" }, { id: "2" }, { id: "3" });
  const trigger = await host.trigger("row");
  assert.deepEqual(
    [trigger.cursor, host.events],
    ["3", []],
    "what is there already is remembered, over all pages",
  );
  const toldFrom = () => new URL(host.requests.at(-1)?.url ?? "").searchParams.get("startAt");
  assert.equal(toldFrom(), "now", "on the first run's last page too");
  rows.push({ id: "4" }, { id: "5" }, { id: "4" });
  await host.clock.advance(59_999);
  assert.deepEqual(host.events, []);
  await host.clock.advance(1);
  assert.equal(toldFrom(), "beginning", "what it finds from now on is told");
  const told = () => host.events.map(({ type, data }) => [type, data]);
  assert.deepEqual(told(), [
    ["trigger.row", { id: "4" }],
    ["trigger.row", { id: "5" }],
  ]);
  rows.push({ id: "6" });
  assert.deepEqual(await trigger.poll(), [{ id: "6" }]);
  assert.deepEqual(await trigger.poll(), []);

  isDown = true;
  await host.clock.advance(60_000);
  assert.equal((trigger.lastError as { code?: string } | undefined)?.code, "vendor-unavailable");
  assert.equal(trigger.nextPollAt, host.clock.now() + 600_000, "as long as the vendor asked for");
  isDown = false;
  rows.push({ id: "7" });
  await host.clock.advance(600_000);
  assert.deepEqual([told().length, trigger.failures, trigger.lastError], [4, 0, undefined]);
  const whole = await host.trigger("row", { startAt: "beginning" });
  assert.deepEqual([told().length, whole.cursor], [11, "8"], "from the beginning, each key once");
  await assert.rejects(host.trigger("none"), /no trigger to call "none"; it has row/);
});

test("requests are held to what a host sends, and are there to look at", async () => {
  host.requests.length = 0;
  const refused = async (path: string, init: object = {}) =>
    ((await ask(path, init)) as { code: string }).code;
  assert.equal(await refused("/rows", { headers: { Cookie: "a=b" } }), "fetch-invalid-request");
  assert.equal(await refused("/rows", { method: "DELETE" }), "fetch-not-granted");
  assert.equal(await refused("/elsewhere"), "fetch-not-granted");
  assert.equal(await refused("/broken"), "fetch-failed");
  assert.deepEqual(
    host.requests.map(({ refused }) => refused),
    ["fetch-invalid-request", "fetch-not-granted", "fetch-not-granted", "fetch-failed"],
  );
  const followed = (await ask("/away")) as { url: string };
  assert.equal(followed.url, "https://api.example.com/rows?from=0");
  assert.equal(((await ask("/cookie")) as { cookie: null }).cookie, null, "plugins have no cookies");
  const init = { headers: { authorization: "mine", "x-key": "mine", "x-other": "kept" } };
  const sent = JSON.parse(((await ask("/headers", init)) as { text: string }).text) as [string, string][];
  assert.deepEqual(sent, [["x-other", "kept"]], "where the credential goes the host alone writes");
  await ask("/rows?from=0", { method: "POST", body: '{"a":[1]}' });
  assert.partialDeepStrictEqual(host.requests.at(-1), {
    method: "POST",
    json: { a: [1] },
    body: '{"a":[1]}',
    status: 200,
  });
});

test("a batch is called for again with what the vendor was too busy for, as often as a host does", async () => {
  const refused = (told: object) => Response.json(told, { status: 429 });
  async function write(...replies: Response[]) {
    host.requests.length = 0;
    busy = replies;
    const writes = ["a", "b", "c"].map((id) => ({ op: "create" as const, record: { id } }));
    const outcomes = await host.batch("lamp", writes);
    const asked = host.requests.map(({ json }) => json as [id: string, key: string][]);
    return { outcomes: outcomes.map((one) => (one.status === "failed" ? one.code : one.status)), asked };
  }
  const { outcomes, asked } = await write(refused({ wrong: "b" }));
  assert.deepEqual(outcomes, ["succeeded", "invalid-input", "succeeded"]);
  const [first = [], again] = asked;
  assert.deepEqual(again, [first[0], first[2]]);

  const timesAsked = async (told: object) => {
    const { outcomes, asked } = await write(...Array.from({ length: 9 }, () => refused(told)));
    assert.deepEqual(outcomes, ["rate-limited", "rate-limited", "rate-limited"]);
    return asked.length;
  };
  assert.equal(await timesAsked({}), 5);
  assert.equal(await timesAsked({ retryAfterMs: 20_000 }), 3);
  assert.equal(await timesAsked({ retryAfterMs: 60_000 }), 1);
});

test("of a reply nothing is taken that is too large, or comes when nobody waits any more", async () => {
  assert.equal(
    ((await ask("/large", { method: "POST" })) as { code: string }).code,
    "fetch-response-too-large",
  );
  assert.ok(sentMiB < 15, `${sentMiB} MiB were taken`);

  const controller = new AbortController();
  const waiting = new ReadableStream({
    pull() {
      controller.abort();
      return new Promise(() => {});
    },
  });
  const requests = { retries: { replies: [{ at: "/code", is: ["busy"], nothingDone: true as const }] } };
  const send = createTestEffects(requests).sending(async () => new Response(waiting));
  const network = [{ hosts: ["api.example.com"], methods: ["POST" as const], reason: "Reach the lamps" }];
  const given = { send, credential: undefined, config: {}, trace: () => {} };
  const post = { method: "POST", url: "https://api.example.com/", headers: [], body: null };
  const sent = createPluginFetch({ permissions: { network } }, given)(post, {
    signal: controller.signal,
  } as never);
  await assert.rejects(async () => sent, { code: "fetch-failed" });
});

test("a trigger on a stream hears what the test says, and the test what the trigger says", async () => {
  const before = host.events.length;
  const stream = await host.stream("lit");
  assert.deepEqual(stream.connections, [
    { url: "wss://wss.example.com/lamps", headers: { "x-client": "mine" }, protocols: [] },
  ]);
  assert.deepEqual(await stream.receive('{"id":"1"}', '{"id":"2"}', '{"id":"1"}'), [
    { id: "1" },
    { id: "2" },
  ]);
  await assert.rejects(stream.receive('{"id":"3"}', '{"dark":true}'), {
    name: "PluginFailure",
    message: "too dark",
  });
  assert.equal(stream.state, "3");
  await host.clock.advance(60_000);
  await stream.close(4000, "bye");
  assert.deepEqual(stream.sent, [
    '{"from":null,"lastClose":null}',
    ...["ack 1", "ack 2", "ack 1", "ack 3"],
    '{"from":"3","lastClose":null}',
    ...["beat", "beat"],
    '{"from":"3","lastClose":{"code":4000,"reason":"bye"}}',
  ]);
  const told = host.events.slice(before).map(({ type, data }) => [type, data]);
  assert.deepEqual(
    told,
    ["1", "2", "3"].map((id) => ["trigger.lit", { id }]),
  );
  await assert.rejects(stream.receive({ base64: "AQ==" }), /permissions\.binary/);
  await assert.rejects(
    host.stream("lit", { config: { host: "other.example.com" } }),
    /WEBSOCKET https:\/\/other/,
  );
  await assert.rejects(
    host.stream("row"),
    /no trigger to call "row\.open"; it has row, lit\.open, lit\.receive/,
  );
});

test("what an install hook that fails has told is not told", async () => {
  const before = host.events.length;
  await assert.rejects(host.hook("install", { version: "1.0.0" }), { message: "no" });
  assert.equal(host.events.length, before);
});
