/** Triggers on vendors' WebSockets: what comes over them is told as events, whatever comes between. */
import assert from "node:assert/strict";
import test from "node:test";
import type { TriggerContribution } from "@plugboard/plugin-sdk/manifest";
import pg from "pg";
import { createTestApi, type TestAnswer } from "../support/api.ts";
import { connect, startTestHost, type TestTenant } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";
import { startStreamVendor } from "../support/stream-vendor.ts";

const posted: TriggerContribution = {
  title: "Message posted",
  kind: "stream",
  unauthorizedCodes: [4401],
  config: { type: "object", properties: { room: { type: "string" } }, additionalProperties: false },
  output: {
    type: "object",
    properties: { id: { type: "integer" }, text: { type: "string" } },
    required: ["id"],
    additionalProperties: false,
  },
};
const json = (value: object) => JSON.stringify(value).slice(1, -1);
const key = "stream-key-0123456789-abcdef";

/** Waits until something comes true, as the host will make it. */
async function until<T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((go) => setTimeout(go, 10))) {
    const found = await look();
    if (found) return found;
  }
  throw new Error("It did not come true.");
}

test("triggers on streams", async (t) => {
  const vendor = await startStreamVendor(t);
  const egressRewrite = { "wss.vendor.test": vendor.url, "api.vendor.test": vendor.url };
  const pluginSettings = {
    defaults: { limits: { streamMessageBytes: 64 * 1024 } },
    plugins: { "acme/full": { limits: { eventsPerMinute: 3 } } },
  };
  const host = await startTestHost(t, { isolation: "thread", egressRewrite, pluginSettings });
  const db = new pg.Client({ connectionString: host.databaseUrl });
  db.on("error", () => {});
  await db.connect();
  t.after(() => db.end());
  const publisher = await registerPublisher(host.address, "acme");
  const publish = (id: string, version: string) =>
    publishTestPlugin(host.address, publisher, {
      id,
      version,
      permissions: {
        network: [
          { hosts: ["wss.vendor.test"], methods: ["WEBSOCKET"], reason: "Hear what is said" },
          { hosts: ["api.vendor.test"], methods: ["GET", "POST"], reason: "Ask where to listen" },
        ],
      },
      offers: {
        contributes: { triggers: { posted } },
        code: `triggers: {
          posted: {
            ${json(posted)},
            async open({ state, config, lastClose, fetch }) {
              const { url } = await (await fetch("https://api.vendor.test/open", { method: "POST" })).json();
              return {
                url: url + "?room=" + (config.room ?? "main") + "&version=${version}",
                headers: { "x-client": "plugin" },
                protocols: ["chat.v2", "chat.v1"],
                send: [JSON.stringify({ hello: state, lastClose })],
                heartbeat: { everyMs: 1000, send: "beat" },
              };
            },
            async receive({ messages, state, fetch }) {
              const items = [], send = [];
              let last = state, reconnect = false;
              for (const text of messages) {
                const message = JSON.parse(text);
                if (message.crash) throw new Error("I cannot read this.");
                if (message.wait) await fetch("https://api.vendor.test/wait");
                if (message.reconnect) { reconnect = true; break; }
                items.push({ key: String(message.id), item: { id: message.id, text: text } });
                send.push(JSON.stringify({ ack: message.id }));
                last = message.id;
              }
              return { items, send, state: last, reconnect };
            },
          },
        },`,
      },
    });
  await publish("acme/chat", "1.0.0");
  await publish("acme/full", "1.0.0");
  async function fresh(plugin = "acme/chat") {
    vendor.handshakes.length = 0;
    vendor.heard.length = 0;
    vendor.greet = () => {};
    vendor.intercept = () => false;
    vendor.answer = () => ({ body: { url: "wss://wss.vendor.test/link" } });
    const tenant: TestTenant = await host.tenant();
    const { connectionId, installId } = await connect(tenant, plugin, { key });
    const place = `/api/v1/connections/${connectionId}/triggers/posted`;
    const put = (body: object): Promise<TestAnswer> =>
      tenant.api.send("PUT", place, {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const state = async () => (await tenant.api.get(place)).body.state;
    const first = vendor.sockets.length;
    return {
      tenant,
      connectionId,
      installId,
      place,
      put,
      state,
      /** Its sockets so far. */
      sockets: () => vendor.sockets.slice(first),
      socket: (count = 1) =>
        until(() => vendor.sockets.length >= first + count && vendor.sockets[first + count - 1]),
      status: (status: string) =>
        until(async () => {
          const now = await state();
          return now.status === status && now;
        }),
      heard: (text: string) => until(() => vendor.heard.includes(text)),
      async told() {
        const { body } = await tenant.api.get("/api/v1/events?type=trigger.posted");
        return body.items.map((event: { data: { id: number } }) => event.data.id);
      },
      async off() {
        assert.equal((await put({ enabled: false })).status, 200);
        await until(() => vendor.open() === 0);
      },
    };
  }

  await t.test("tell what is said, and acknowledge it when it is stored", async () => {
    const one = await fresh();
    assert.deepEqual((await one.put({ enabled: true, config: { room: "den" } })).status, 200);
    const socket = await one.socket();
    await one.heard('{"hello":null,"lastClose":null}');
    assert.equal(vendor.handshakes[0]?.url, "/link?room=den&version=1.0.0");
    const { headers } = vendor.handshakes[0] ?? {};
    assert.equal(headers?.["x-client"], "plugin");
    assert.equal(headers?.authorization, `Bearer ${key}`);
    assert.equal(headers?.["sec-websocket-protocol"], "chat.v2,chat.v1");
    assert.equal(headers?.["sec-websocket-extensions"], undefined);
    assert.equal(headers?.host, "wss.vendor.test");
    socket.send(JSON.stringify({ id: 1 }));
    await one.heard('{"ack":1}');
    assert.deepEqual(await one.told(), [1]);
    // What the vendor sends again is told once, and acknowledged again.
    vendor.heard.length = 0;
    socket.send(JSON.stringify({ id: 1 }));
    socket.send(JSON.stringify({ id: 2 }));
    await one.heard('{"ack":2}');
    assert.ok(vendor.heard.includes('{"ack":1}'));
    assert.deepEqual(await one.told(), [1, 2]);
    await one.heard("beat");
    const { status, failures, lastError, told } = await one.state();
    assert.deepEqual(
      { status, failures, lastError, told },
      { status: "open", failures: 0, lastError: null, told: 2 },
    );
    await one.off();
    assert.equal((await one.state()).status, "off");
  });

  await t.test("go on where they were when the vendor closes", async () => {
    const one = await fresh();
    await one.put({ enabled: true });
    (await one.socket()).send(JSON.stringify({ id: 7 }));
    await one.heard('{"ack":7}');
    (await one.socket()).close(4000, `bye ${key} bye`);
    await one.heard('{"hello":7,"lastClose":{"code":4000,"reason":"bye [redacted] bye"}}');
    const { lastClose } = await one.status("open");
    assert.deepEqual(lastClose, { code: 4000, reason: "bye [redacted] bye" });
    (await one.socket(2)).send(JSON.stringify({ reconnect: true }));
    await one.socket(3);
    await one.off();
  });

  await t.test("lose nothing to a message that cannot be read, nor those that came with it", async () => {
    const one = await fresh();
    await one.put({ enabled: true });
    const socket = await one.socket();
    for (const message of [{ id: 1 }, { crash: true }, { id: 3 }]) socket.send(JSON.stringify(message));
    await one.heard('{"ack":1}');
    // The vendor sends again what was not acknowledged.
    await one.heard('{"hello":1,"lastClose":null}');
    assert.ok(!vendor.heard.includes('{"ack":3}'));
    assert.match(host.logged(), /"code":"plugin-failed"[^\n]*a stream has ended/);
    (await one.socket(2)).send(JSON.stringify({ id: 3 }));
    await one.heard('{"ack":3}');
    assert.deepEqual(await one.told(), [1, 3]);
    await one.off();
  });

  await t.test("wait ever longer for a vendor that refuses them, and say why", async () => {
    const one = await fresh();
    vendor.intercept = (_, raw) => raw.end(`HTTP/1.1 401 No\r\nX-Echo: ${key}\r\n\r\n`) !== undefined;
    await one.put({ enabled: true });
    const state = await until(async () => {
      const now = await one.state();
      return now.failures >= 3 && now;
    });
    assert.equal(state.lastError.code, "stream-unauthorized");
    assert.match(state.lastError.detail, /wss\.vendor\.test answered with 401/);
    vendor.intercept = () => false;
    await one.put({ enabled: true });
    const told = await until(async () => {
      // One that was being opened as the trigger was set anew is closed by the host itself.
      for (const socket of one.sockets()) socket.close(4401, "token expired");
      const now = await one.state();
      return now.lastClose?.code === 4401 && now;
    });
    assert.deepEqual(told.lastClose, { code: 4401, reason: "token expired" });
    await one.off();
  });

  await t.test("take nothing of a vendor that means harm, and say what it was", async () => {
    const one = await fresh();
    const link = (url: string) => () => {
      vendor.answer = () => ({ body: { url } });
    };
    const greeting = (bytes: Buffer | string) => () => {
      vendor.greet = (socket) => socket.send(bytes);
    };
    const cases: [string, () => void][] = [
      ["fetch-not-granted", link("wss://api.vendor.test/link")],
      ["fetch-invalid-request", link("ws://wss.vendor.test/link")],
      ["stream-binary-not-granted", greeting(Buffer.from([1]))],
      ["stream-message-too-large", greeting("x".repeat(70_000))],
      [
        "stream-refused",
        () => {
          const to = `HTTP/1.1 307 There\r\nLocation: ${vendor.url}/elsewhere\r\n\r\n`;
          vendor.intercept = (_, raw) => raw.end(to) !== undefined;
        },
      ],
    ];
    for (const [code, arrange] of cases) {
      vendor.greet = () => {};
      vendor.intercept = () => false;
      link("wss://wss.vendor.test/link")();
      arrange();
      await one.put({ enabled: true });
      await until(async () => (await one.state()).lastError?.code === code);
    }
    assert.ok(vendor.handshakes.every(({ url }) => url.startsWith("/link?")));
    vendor.intercept = () => false;
    vendor.greet = (socket, { headers }) =>
      socket.send(JSON.stringify({ id: 1, echo: headers.authorization }));
    await one.put({ enabled: true });
    await one.heard('{"ack":1}');
    const { body } = await one.tenant.api.get("/api/v1/events?type=trigger.posted");
    assert.equal(body.items[0].data.text, '{"id":1,"echo":"Bearer [redacted]"}');
    await one.off();
  });

  await t.test("end at once with what they need, and begin again when it is back", async () => {
    const one = await fresh();
    await one.put({ enabled: true });
    await one.socket();
    const connection = `/api/v1/connections/${one.connectionId}`;
    const gone = () => until(() => vendor.open() === 0);
    await one.tenant.api.patch(connection, { status: "inactive" });
    await gone();
    await one.tenant.api.patch(connection, { status: "active" });
    await one.socket(2);
    await one.tenant.api.patch(`/api/v1/installs/${one.installId}`, { status: "disabled" });
    await gone();
    await one.tenant.api.patch(`/api/v1/installs/${one.installId}`, { status: "active" });
    await one.socket(3);
    const other = "another-key-0123456789-abcdef";
    await one.tenant.api.patch(connection, { auth: { type: "apiKey", key: other } });
    await one.socket(4);
    assert.equal(vendor.handshakes.at(-1)?.headers.authorization, `Bearer ${other}`);
    await publish("acme/chat", "1.1.0");
    const moved = await one.tenant.api.patch(`/api/v1/installs/${one.installId}`, { range: "1.1.0" });
    assert.equal(moved.status, 200);
    await one.socket(5);
    assert.match(vendor.handshakes.at(-1)?.url ?? "", /version=1\.1\.0/);
    await one.status("open");
    await one.tenant.api.delete(connection);
    await gone();
    const erased = await fresh();
    await erased.put({ enabled: true });
    await erased.socket();
    await host.admin.delete(`/api/v1/tenants/${erased.tenant.id}`);
    await gone();
  });

  await t.test("hold up nobody but themselves, whatever a vendor sends", async () => {
    const [one, other] = [await fresh(), await fresh()];
    const waiting = Promise.withResolvers<void>();
    vendor.answer = async ({ url }) => {
      if (url === "/wait") await waiting.promise;
      return { body: { url: "wss://wss.vendor.test/link" } };
    };
    await one.put({ enabled: true });
    const flooded = await one.socket();
    const count = 3_000;
    flooded.send(JSON.stringify({ id: 0, wait: true }));
    for (let id = 1; id < count; id++) flooded.send(JSON.stringify({ id, pad: "x".repeat(5_000) }));
    await other.put({ enabled: true });
    const [, quick] = await until(() => vendor.open() === 2 && vendor.sockets.slice(-2));
    quick?.send(JSON.stringify({ id: 1 }));
    await other.heard('{"ack":1}');
    const hasPaused = /plugboard_stream_pauses_total\{plugin="acme\/chat",why="f(?:ull|ast)"\} [1-9]/;
    const page = await until(async () => {
      const { body }: { body: string } = await host.anonymous.get("/metrics");
      return hasPaused.test(body) && body;
    });
    assert.match(page, /plugboard_streams_open\{plugin="acme\/chat"\} 2/);
    assert.ok(flooded.bufferedAmount > 0, "the rest of it is the vendor's to keep");
    waiting.resolve();
    await one.put({ enabled: false });
    await other.off();
  });

  await t.test("tell no more than their plugin may, and nothing is lost by it", async () => {
    const one = await fresh("acme/full");
    await one.put({ enabled: true });
    const socket = await one.socket();
    for (let id = 1; id <= 5; id++) socket.send(JSON.stringify({ id }));
    const { lastError, status } = await until(async () => {
      const now = await one.state();
      return now.lastError && now;
    });
    assert.deepEqual([status, lastError.code], ["waiting", "events-limit-exceeded"]);
    assert.deepEqual(await one.told(), [1, 2, 3]);
    assert.ok(!vendor.heard.includes('{"ack":4}'));
    await one.put({ enabled: false });
  });

  await t.test("are their tenant's alone, and set as they can be", async () => {
    const one = await fresh();
    const stranger = await host.tenant();
    assert.equal((await stranger.api.get(one.place)).status, 404);
    const put = { headers: { "content-type": "application/json" }, body: '{"enabled":true}' };
    assert.equal((await stranger.api.send("PUT", one.place, put)).status, 404);
    const codes = [
      await one.put({ enabled: true, intervalSeconds: 60 }),
      await one.put({ enabled: true, config: { door: 1 } }),
      await one.tenant.api.post(`${one.place}/test`, {}),
      await one.tenant.api.post(`${one.place}/poll`),
    ].map(({ body }) => body.code);
    const invalid = "trigger-config-invalid";
    assert.deepEqual(codes, [invalid, invalid, "trigger-not-polling", "trigger-not-polling"]);
    const { kind, eventTypes, state } = (await one.tenant.api.get(one.place)).body;
    assert.deepEqual(
      { kind, eventTypes, state },
      { kind: "stream", eventTypes: ["trigger.posted"], state: undefined },
    );
    assert.equal(vendor.handshakes.length, 0);
  });

  await t.test(
    "are one host's at a time: of another that has lost one nothing is stored or said",
    async () => {
      const one = await fresh();
      const waiting = Promise.withResolvers<void>();
      const asked = Promise.withResolvers<void>();
      vendor.answer = async ({ url }) => {
        if (url !== "/wait") return { body: { url: "wss://wss.vendor.test/link" } };
        asked.resolve();
        await waiting.promise;
        return { body: {} };
      };
      await one.put({ enabled: true });
      (await one.socket()).send(JSON.stringify({ id: 9, wait: true }));
      await asked.promise;
      const take = "update core.streams set epoch = epoch + 1, lease_until = now() + interval '1 hour'";
      await db.query(`${take} where connection_id = $1`, [one.connectionId]);
      waiting.resolve();
      await until(() => vendor.open() === 0);
      assert.deepEqual([await one.told(), vendor.heard.includes('{"ack":9}')], [[], false]);
      // The other is not heard of any more.
      const die = "update core.streams set lease_until = now() - interval '1 second'";
      await db.query(`${die} where connection_id = $1`, [one.connectionId]);
      await one.put({ enabled: true });
      (await one.socket(2)).send(JSON.stringify({ id: 9 }));
      await one.heard('{"ack":9}');
      assert.deepEqual(await one.told(), [9]);
      await one.off();
    },
  );

  await t.test("are handed over by a host that stops", async (t) => {
    const one = await fresh();
    await one.put({ enabled: true });
    await one.socket();
    await one.status("open");
    const options = { isolation: "thread", egressRewrite, pluginSettings, beside: host } as const;
    const beside = await startTestHost(t, options);
    await host.restart();
    const socket = await one.socket(2);
    socket.send(JSON.stringify({ id: 5 }));
    await one.heard('{"ack":5}');
    await until(() => vendor.open() === 1);
    const api = createTestApi(beside.address, one.tenant.key);
    const { body } = await api.get("/api/v1/events?type=trigger.posted");
    assert.equal(body.items.length, 1);
  });

  assert.ok(!host.logged().includes(key));
});
