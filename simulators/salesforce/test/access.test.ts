/** Who gets in, for how long and how often, as jsforce goes about it. */
import assert from "node:assert/strict";
import { createSign, generateKeyPairSync } from "node:crypto";
import { after, before, test } from "node:test";
import { OAuth2 } from "jsforce";
import { accessToken, type Connected, connect, refusalOf, version } from "./connect.ts";

const redirectUri = "https://app.example/callback";
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const certificate = publicKey.export({ type: "spki", format: "pem" }).toString();

let connected: Connected;
let now = Date.UTC(2026, 10, 1);
before(async () => {
  connected = await connect({
    nowMs: () => now,
    orgs: { acme: { users: ["ann@acme.example"] }, small: { maxApiRequests: 2 } },
    accessTokens: { [accessToken]: "acme", "00Dsmall!token": "small" },
    apps: {
      web: { clientSecret: "web-secret", redirectUris: [redirectUri], requiresPkce: true },
      rotating: { clientSecret: "rotating-secret", rotatesRefreshTokens: true },
      server: { certificate, preauthorized: ["ann@acme.example"] },
    },
  });
});
after(() => connected.close());

const appOf = (clientId: string, clientSecret: string) =>
  new OAuth2({ loginUrl: connected.url, clientId, clientSecret, redirectUri, useVerifier: true });

/** A browser on its way to Salesforce and back. @returns what came back with it */
async function agree(url: string): Promise<URLSearchParams> {
  const { headers, status } = await fetch(url, { redirect: "manual" });
  assert.equal(status, 302);
  return new URL(headers.get("location") ?? "").searchParams;
}

test("an app is let in by a person, with PKCE, and its tokens are renewed and given back", async () => {
  const oauth2 = appOf("web", "web-secret");
  const back = await agree(oauth2.getAuthorizationUrl({ scope: "api refresh_token", state: "s1" }));
  assert.equal(back.get("state"), "s1");
  const conn = connected.as({ oauth2 });
  const { id, organizationId } = await conn.authorize(back.get("code") ?? "");
  assert.match(id, /^005/);
  assert.match(organizationId, /^00D/);
  assert.equal(conn.instanceUrl, connected.url);
  assert.equal((await conn.identity()).username, "admin@acme.example");
  await assert.rejects(
    conn.authorize(back.get("code") ?? ""),
    { name: "invalid_grant" },
    "a code is good once",
  );

  const before = conn.accessToken;
  connected.endSessions();
  await conn.query("SELECT Id FROM User");
  assert.notEqual(conn.accessToken, before, "jsforce renewed it");
  const { refreshToken } = conn;
  await oauth2.revokeToken(refreshToken ?? "");
  await assert.rejects(oauth2.refreshToken(refreshToken ?? ""), { name: "invalid_grant" });
});

test("who has not the verifier, the secret or the place is refused", async () => {
  const oauth2 = appOf("web", "web-secret");
  const code = (await agree(oauth2.getAuthorizationUrl({}))).get("code") ?? "";
  await assert.rejects(appOf("web", "web-secret").requestToken(code), { name: "invalid_grant" });
  const second = (await agree(oauth2.getAuthorizationUrl({}))).get("code") ?? "";
  oauth2.clientSecret = "guessed";
  await assert.rejects(oauth2.requestToken(second), { name: "invalid_client" });
  const bare = new OAuth2({
    loginUrl: connected.url,
    clientId: "web",
    clientSecret: "web-secret",
    redirectUri,
  });
  assert.equal((await agree(bare.getAuthorizationUrl({}))).get("error"), "invalid_request", "without PKCE");
  bare.redirectUri = "https://evil.example/";
  assert.equal((await fetch(bare.getAuthorizationUrl({}), { redirect: "manual" })).status, 400);
  now += 16 * 60_000;
  oauth2.clientSecret = "web-secret";
  await assert.rejects(oauth2.requestToken(second), { name: "invalid_grant" }, "too late");
});

