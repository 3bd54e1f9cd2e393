/** What somebody can do who writes a person's way back from the vendor: to connect their account to ours, or ours to theirs. */
import assert from "node:assert/strict";
import test from "node:test";
import pg from "pg";
import { untilSomebodyWaits } from "../support/locks.ts";
import {
  code,
  connected,
  create,
  me,
  putClient,
  registeredClient,
  startOAuthScene,
  statusOf,
} from "../support/oauth-scene.ts";
import { issuer, vendorPermissions } from "../support/oauth-vendor.ts";
import { publishTestPlugin } from "../support/plugin.ts";

test("attacks on the way back from the vendor", async (t) => {
  const scene = await startOAuthScene(t, { isolation: "thread", limits: { authorizationsPerTenant: 40 } });
  const { vendor, tenant, host } = scene;

  /** Begins for a new connection. @returns what the vendor would send the browser to */
  async function begin() {
    const id = await create(scene, code);
    const { body } = await tenant.api.post(`/api/v1/connections/${id}/authorize`, {});
    return { id, url: body.url as string, back: async () => new URL(await vendor.browse(body.url)) };
  }

  async function open(back: URL) {
    const answer = await fetch(`${host.address}${back.pathname}${back.search}`, { redirect: "manual" });
    return { status: answer.status, headers: answer.headers, page: await answer.text() };
  }

  async function refusedWith(back: URL, outcome: string) {
    const { status, page } = await open(back);
    assert.deepEqual([status, page.includes(`<small>${outcome}</small>`)], [400, true], page);
  }

  await t.test(
    "what is sent to the vendor holds a challenge, a state and a nonce that nobody can guess",
    async () => {
      const [first, second] = await Promise.all([begin(), begin()]);
      const [a, b] = [new URL(first.url).searchParams, new URL(second.url).searchParams];
      assert.equal(a.get("code_challenge_method"), "S256");
      for (const name of ["state", "nonce", "code_challenge"]) {
        assert.equal(a.get(name)?.length, 43, name);
        assert.notEqual(a.get(name), b.get(name), name);
      }
      assert.ok(!first.url.includes("secret"));
    },
  );

  await t.test("an answer is taken once", async () => {
    const { back } = await begin();
    const answer = await back();
    assert.equal((await open(answer)).status, 200);
    await refusedWith(answer, "expired");
  });

  await t.test("of two that come at the same time one is taken", async () => {
    const { back } = await begin();
    const answer = await back();
    const statuses = (await Promise.all([open(answer), open(answer), open(answer)])).map(
      ({ status }) => status,
    );
    assert.deepEqual(statuses.toSorted(), [200, 400, 400]);
  });

  await t.test("a state that is too old, unknown, missing, or said twice connects nothing", async () => {
    const { id, back } = await begin();
    const answer = await back();
    const twice = new URL(answer);
    twice.searchParams.append("state", answer.searchParams.get("state") ?? "");
    await refusedWith(twice, "expired");
    const unknown = new URL(answer);
    unknown.searchParams.set("state", "A".repeat(43));
    await refusedWith(unknown, "expired");
    unknown.searchParams.delete("state");
    await refusedWith(unknown, "expired");
    await sql(host.databaseUrl, "update core.oauth_flows set expires_at = now()");
    await refusedWith(answer, "expired");
    assert.deepEqual(await statusOf(scene, id), ["configuring", null]);
  });

  await t.test("somebody else's code does not come in under a state of ours", async () => {
    const [ours, theirs] = [await begin(), await begin()];
    const [answer, other] = [await ours.back(), await theirs.back()];
    answer.searchParams.set("code", other.searchParams.get("code") ?? "");
    await refusedWith(answer, "vendor-invalid-grant");
    assert.deepEqual(await statusOf(scene, ours.id), ["configuring", null]);
  });

  await t.test("an answer of another issuer, or of none, is not taken", async () => {
    for (const iss of ["https://evil.example", `${issuer}/`, undefined]) {
      const { id, back } = await begin();
      const answer = await back();
      assert.equal(answer.searchParams.get("iss"), issuer);
      if (iss === undefined) answer.searchParams.delete("iss");
      else answer.searchParams.set("iss", iss);
      vendor.asked.length = 0;
      await refusedWith(answer, "answer-refused");
      assert.deepEqual(vendor.asked, [], "the code is shown to nobody");
      assert.deepEqual(await statusOf(scene, id), ["configuring", null]);
    }
  });

  await t.test("a code that was got in another plugin's name comes to the wrong place", async () => {
    await publishTestPlugin(host.address, scene.publisher, {
      id: "acme/evil",
      permissions: { network: [{ hosts: ["auth.evil.example"], methods: ["POST"], reason: "Steal" }] },
      manifest: {
        auth: [
          {
            type: "oauth2",
            grant: "authorization_code",
            authorizationUrl: "https://auth.evil.example/auth",
            tokenUrl: "https://auth.evil.example/token",
          },
        ],
      },
    });
    const asked = await tenant.api.post("/api/v1/installs", { plugin: "acme/evil" });
    const install = await tenant.api.post("/api/v1/installs", {
      plugin: "acme/evil",
      consent: asked.body.consent,
    });
    const evil = await tenant.api.post("/api/v1/connections", {
      installId: install.body.id,
      name: "evil",
      auth: { ...code, client: { clientId: "evil" } },
    });
    const begun = await tenant.api.post(`/api/v1/connections/${evil.body.id}/authorize`, {});
    assert.match(begun.body.redirectUri, /\/oauth\/callback\/acme\/evil$/);
    // The evil server leads the person on to the honest one, with the honest client and its own state.
    const honest = new URL((await begin()).url);
    honest.searchParams.set("state", new URL(begun.body.url).searchParams.get("state") ?? "");
    await refusedWith(new URL(await vendor.browse(honest.href)), "wrong-place");
  });

  await t.test("what was changed while the code was exchanged is not written over", async () => {
    const db = new pg.Client({ connectionString: host.databaseUrl });
    await db.connect();
    for (const change of [
      "status = 'inactive'",
      "credential_version = credential_version + 1",
      `config = '{"site":"another"}'`,
    ]) {
      const { id, back } = await begin();
      const answer = await back();
      await db.query("begin");
      await db.query(`update core.connections set ${change} where id = $1`, [id]);
      const refused = refusedWith(answer, "wrong-place");
      await untilSomebodyWaits(db);
      await db.query("commit");
      await refused;
      assert.equal((await me(tenant, id)).body.code, "connection-inactive", change);
    }
    await db.end();
  });

  await t.test("an ID token with another nonce, or another audience, connects nothing", async () => {
    const now = Math.floor(scene.clock.ms / 1000);
    const right = {
      iss: issuer,
      sub: "person",
      aud: "plugboard-app",
      iat: now,
      exp: now + 60,
    };
    const asked = (url: string) => new URL(url).searchParams.get("nonce");
    for (const { isRight = false, ...what } of [
      { isRight: true },
      { nonce: "N".repeat(43) },
      { nonce: undefined },
      { aud: "another-app" },
      { iss: "https://evil.example" },
      { exp: now - 60 },
    ]) {
      const { id, url, back } = await begin();
      const answer = await back();
      const claims = { ...right, nonce: asked(url), ...what };
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const id_token = `${part({ alg: "RS256" })}.${part(claims)}.${part({})}`;
      const body = JSON.stringify({ access_token: "an-access-token", token_type: "Bearer", id_token });
      vendor.failing = { status: 200, body, times: 1 };
      if (isRight) {
        // The vendor does not know this token: what was said of the person was taken all the same.
        await refusedWith(answer, "not-working");
        assert.equal((await statusOf(scene, id))[0], "error");
        continue;
      }
      await refusedWith(answer, "vendor-answer-refused");
      assert.deepEqual(await statusOf(scene, id), ["configuring", null], JSON.stringify(what));
    }
    const { id, back } = await begin();
    const body = JSON.stringify({ access_token: "an-access-token", token_type: "Bearer" });
    vendor.failing = { status: 200, body, times: 1 };
    await refusedWith(await back(), "vendor-answer-refused");
    assert.deepEqual(await statusOf(scene, id), ["configuring", null], "no ID token at all");
  });

  await t.test("what a vendor or anybody writes into the answer is shown to nobody", async () => {
    const { back } = await begin();
    const answer = await back();
    const script = "<script>alert(1)</script>";
    for (const name of ["error", "error_description", "error_uri"]) answer.searchParams.set(name, script);
    answer.searchParams.delete("code");
    const { page, headers } = await open(answer);
    assert.ok(!page.includes("script"), page);
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.deepEqual(
      [headers.get("cache-control"), headers.get("referrer-policy")],
      ["no-store", "no-referrer"],
    );
    assert.ok(!host.logged().includes("alert(1)"));
  });

  await t.test("a person who says no is told so", async () => {
    const { back } = await begin();
    const answer = await back();
    answer.searchParams.set("error", "access_denied");
    await refusedWith(answer, "denied");
  });

  await t.test("where people come back to does not follow from what a request says of the host", async () => {
    const id = await create(scene, code);
    const { body } = await tenant.api.send("POST", `/api/v1/connections/${id}/authorize`, {
      headers: {
        "content-type": "application/json",
        "x-forwarded-host": "evil.example",
        forwarded: "host=evil.example",
      },
      body: "{}",
    });
    assert.match(body.redirectUri, /^https:\/\/plugboard\.example\//);
  });

  await t.test("what an API key began ends with the key", async () => {
    const key = await host.admin.post("/api/v1/api-keys", {
      name: "short",
      tenantId: tenant.id,
      scopes: ["*"],
    });
    const id = await create(scene, code);
    const begun = await tenant.api.send("POST", `/api/v1/connections/${id}/authorize`, {
      headers: { authorization: `Bearer ${key.body.key}`, "content-type": "application/json" },
      body: "{}",
    });
    const answer = new URL(await vendor.browse(begun.body.url));
    assert.equal((await tenant.api.delete(`/api/v1/api-keys/${key.body.id}`)).status, 200);
    await refusedWith(answer, "expired");
  });

  await t.test(
    "another tenant's connection cannot be authorized, tested, exported, cloned or looked at",
    async () => {
      const id = await connected(scene);
      const { api } = await host.tenant();
      for (const [method, what, body] of [
        ["POST", "authorize", "{}"],
        ["POST", "test", undefined],
        ["GET", "health", undefined],
        ["GET", "export", undefined],
        ["POST", "clone", JSON.stringify({ name: "mine" })],
      ] as const) {
        const answer = await api.send(method, `/api/v1/connections/${id}/${what}`, {
          ...(body !== undefined && { headers: { "content-type": "application/json" }, body }),
        });
        assert.deepEqual([answer.status, answer.body.code], [404, "connection-not-found"], what);
      }
    },
  );

  await t.test("a clone has the configuration and not the tokens", async () => {
    const id = await connected(scene);
    const clone = await tenant.api.post(`/api/v1/connections/${id}/clone`, { name: "A clone" });
    assert.deepEqual([clone.status, clone.body.status], [201, "configuring"]);
    assert.equal((await me(tenant, clone.body.id)).body.code, "connection-inactive");
  });

  await t.test("a tenant does not fill the host with links that nobody follows", async () => {
    const id = await create(scene, code);
    const open = async () =>
      (await sql(host.databaseUrl, "select from core.oauth_flows where expires_at > now()")).length;
    const room = 40 - (await open());
    const begin = () => tenant.api.post(`/api/v1/connections/${id}/authorize`, {});
    const begun = await Promise.all(Array.from({ length: room + 3 }, begin));
    const refused = begun.filter(({ status }) => status !== 200);
    assert.equal(refused.length, 3);
    for (const { status, body, headers } of refused) {
      assert.deepEqual([status, body.code], [429, "authorizations-limit-exceeded"]);
      const seconds = Number(headers.get("retry-after"));
      assert.ok(seconds > 0 && seconds <= 600, String(seconds));
    }
    await sql(host.databaseUrl, "update core.oauth_flows set expires_at = now()");
    assert.equal((await begin()).status, 200);
  });

  await t.test("a plugin does not have the operator's secret sent to another place to revoke", async () => {
    await publishTestPlugin(host.address, scene.publisher, {
      id: "acme/leak",
      actions: { me: { run: `await fetch("https://api.vendor.example/me"); return {};` } },
      permissions: vendorPermissions,
      manifest: {
        auth: [
          {
            type: "oauth2",
            grant: "client_credentials",
            tokenUrl: `${issuer}/token`,
            revocationUrl: "https://api.vendor.example/revoke",
          },
        ],
      },
    });
    await putClient(host, registeredClient, "acme/leak");
    const asked = await tenant.api.post("/api/v1/installs", { plugin: "acme/leak" });
    const install = await tenant.api.post("/api/v1/installs", {
      plugin: "acme/leak",
      consent: asked.body.consent,
    });
    const own = { clientId: "own", clientSecret: "a-secret-of-our-own" };
    for (const client of [undefined, own]) {
      const made = await tenant.api.post("/api/v1/connections", {
        installId: install.body.id,
        name: "A robot",
        auth: { type: "oauth2", grant: "client_credentials", ...(client && { client }) },
      });
      const body = JSON.stringify({ access_token: "an-access-token-0123" });
      vendor.failing = { status: 200, body, times: 1 };
      const before = vendor.called.length;
      await me(tenant, made.body.id);
      assert.equal(vendor.called[before], "an-access-token-0123");
      assert.equal((await tenant.api.delete(`/api/v1/connections/${made.body.id}`)).status, 204);
    }
    const basic = () => vendor.called.filter((header) => header.startsWith("Basic "));
    const open = () => sql(host.databaseUrl, "select from core.token_revocations");
    for (let waited = 0; (await open()).length > 0 && waited < 200; waited++)
      await new Promise((next) => setTimeout(next, 50));
    const theirs = `Basic ${Buffer.from("own:a-secret-of-our-own").toString("base64")}`;
    assert.deepEqual(basic(), [theirs], "what a tenant gave itself goes where its plugin may");
    assert.match(host.logged(), /the operator's client is not for this place/);
  });
});

async function sql(databaseUrl: string, text: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query(text, values);
  await client.end();
  return rows;
}
