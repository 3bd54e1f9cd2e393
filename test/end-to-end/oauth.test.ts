/** Accounts that are connected with OAuth 2, at a real authorization server that rotates refresh tokens. */
import assert from "node:assert/strict";
import test from "node:test";
import { openDatabase } from "@plugboard/service-kit/database";
import { createLogger } from "@plugboard/service-kit/observe";
import { exportPKCS8, generateKeyPair } from "jose";
import pg from "pg";
import { leaseMs, underLease } from "../../core/kernel/connections/oauth/renewal-lease.ts";
import type { CoreDatabase } from "../../core/tables.ts";
import { createTestApi } from "../support/api.ts";
import { startTestHost } from "../support/host.ts";
import { untilSomebodyWaits } from "../support/locks.ts";
import {
  appUrl,
  authorize,
  code,
  connected,
  create,
  me,
  putClient,
  registeredClient,
  robotKey,
  startOAuthScene,
  statusOf,
} from "../support/oauth-scene.ts";
import { issuer, vendorClient } from "../support/oauth-vendor.ts";
import { publishTestPlugin } from "../support/plugin.ts";

test("an account is connected by a person, and its tokens are kept fresh", async (t) => {
  const scene = await startOAuthScene(t);
  const { vendor, tenant, clock, host } = scene;
  const db = new pg.Client({ connectionString: host.databaseUrl });
  await db.connect();

  await t.test("it is configuring until the person has agreed, and then active", async () => {
    const id = await create(scene, code);
    assert.deepEqual(await statusOf(scene, id), ["configuring", null]);
    assert.equal((await me(tenant, id)).body.code, "connection-inactive");
    const page = await authorize(scene, id);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /The account is connected/);
    assert.deepEqual(await statusOf(scene, id), ["active", null]);
    assert.equal((await me(tenant, id)).body.output.account, "person");
    assert.deepEqual(vendor.asked, ["authorization_code"]);
    const health = await tenant.api.get(`/api/v1/connections/${id}/health`);
    assert.equal(health.body.checks[0].outcome, "ok");
    const events = await tenant.api.get("/api/v1/events?type=plugboard.connection.*");
    assert.deepEqual(
      events.body.items.map((event: { type: string }) => event.type),
      ["plugboard.connection.connected"],
    );
  });

  await t.test("the person can be sent back to where they came from, if the operator allows it", async () => {
    const id = await create(scene, code);
    const back = await authorize(scene, id, { returnUrl: appUrl });
    assert.equal(back.status, 303);
    assert.equal(back.headers.get("location"), `${appUrl}?connection=${id}&outcome=connected`);
    for (const returnUrl of [
      "https://evil.example/",
      "https://app.example.evil.example/",
      "javascript:alert(1)",
    ]) {
      const refused = await tenant.api.post(`/api/v1/connections/${id}/authorize`, { returnUrl });
      assert.equal(refused.body.code, "return-url-not-allowed", returnUrl);
    }
  });

  await t.test("connected anew, it keeps its id and what it is called", async () => {
    const id = await connected(scene);
    const before = (await tenant.api.get(`/api/v1/connections/${id}`)).body;
    assert.equal((await authorize(scene, id)).status, 200);
    const after = (await tenant.api.get(`/api/v1/connections/${id}`)).body;
    assert.deepEqual({ ...after, updatedAt: "" }, { ...before, updatedAt: "" });
    assert.equal((await me(tenant, id)).status, 200);
  });

  await t.test("a token is renewed before it ends, and not earlier", async () => {
    const id = await connected(scene);
    vendor.asked.length = 0;
    await me(tenant, id);
    clock.ms += 3_500_000;
    await me(tenant, id);
    assert.deepEqual(vendor.asked, []);
    clock.ms += 60_000;
    assert.equal((await me(tenant, id)).body.output.status, 200);
    assert.deepEqual(vendor.asked, ["refresh_token"]);
  });

  await t.test("a token that the vendor refuses is renewed, and the call repeated", async () => {
    const id = await connected(scene);
    vendor.endAccessTokens();
    vendor.asked.length = 0;
    assert.equal((await me(tenant, id)).body.output.status, 200);
    assert.deepEqual(vendor.asked, ["refresh_token"]);
  });

  const beside = await startTestHost(t, { ...scene.options, beside: host });

  await t.test("connections that are deleted all at once do not wait for one another", async () => {
    // More than a host has lines to its database; and this one has nothing of them in memory yet.
    const robots = Array.from({ length: 20 }, () =>
      create(scene, { type: "oauth2", grant: "client_credentials" }),
    );
    const ids = await Promise.all(robots);
    for (const id of ids) assert.equal((await me(tenant, id)).body.output.status, 200);
    const gone = await Promise.all(
      ids.map((id) =>
        fetch(`${beside.address}/api/v1/connections/${id}`, {
          method: "DELETE",
          headers: { authorization: `Bearer ${tenant.key}` },
        }),
      ),
    );
    assert.deepEqual(
      gone.map(({ status }) => status),
      ids.map(() => 204),
    );
  });

  const other = createTestApi(beside.address, tenant.key);

  await t.test("many calls on two hosts make one request for a new token", async () => {
    const id = await connected(scene);
    vendor.asked.length = 0;
    for (let round = 0; round < 5; round++) {
      vendor.endAccessTokens();
      const calls = Array.from({ length: 20 }, (_, i) => me(tenant, id, i % 2 ? other : tenant.api));
      for (const { body } of await Promise.all(calls))
        assert.equal(body.output?.status, 200, JSON.stringify(body));
    }
    assert.deepEqual(vendor.asked, Array(5).fill("refresh_token"));
  });

  await t.test("a host that was away while it asked writes nothing over newer tokens", async () => {
    const id = await connected(scene);
    vendor.endAccessTokens();
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    const late = { access_token: "a-late-access-token", refresh_token: "a-late-refresh-token" };
    vendor.asked.length = 0;
    Object.assign(vendor, { held: promise, failing: { status: 200, body: JSON.stringify(late), times: 1 } });
    const calling = me(tenant, id);
    while (vendor.asked.length === 0) await new Promise(setImmediate);
    vendor.held = undefined;
    await db.query("update core.credential_renewals set expires_at = now() where connection_id = $1", [id]);
    assert.equal((await me(tenant, id, other)).body.output.status, 200);
    letGo();
    assert.equal((await calling).body.output?.status, 200, "it takes the newer ones itself");
    vendor.endAccessTokens();
    assert.equal((await me(tenant, id)).body.output?.status, 200, "the newer refresh token is there");
    assert.deepEqual(vendor.asked, Array(3).fill("refresh_token"));
  });

  await t.test("a host whose lease is all but over when it comes to ask does not ask", async () => {
    const id = await connected(scene);
    const logger = createLogger({ name: "test", level: "silent" });
    const database = await openDatabase({ databaseUrl: host.databaseUrl, dataDir: "/nowhere", logger });
    const core = database.kysely<CoreDatabase>("core");
    const row = await core
      .selectFrom("connections")
      .select(["id", "credential_version"])
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    const askAfter = (ms: number) => {
      const times = [0, ms];
      return underLease(
        core,
        row,
        async () => "asked",
        () => times.shift() ?? ms,
      );
    };
    assert.equal(await askAfter(leaseMs / 2), undefined);
    assert.equal(await askAfter(leaseMs / 4), "asked", "the lease was given back");
    await database.close();
  });

  await t.test(
    "who was told that it is over, while another host got new tokens, gives up nothing",
    async () => {
      const id = await connected(scene);
      vendor.endAccessTokens();
      const { promise, resolve: letGo } = Promise.withResolvers<void>();
      const over = JSON.stringify({ error: "invalid_grant" });
      vendor.asked.length = 0;
      Object.assign(vendor, { held: promise, failing: { status: 400, body: over, times: 1 } });
      const calling = me(tenant, id);
      while (vendor.asked.length === 0) await new Promise(setImmediate);
      vendor.held = undefined;
      await db.query("update core.credential_renewals set expires_at = now() where connection_id = $1", [id]);
      assert.equal((await me(tenant, id, other)).body.output.status, 200);
      letGo();
      assert.equal((await calling).body.output?.status, 200);
      assert.deepEqual(await statusOf(scene, id), ["active", null]);
    },
  );

  await t.test("tokens that came count for more than a refusal of what they came for", async () => {
    const id = await connected(scene);
    vendor.endAccessTokens();
    const { promise, resolve: letGo } = Promise.withResolvers<void>();
    const came = { access_token: "a-good-access-token", expires_in: 3600 };
    vendor.asked.length = 0;
    Object.assign(vendor, { held: promise, failing: { status: 200, body: JSON.stringify(came), times: 1 } });
    const calling = me(tenant, id);
    while (vendor.asked.length === 0) await new Promise(setImmediate);
    vendor.held = undefined;
    await db.query("update core.credential_renewals set expires_at = now() where connection_id = $1", [id]);
    vendor.endGrants();
    assert.equal((await me(tenant, id, other)).body.code, "connection-inactive");
    const { body } = await other.get(`/api/v1/connections/${id}`);
    assert.deepEqual([body.status, body.statusReason], ["error", "reauthorization-needed"]);
    letGo();
    await calling;
    assert.deepEqual(await statusOf(scene, id), ["active", null]);
    vendor.failing.times = 0;
  });

  await t.test(
    "nobody holds others up, or asks with what is old, while it looks up what it needs",
    async () => {
      const id = await connected(scene);
      vendor.endAccessTokens();
      vendor.asked.length = 0;
      await db.query("begin");
      await db.query("lock table core.oauth_clients in access exclusive mode");
      const calling = me(tenant, id);
      await untilSomebodyWaits(db);
      const leases = await db.query("select from core.credential_renewals where connection_id = $1", [id]);
      assert.equal(leases.rowCount, 0);
      // As if another host had been faster.
      await db.query(
        "update core.connections set credential_version = credential_version + 1 where id = $1",
        [id],
      );
      await db.query("commit");
      assert.equal((await calling).body.output?.status, 200);
      assert.deepEqual(vendor.asked, ["refresh_token"]);
    },
  );

  await t.test("a lost answer to a request for new tokens does not lose the connection", async () => {
    const id = await connected(scene);
    vendor.isForgiving = true;
    vendor.endAccessTokens();
    vendor.loseReplies = 1;
    assert.equal((await me(tenant, id)).body.code, "vendor-unavailable");
    assert.deepEqual(await statusOf(scene, id), ["active", null]);
    assert.equal((await me(tenant, id)).body.output.status, 200);
    vendor.isForgiving = false;
  });

  await t.test("nor does a vendor that is down, or one that answers nonsense", async () => {
    const id = await connected(scene);
    for (const [status, body] of [
      [503, "down"],
      [500, JSON.stringify({ error: "invalid_grant" })],
      [200, "<html>maintenance</html>"],
      [429, JSON.stringify({ error: "slow_down" })],
    ] as const) {
      vendor.endAccessTokens();
      vendor.failing = { status, body, times: 1 };
      assert.equal((await me(tenant, id)).body.code, "vendor-unavailable", body);
      assert.deepEqual(await statusOf(scene, id), ["active", null]);
    }
    vendor.failing.times = 0;
    assert.equal((await me(tenant, id)).body.output.status, 200);
  });

  await t.test("a refusal in words of the vendor's own is nothing certain", async () => {
    const id = await connected(scene);
    const path = `/api/v1/connections/${id}`;
    for (const [status, body, code] of [
      [400, { error: "bad_refresh_token" }, "egress-refused"],
      [200, { error: "bad_refresh_token" }, "egress-refused"],
      [403, { error: "inactive_org" }, "egress-refused"],
      [400, { status: "BAD_REFRESH_TOKEN" }, "egress-refused"],
      [401, { error: "invalid_client" }, "egress-refused"],
      [400, { error: "slow_down" }, "vendor-unavailable"],
      [400, { error: "temporarily_unavailable" }, "vendor-unavailable"],
    ] as const) {
      vendor.endAccessTokens();
      vendor.failing = { status, body: JSON.stringify(body), times: 1 };
      assert.equal((await me(tenant, id)).body.code, code, JSON.stringify(body));
      assert.deepEqual(await statusOf(scene, id), ["active", null]);
    }
    // Said again when the host itself tries, it stops the connection, until it works again.
    vendor.failing = { status: 400, body: JSON.stringify({ error: "bad_refresh_token" }), times: 2 };
    await tenant.api.post(`${path}/test`);
    assert.deepEqual(await statusOf(scene, id), ["active", null]);
    await tenant.api.post(`${path}/test`);
    assert.deepEqual(await statusOf(scene, id), ["error", "credential-refused"]);
    assert.equal((await tenant.api.post(`${path}/test`)).body.outcome, "ok");
    assert.deepEqual(await statusOf(scene, id), ["active", null]);
  });

  await t.test("a vendor that wants to see the person again is taken at its word", async () => {
    const id = await connected(scene);
    vendor.endAccessTokens();
    vendor.failing = { status: 400, body: JSON.stringify({ error: "interaction_required" }), times: 2 };
    assert.equal((await me(tenant, id)).body.code, "connection-inactive");
    assert.deepEqual(await statusOf(scene, id), ["error", "reauthorization-needed"]);
    vendor.failing.times = 0;
  });

  await t.test("a token asked for ahead of time that does not come fails no call", async () => {
    const id = await connected(scene);
    clock.ms += 3_550_000;
    vendor.failing = { status: 503, body: "down", times: 1 };
    assert.equal((await me(tenant, id)).body.output.status, 200);
  });

  await t.test("only when the vendor says for certain that it is over, a person is asked for", async () => {
    const id = await connected(scene);
    vendor.endAccessTokens();
    vendor.endGrants();
    assert.equal((await me(tenant, id)).body.code, "connection-inactive");
    assert.deepEqual(await statusOf(scene, id), ["error", "reauthorization-needed"]);
    const { body } = await tenant.api.get("/api/v1/events?type=plugboard.connection.failed");
    const last = body.items.at(-1);
    assert.deepEqual([last.data.connectionId, last.data.reason], [id, "reauthorization-needed"]);
    vendor.asked.length = 0;
    await me(tenant, id);
    const forced = await tenant.api.patch(`/api/v1/connections/${id}`, { status: "active" });
    assert.equal(forced.body.code, "connection-has-no-credential");
    assert.deepEqual(vendor.asked, [], "nobody asks again in vain");
    vendor.failing.times = 0;
    assert.equal((await authorize(scene, id)).status, 200);
    assert.equal((await me(tenant, id)).body.output.status, 200);
  });

  await t.test("a deleted connection's tokens are given back to the vendor", async () => {
    const id = await connected(scene);
    const { token } = (await me(tenant, id)).body.output;
    assert.notEqual(token, "", "the plugin sees that there was one, and not which");
    vendor.revoked.length = 0;
    assert.equal((await tenant.api.delete(`/api/v1/connections/${id}`)).status, 204);
    for (let waited = 0; vendor.revoked.length < 2 && waited < 200; waited++)
      await new Promise((next) => setTimeout(next, 50));
    assert.equal(vendor.revoked.length, 2);
    for (const revoked of vendor.revoked) assert.ok(vendor.secrets.has(revoked));
  });

  await t.test("what is given back goes by the operator's client as it is by then", async () => {
    const id = await connected(scene);
    vendor.revoked.length = 0;
    await db.query("begin");
    await db.query("lock table core.oauth_clients in access exclusive mode");
    assert.equal((await tenant.api.delete(`/api/v1/connections/${id}`)).status, 204);
    await untilSomebodyWaits(db);
    await db.query("delete from core.oauth_clients");
    await db.query("commit");
    while ((await db.query("select from core.token_revocations")).rowCount !== 0)
      await new Promise((next) => setTimeout(next, 20));
    assert.deepEqual(vendor.revoked, []);
    await putClient(host, registeredClient);
  });

  await t.test("grants that need nobody work at once, and are renewed the same way", async () => {
    for (const auth of [
      { type: "oauth2", grant: "client_credentials" },
      { type: "oauth2", grant: "client_credentials", client: vendorClient },
      { type: "oauth2", grant: "jwt_bearer", subject: "robot@vendor.example", privateKey: robotKey },
    ]) {
      const id = await create(scene, auth);
      assert.equal((await me(tenant, id)).body.output?.status, 200, auth.grant);
      vendor.asked.length = 0;
      vendor.endAccessTokens();
      assert.equal((await me(tenant, id)).body.output.status, 200);
      assert.deepEqual(vendor.asked, [auth.grant.replace("jwt_bearer", "jwt-bearer")]);
    }
  });

  await t.test("a key that the vendor does not know connects nothing", async () => {
    const { privateKey: strange } = await generateKeyPair("RS256", { extractable: true });
    const auth = {
      type: "oauth2",
      grant: "jwt_bearer",
      subject: "robot@vendor.example",
      privateKey: await exportPKCS8(strange),
    };
    const id = await create(scene, auth);
    assert.equal((await me(tenant, id)).body.code, "connection-inactive");
    assert.deepEqual(await statusOf(scene, id), ["error", "credential-refused"]);
    const noKey = await tenant.api.post("/api/v1/connections", {
      installId: scene.installId,
      name: "x",
      auth: { type: "oauth2", grant: "jwt_bearer" },
    });
    assert.equal(noKey.body.code, "credential-invalid");
  });

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
      }
    };
    clock.ms += 60_000;
    vendor.failing = { status: 400, body: JSON.stringify({ error: "bad_refresh_token" }), times: 2 };
    assert.deepEqual(await afterLook(1), ["active", null]);
    assert.deepEqual(await afterLook(2), ["error", "credential-refused"]);
    vendor.failing = { status: 200, body: JSON.stringify(answer), times: 1 };
    assert.deepEqual(await afterLook(0), ["active", null]);
  });

  await t.test("the operator's secret goes to the place that the operator named, and no other", async () => {
    const elsewhere = { ...vendorClient, tokenUrl: "https://auth.other.example/token" };
    await putClient(host, elsewhere);
    const id = await create(scene, { type: "oauth2", grant: "client_credentials" });
    vendor.asked.length = 0;
    assert.equal((await me(tenant, id)).body.code, "egress-refused");
    const begun = await tenant.api.post(`/api/v1/connections/${await create(scene, code)}/authorize`, {});
    assert.equal(begun.body.code, "oauth-client-mismatch");
    assert.deepEqual(vendor.asked, []);
    await putClient(host, registeredClient);
    assert.equal((await me(tenant, id)).body.output.status, 200);
    const { body } = await host.admin.get("/api/v1/oauth-clients");
    assert.equal(body.items[0].hasSecret, true);
    assert.ok(!JSON.stringify(body).includes(vendorClient.clientSecret));
  });

  await t.test(
    "the operator's application is for people's accounts, unless the operator says more",
    async () => {
      const { grants: _, ...client } = registeredClient;
      assert.deepEqual((await putClient(host, client)).body.grants, ["authorization_code"]);
      const robot = await create(scene, { type: "oauth2", grant: "client_credentials" });
      const jwt = { type: "oauth2", grant: "jwt_bearer", subject: "robot@vendor.example" };
      const other = await create(scene, { ...jwt, privateKey: robotKey });
      vendor.asked.length = 0;
      for (const id of [robot, other]) assert.equal((await me(tenant, id)).body.code, "egress-refused");
      assert.deepEqual(vendor.asked, []);
      assert.equal((await me(tenant, await connected(scene))).body.output.status, 200);
      assert.equal((await putClient(host, { ...client, grants: [] })).status, 422);
      assert.equal((await putClient(host, { ...client, grants: ["password"] })).status, 422);
      await putClient(host, registeredClient);
      assert.equal((await me(tenant, robot)).body.output.status, 200);
    },
  );
  await db.end();
});