test("a refresh token that rotates is good once", async () => {
  const oauth2 = appOf("rotating", "rotating-secret");
  const code = (await agree(oauth2.getAuthorizationUrl({ scope: "api refresh_token" }))).get("code") ?? "";
  const { refresh_token: first = "" } = await oauth2.requestToken(code);
  const { refresh_token: second } = await oauth2.refreshToken(first);
  assert.ok(second && second !== first);
  await assert.rejects(oauth2.refreshToken(first), { name: "invalid_grant" });
});

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
function assertionOf(claims: object, key = privateKey): string {
  const seconds = Math.floor(now / 1000);
  const all = {
    iss: "server",
    sub: "ann@acme.example",
    aud: "https://login.salesforce.com",
    exp: seconds + 180,
    ...claims,
  };
  const signed = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(all)}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key, "base64url")}`;
}
const bearer = (assertion: string) =>
  connected.as({}).authorize({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });

test("an app's own signature gets a token of a user who agreed", async () => {
  const conn = connected.as({});
  await conn.authorize({
    grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
    assertion: assertionOf({}),
  });
  assert.equal((await conn.identity()).username, "ann@acme.example");
});

const wrong: [what: string, assertion: () => string, message: RegExp][] = [
  [
    "by another key",
    () => assertionOf({}, generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey),
    /invalid assertion/,
  ],
  ["for somebody else", () => assertionOf({ aud: "https://evil.example" }), /audience is invalid/],
  ["in another's name", () => assertionOf({ sub: "admin@acme.example" }), /hasn't approved/],
  ["that is over", () => assertionOf({ exp: Math.floor(now / 1000) - 1 }), /expired/],
  ["that never ends", () => assertionOf({ exp: Math.floor(now / 1000) + 86_400 }), /too far/],
  ["of an unknown app", () => assertionOf({ iss: "nobody" }), /client identifier invalid/],
  [
    "without a signature",
    () => `${encode({ alg: "none" })}.${encode({ iss: "server", sub: "ann@acme.example" })}.`,
    /invalid assertion/,
  ],
];
for (const [what, assertion, message] of wrong)
  test(`a signature ${what} gets none`, async () => {
    await assert.rejects(bearer(assertion()), { message });
  });

test("a session ends when nobody uses it, and is of its org alone", async () => {
  const { salesforce } = connected;
  // Ended above; a new stand-in has it still.
  const own = await connect({ nowMs: () => now, sessionSeconds: 60 });
  try {
    now += 50_000;
    await own.salesforce.query("SELECT Id FROM User");
    now += 50_000;
    await own.salesforce.query("SELECT Id FROM User");
    now += 60_000;
    assert.equal(
      (await refusalOf(own.salesforce.query("SELECT Id FROM User"))).errorCode,
      "INVALID_SESSION_ID",
    );
  } finally {
    await own.close();
  }
  assert.equal((await refusalOf(salesforce.query("SELECT Id FROM User"))).errorCode, "INVALID_SESSION_ID");
});

test("the day's requests are counted, told and limited", async () => {
  const own = await connect({
    orgs: { small: { maxApiRequests: 2 } },
    accessTokens: { [accessToken]: "small" },
  });
  try {
    const { salesforce } = own;
    const limits = await salesforce.limits();
    assert.deepEqual(limits.DailyApiRequests, { Max: 2, Remaining: 1 });
    assert.deepEqual(salesforce.limitInfo.apiUsage, { used: 1, limit: 2 });
    await salesforce.describeGlobal();
    assert.equal((await refusalOf(salesforce.describeGlobal())).errorCode, "REQUEST_LIMIT_EXCEEDED");
  } finally {
    await own.close();
  }
});

test("a token can be looked into by the app that has it", async () => {
  const oauth2 = appOf("web", "web-secret");
  const code = (await agree(oauth2.getAuthorizationUrl({}))).get("code") ?? "";
  const { access_token: token } = await oauth2.requestToken(code);
  const introspect = async (clientId: string, clientSecret: string) => {
    const body = new URLSearchParams({ token, client_id: clientId, client_secret: clientSecret });
    return (await fetch(`${connected.url}/services/oauth2/introspect`, { method: "POST", body })).json();
  };
  assert.deepEqual(
    ((await introspect("web", "web-secret")) as { active: boolean; username: string }).username,
    "admin@acme.example",
  );
  assert.deepEqual(await introspect("rotating", "rotating-secret"), { active: false });
  assert.equal(((await introspect("web", "x")) as { error: string }).error, "invalid_client");
});

test("unknown paths, methods and versions are refused as Salesforce does", async () => {
  const own = await connect();
  try {
    const send = async (path: string, method = "GET") => {
      const headers = { Authorization: `Bearer ${accessToken}` };
      const response = await fetch(own.url + path, { method, headers });
      const body = (await response.json()) as { errorCode: string }[];
      return [response.status, body[0]?.errorCode];
    };
    assert.deepEqual(await send(`/services/data/v${version}/nothing`), [404, "NOT_FOUND"]);
    assert.deepEqual(await send(`/services/data/v${version}/limits`, "POST"), [405, "METHOD_NOT_ALLOWED"]);
    assert.deepEqual(await send("/services/data/v99.0/limits"), [404, "NOT_FOUND"]);
    assert.deepEqual(await send("/elsewhere"), [404, "NOT_FOUND"]);
    own.failNext({ status: 503, errorCode: "SERVER_UNAVAILABLE" });
    assert.deepEqual(await send(`/services/data/v${version}/limits`), [503, "SERVER_UNAVAILABLE"]);
  } finally {
    await own.close();
  }
});
