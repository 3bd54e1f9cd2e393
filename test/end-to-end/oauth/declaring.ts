/** What vendors do differently. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { createTestApi } from "../../support/api.ts";
import { startTestHost } from "../../support/host.ts";
import { untilSomebodyWaits } from "../../support/locks.ts";
import { code, me, statusOf } from "../../support/oauth-scene.ts";
import { issuer, vendorClient } from "../../support/oauth-vendor.ts";
import { publishTestPlugin } from "../../support/plugin.ts";
import type { OAuthHosts } from "./hosts.ts";

export async function declaring(t: TestContext, scene: OAuthHosts): Promise<void> {
  const { vendor, tenant, clock, host, db } = scene;

  await t.test("what vendors do differently is for the plugin to declare", async (t) => {
    await publishTestPlugin(host.address, scene.publisher, {
      id: "acme/site",
      actions: {
        ping: { run: `await fetch("https://na1.my.vendor.example/ping"); return connection.config;` },
        me: { run: `await fetch("https://api.vendor.example/me"); return {};` },
      },
      permissions: {
        network: [
          {
            hosts: ["auth.vendor.example", "api.vendor.example", "{instance}.my.vendor.example"],
            methods: ["GET", "POST"],
            reason: "Call it",
          },
        ],
      },
      manifest: {
        auth: [
          {
            type: "oauth2",
            grant: "authorization_code",
            authorizationUrl: `${issuer}/{site}/auth`,
            tokenUrl: `${issuer}/token`,
            scopes: ["a", "b"],
            scopeSeparator: ",",
            clientAuth: "body",
            authorizationParams: { access_type: "offline" },
            callbackParams: { site: "{site}" },
            accessToken: { name: "X-Access-Token", format: "{token}" },
            tokenResponse: {
              lifetimeSeconds: 60,
              config: { instance: { from: "instance_url", match: ["https://{value}.my.vendor.example"] } },
            },
          },
        ],
        connection: {
          config: {
            type: "object",
            additionalProperties: false,
            required: ["site", "instance"],
            properties: {
              site: { type: "string", pattern: "^[a-z0-9-]+$" },
              instance: { type: "string", pattern: "^[a-z0-9-]+$" },
              note: { type: "string" },
            },
          },
        },
      },
    });
    const asked = await tenant.api.post("/api/v1/installs", { plugin: "acme/site" });
    const install = await tenant.api.post("/api/v1/installs", {
      plugin: "acme/site",
      consent: asked.body.consent,
    });
    const made = await tenant.api.post("/api/v1/connections", {
      installId: install.body.id,
      name: "A site",
      config: { site: "north" },
      auth: { ...code, client: vendorClient },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const path = `/api/v1/connections/${made.body.id}`;
    const answer = { access_token: "an-access-token-0123", refresh_token: "a-refresh-token-0123" };

    /** The vendor's answers are written here: what comes back for `parameters`, and for the code. */
    async function goThrough(parameters: Record<string, string>, token: object): Promise<Response> {
      const { body } = await tenant.api.post(`${path}/authorize`, {});
      const url = new URL(body.url);
      assert.equal(url.pathname, "/north/auth");
      assert.deepEqual(
        [url.searchParams.get("scope"), url.searchParams.get("access_type")],
        ["a,b", "offline"],
      );
      vendor.failing = { status: 200, body: JSON.stringify(token), times: 1 };
      const state = url.searchParams.get("state") ?? "";
      const query = new URLSearchParams({ code: "a-code", state, ...parameters });
      const page = await fetch(`${host.address}/oauth/callback/acme/site?${query}`);
      vendor.failing.times = 0;
      return page;
    }
    const refused = async (page: Response, outcome: string) =>
      assert.ok((await page.text()).includes(`<small>${outcome}</small>`), outcome);

    await refused(await goThrough({ site: "south" }, answer), "wrong-account");
    await refused(await goThrough({}, answer), "wrong-account");
    const elsewhere = { ...answer, instance_url: "https://na1.my.vendor.example.evil.example" };
    await refused(await goThrough({ site: "north" }, elsewhere), "vendor-settings-refused");
    for (const unfit of ["na1\0", "na1\ud800"]) {
      const told = { ...answer, instance_url: `https://${unfit}.my.vendor.example` };
      await refused(await goThrough({ site: "north" }, told), "vendor-settings-refused");
    }
    await refused(await goThrough({ site: "north" }, answer), "settings-refused");
    await refused(
      await goThrough({ site: "north" }, { error: "bad_verification_code" }),
      "vendor-unknown-error",
    );

    const good = { ...answer, instance_url: "https://na1.my.vendor.example" };
    const endless = { ...good, expires_in: 1e18, refresh_token_expires_in: 1e18 };
    assert.equal((await goThrough({ site: "north" }, endless)).status, 200);
    assert.equal((await goThrough({ site: "north" }, good)).status, 200);
    const { body } = await tenant.api.get(path);
    assert.deepEqual([body.status, body.config], ["active", { site: "north", instance: "na1" }]);
    vendor.called.length = 0;
    assert.equal((await tenant.api.post(`${path}/actions/ping`, { input: {} })).status, 200);
    assert.deepEqual(vendor.called, ["an-access-token-0123"]);

    clock.ms += 50_000;
    vendor.failing = { status: 200, body: JSON.stringify({ access_token: "another-token-0123" }), times: 1 };
    await tenant.api.post(`${path}/actions/ping`, { input: {} });
    assert.equal(vendor.called.at(-1), "another-token-0123", "renewed before the declared end");
    const renamed = await tenant.api.patch(path, { config: { site: "north" } });
    assert.deepEqual([renamed.body.status, renamed.body.config.instance], ["active", "na1"]);

    // What the vendor tells with new tokens, and what the owner says meanwhile, stand side by side.
    const told = (instance: string) => ({
      status: 200,
      body: JSON.stringify({
        access_token: "a-token-0123456789",
        instance_url: `https://${instance}.my.vendor.example`,
      }),
      times: 1,
    });
    const configNow = async () => (await tenant.api.get(path)).body.config;
    for (const [said, expected] of [
      [{ instance: "na5" }, { instance: "na5" }],
      [{ note: "said" }, { note: "said", instance: "na2" }],
    ] as const) {
      await tenant.api.patch(path, { config: { site: "north", instance: "na1" } });
      const { promise, resolve: letGo } = Promise.withResolvers<void>();
      clock.ms += 50_000;
      vendor.asked.length = 0;
      Object.assign(vendor, { held: promise, failing: told("na2") });
      const calling = tenant.api.post(`${path}/actions/ping`, { input: {} });
      while (vendor.asked.length === 0) await new Promise(setImmediate);
      vendor.held = undefined;
      const patched = await tenant.api.patch(path, { config: { site: "north", ...said } });
      assert.equal(patched.status, 200);
      letGo();
      await calling;
      assert.deepEqual(await configNow(), { site: "north", ...expected });
    }
    await db.query("begin");
    await db.query(
      `update core.connections set config = config || '{"instance":"na4"}', credential_version = credential_version + 1
       where id = $1`,
      [made.body.id],
    );
    const patching = tenant.api.patch(path, { config: { site: "north", note: "again" } });
    await untilSomebodyWaits(db);
    await db.query("commit");
    assert.deepEqual((await patching).body.config, { site: "north", note: "again", instance: "na4" });

    // An account without a refresh token is given up at its token's end, and not for one 401.
    const { refresh_token: _, ...lasting } = good;
    assert.equal((await goThrough({ site: "north" }, lasting)).status, 200);
    assert.equal((await me(tenant, made.body.id)).body.code, "egress-refused");
    assert.deepEqual(await statusOf(scene, made.body.id), ["active", null]);
    clock.ms += 50_000;
    assert.equal((await tenant.api.post(`${path}/actions/ping`, { input: {} })).status, 200);
    clock.ms += 20_000;
    assert.equal((await me(tenant, made.body.id)).body.code, "connection-inactive");
    assert.deepEqual(await statusOf(scene, made.body.id), ["error", "reauthorization-needed"]);

    // Without a request to try, checks go by what the vendor says of tokens.
    assert.equal((await goThrough({ site: "north" }, good)).status, 200);
    await db.query("update core.connection_health set next_check_at = now() + interval '1 day'");
    const looking = await startTestHost(t, { ...scene.options, beside: host, healthRoundMs: 20 });
    const looker = createTestApi(looking.address, tenant.key);
    const afterLook = async (failures: number) => {
      const due = "update core.connection_health set next_check_at = now() where connection_id = $1";
      await db.query(due, [made.body.id]);
      for (;;) {
        const { body } = await looker.get(`${path}/health`);
        if (body.failures === failures) return [body.status, body.statusReason];
        await new Promise((next) => setTimeout(next, 20));
      }
    };
    clock.ms += 60_000;
    vendor.failing = { status: 400, body: JSON.stringify({ error: "bad_refresh_token" }), times: 2 };
    assert.deepEqual(await afterLook(1), ["active", null]);
    assert.deepEqual(await afterLook(2), ["error", "credential-refused"]);
    vendor.failing = { status: 200, body: JSON.stringify(answer), times: 1 };
    assert.deepEqual(await afterLook(0), ["active", null]);
  });
}
