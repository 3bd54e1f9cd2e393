/** Connections whose vendor tells with the first token what the plugin needs to know. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { robotKey } from "../../support/oauth-scene.ts";
import { vendorClient } from "../../support/oauth-vendor.ts";
import { publishTestPlugin } from "../../support/plugin.ts";
import type { OAuthHosts } from "./hosts.ts";

const told = { instance: { from: "instance_url", match: ["https://{value}.my.vendor.example"] } };
const ways = [
  {
    type: "oauth2",
    grant: "client_credentials",
    tokenUrl: "https://{site}.vendor.example/token",
    accessToken: { name: "X-Access-Token", format: "{token}" },
    tokenResponse: { config: told },
    test: { request: "GET https://{instance}.my.vendor.example/ping" },
  },
  {
    type: "oauth2",
    grant: "jwt_bearer",
    tokenUrl: "https://{site}.vendor.example/token",
    tokenResponse: { config: told },
    assertion: { audience: "https://auth.vendor.example" },
  },
];

export async function telling(t: TestContext, scene: OAuthHosts): Promise<void> {
  const { vendor, tenant, host, db } = scene;
  const word = { type: "string", pattern: "^[a-z0-9-]+$" };
  await publishTestPlugin(host.address, scene.publisher, {
    id: "acme/org",
    actions: { where: { run: "return connection.config;" } },
    permissions: {
      network: [
        {
          hosts: ["{site}.vendor.example", "{instance}.my.vendor.example"],
          methods: ["GET", "POST"],
          reason: "Call it",
        },
      ],
    },
    manifest: {
      auth: ways,
      connection: {
        config: {
          type: "object",
          additionalProperties: false,
          required: ["site", "instance"],
          properties: { site: word, instance: word },
        },
      },
    },
  });
  const { consent } = (await tenant.api.post("/api/v1/installs", { plugin: "acme/org" })).body;
  const install = await tenant.api.post("/api/v1/installs", { plugin: "acme/org", consent });

  /** With what the vendor answers; it goes out when `until` is done. */
  async function create(auth: object, answer: object, until?: Promise<void>): Promise<string> {
    // Whatever else is due would take the answer that is meant for this one.
    await db.query("update core.connection_health set next_check_at = now() + interval '1 day'");
    Object.assign(vendor, { held: until, failing: { status: 200, body: JSON.stringify(answer), times: 1 } });
    const made = await tenant.api.post("/api/v1/connections", {
      installId: install.body.id,
      name: "An org",
      config: { site: "auth" },
      auth,
    });
    assert.deepEqual([made.status, made.body.status], [201, "testing"], JSON.stringify(made.body));
    return `/api/v1/connections/${made.body.id}`;
  }
  async function once(path: string, status: string) {
    for (;;) {
      const { body } = await tenant.api.get(path);
      if (body.status !== "testing") {
        assert.equal(body.status, status, JSON.stringify(body));
        return body;
      }
      await new Promise((next) => setTimeout(next, 10));
    }
  }
  const toldOf = async (path: string) => {
    const { body } = await tenant.api.get("/api/v1/events?type=plugboard.connection.*&limit=100");
    const items = body.items as { type: string; data: { connectionId: string } }[];
    return items.filter(({ data }) => path.endsWith(data.connectionId)).map(({ type }) => type.split(".")[2]);
  };
  const robot = { type: "oauth2", grant: "client_credentials", client: vendorClient };
  const signing = {
    type: "oauth2",
    grant: "jwt_bearer",
    subject: "robot",
    privateKey: robotKey,
    client: vendorClient,
  };
  const answer = { access_token: "a-told-token-0123456789", expires_in: 60 };
  const instance_url = "https://na1.my.vendor.example";

  await t.test("is not used before it was told: the host asks for the first token by itself", async () => {
    for (const auth of [robot, signing]) {
      const { promise, resolve: letGo } = Promise.withResolvers<void>();
      vendor.asked.length = 0;
      const path = await create(auth, { ...answer, instance_url }, promise);
      while (vendor.asked.length === 0) await new Promise(setImmediate);
      const early = await tenant.api.post(`${path}/actions/where`, { input: {} });
      assert.equal(early.body.code, "connection-inactive");
      letGo();
      const { config } = await once(path, "active");
      assert.deepEqual(config, { site: "auth", instance: "na1" });
      const { body } = await tenant.api.post(`${path}/actions/where`, { input: {} });
      assert.deepEqual(body.output, { site: "auth", instance: "na1" });
      assert.deepEqual(await toldOf(path), ["connected"]);
    }
    assert.equal(vendor.called.at(-1), answer.access_token, "and tries it where the plugin declares how");
  });

  await t.test("is in error while the vendor does not tell, and comes back when it does", async () => {
    const path = await create(robot, answer);
    assert.equal((await once(path, "error")).statusReason, "test-failed");
    const late = { ...answer, access_token: "a-later-token-0123456789", instance_url };
    vendor.failing = { status: 200, body: JSON.stringify(late), times: 1 };
    assert.equal((await tenant.api.post(`${path}/test`)).body.outcome, "ok", "another token is asked for");
    assert.deepEqual(await toldOf(path), ["failed", "recovered"]);
  });

  await t.test("is asked for anew where the settings lead to another account", async () => {
    const path = await create(robot, { ...answer, instance_url });
    await once(path, "active");
    const renamed = await tenant.api.patch(path, { config: { site: "auth" } });
    assert.deepEqual([renamed.body.status, renamed.body.config.instance], ["active", "na1"]);
    const moved = await tenant.api.patch(path, { config: { site: "api" } });
    assert.deepEqual([moved.body.status, moved.body.config], ["testing", { site: "api" }]);
    await once(path, "error");
  });

  await t.test("is asked for anew with another credential", async () => {
    const path = await create(robot, { ...answer, instance_url });
    await once(path, "active");
    const later = { access_token: "another-token-0123456789", instance_url };
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    Object.assign(vendor, { held: promise, failing: { status: 200, body: JSON.stringify(later), times: 1 } });
    const changed = await tenant.api.patch(path, { auth: robot });
    assert.deepEqual([changed.body.status, changed.body.config], ["testing", { site: "auth" }]);
    letGo();
    const { config } = await once(path, "active");
    assert.deepEqual(config, { site: "auth", instance: "na1" });
    assert.equal(vendor.called.at(-1), later.access_token);
    Object.assign(vendor, {
      held: undefined,
      failing: { status: 200, body: JSON.stringify(later), times: 1 },
    });
    const said = await tenant.api.patch(path, { auth: robot, config: { site: "auth", instance: "na3" } });
    assert.deepEqual([said.body.status, said.body.config.instance], ["active", "na3"], "its owner knows");
  });

  await t.test("is not switched on before it was told", async () => {
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    const path = await create(robot, { ...answer, instance_url }, promise);
    assert.equal((await tenant.api.patch(path, { status: "inactive" })).body.status, "inactive");
    const on = await tenant.api.patch(path, { status: "active" });
    assert.equal(on.body.status, "testing");
    letGo();
    await once(path, "active");
  });
}
