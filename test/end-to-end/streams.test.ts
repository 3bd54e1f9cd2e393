/** Triggers on vendors' WebSockets: what comes over them is told as events, whatever comes between. */
import assert from "node:assert/strict";
import test from "node:test";
import type { TriggerContribution } from "@plugboard/plugin-sdk/manifest";
import pg from "pg";
import type { TestAnswer } from "../support/api.ts";
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
  for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((go) => setTimeout(go, 10))) {
    const found = await look();
    if (found) return found;
  }
  throw new Error("It did not come true.");
}

test("triggers on streams", async (t) => {
  const vendor = await startStreamVendor(t);
  const egressRewrite = { "wss.vendor.test": vendor.url, "api.vendor.test": vendor.url };
  const pluginSettings = {
    defaults: { limits: { streamMessageBytes: 64 * 1024, streamSilenceMs: 600 } },
    plugins: { "acme/full": { limits: { eventsPerMinute: 3 } } },
  };
  const host = await startTestHost(t, { isolation: "thread", egressRewrite, pluginSettings });
  const db = new pg.Client({ connectionString: host.databaseUrl });
  db.on("error", () => {});
  await db.connect();
  t.after(() => db.end());
  const publisher = await registerPublisher(host.address, "acme");
  const publish = (version: string) =>
    publishTestPlugin(host.address, publisher, {
      id: "acme/chat",
      version,
      permissions: {
        network: [
          { hosts: ["wss.vendor.test"], methods: ["WEBSOCKET"], reason: "Hear what is said" },
          { hosts: ["api.vendor.test"], methods: ["POST"], reason: "Ask where to listen" },
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
            async receive({ messages, state }) {
              const items = [], send = [];
              let last = state, reconnect = false;
              for (const text of messages) {
                const message = JSON.parse(text);
                if (message.crash) throw new Error("I cannot read this.");
                if (message.spin) for (;;);
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
  await publish("1.0.0");
  vendor.answer = () => ({ body: { url: "wss://wss.vendor.test/link" } });

  async function fresh(on = host) {
    vendor.handshakes.length = 0;
    vendor.heard.length = 0;
    vendor.greet = () => {};
    vendor.intercept = () => false;
    const tenant: TestTenant = await on.tenant();
    const { connectionId, installId } = await connect(tenant, "acme/chat", { key });
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
});
