import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { createAccount } from "./support/accounts.ts";
import { ask } from "./support/operator.ts";
import { hostToken, operatorToken, registerPublisher, startRegistry } from "./support/registry.ts";

interface NewToken {
  token: { id: string; prefix: string; expiresAt: string };
  secret: string;
  code?: string;
}

const allowed = { name: "ci", scopes: ["read"], expiresInDays: 30 };

test("a token counts until it is revoked or runs out, and of it only a digest is kept", async (t) => {
  let now = new Date("2030-01-01T00:00:00Z");
  const registry = await startRegistry(t, { now: () => now });
  const ada = await createAccount(registry);
  const { status, body } = await ada.ask<NewToken>("POST /account/tokens", allowed);
  assert.equal(status, 201);
  const { token, secret } = body;
  const whoami = async (bearer: string) => (await ask(registry, "GET /account", { token: bearer })).status;

  assert.ok(secret.startsWith("pba_") && secret.startsWith(token.prefix) && token.prefix.length < 12);
  assert.equal(token.expiresAt, "2030-01-31T00:00:00.000Z");
  assert.equal(await whoami(secret), 200);
  const { rows } = await sql<{ all: string }>`
    select string_agg(row_to_json(t)::text, '') as all from registry.account_tokens t`.execute(
    registry.database.kysely(),
  );
  assert.ok(!rows[0]?.all.includes(secret));

  now = new Date("2030-01-31T00:00:00Z");
  assert.equal(await whoami(secret), 401, "it ran out");
  assert.equal((await ada.ask(`DELETE /account/tokens/${ada.tokenId}`)).status, 204);
  assert.equal(await whoami(ada.token), 401, "it was revoked");
  for (const other of [hostToken, operatorToken, `${secret}x`, ""])
    assert.equal(await whoami(other), 401, other);
});

test("a token makes none that may more than itself, and one account none of another's", async (t) => {
  const registry = await startRegistry(t);
  const acme = await registerPublisher(registry.client, "acme");
  const [ada, eve] = [await createAccount(registry), await createAccount(registry, "Eve")];
  const make = async (token: string, wish: object) =>
    ask<NewToken>(registry, "POST /account/tokens", { token, json: { ...allowed, ...wish } });

  const reader = await make(ada.token, {});
  assert.equal((await make(reader.body.secret, {})).status, 403, "without the scope it makes none");
  const narrow = await make(ada.token, {
    scopes: ["read", "tokens"],
    publisher: acme.name,
    plugins: ["echo"],
  });
  const wishes: [wish: object, status: number][] = [
    [{ publisher: acme.name, plugins: ["echo"] }, 201],
    [{ publisher: acme.name, plugins: ["echo"], scopes: ["publish"] }, 403],
    [{ publisher: acme.name, plugins: ["other"] }, 403],
    [{ publisher: acme.name }, 403],
    [{}, 403],
  ];
  for (const [wish, status] of wishes) {
    assert.equal((await make(narrow.body.secret, wish)).status, status, JSON.stringify(wish));
  }
  const later = await make(narrow.body.secret, {
    publisher: acme.name,
    plugins: ["echo"],
    expiresInDays: 365,
  });
  assert.ok(later.body.token.expiresAt <= narrow.body.token.expiresAt, "nor one that lives longer");
  assert.equal((await ask(registry, "GET /account/tokens", { token: narrow.body.secret })).status, 403);

  assert.equal((await eve.ask(`DELETE /account/tokens/${reader.body.token.id}`)).status, 404);
  const list = await eve.ask<{ items: object[] }>("GET /account/tokens");
  assert.equal(list.body.items.length, 1);
});

test("a token that is revoked takes with it what it made, down to the last", async (t) => {
  const registry = await startRegistry(t);
  const ada = await createAccount(registry);
  const make = async (token: string, more = {}) =>
    ask<NewToken>(registry, "POST /account/tokens", {
      token,
      json: { ...allowed, scopes: ["read", "tokens"], ...more },
    });
  const stolen = await make(ada.token);
  const child = await make(stolen.body.secret);
  const grandchild = await make(child.body.secret);
  const other = await make(ada.token);
  const status = async (token: string) => (await ask(registry, "GET /account", { token })).status;
  assert.equal(await status(grandchild.body.secret), 200);

  assert.equal((await ada.ask(`DELETE /account/tokens/${stolen.body.token.id}`)).status, 204);

  for (const { body } of [stolen, child, grandchild]) assert.equal(await status(body.secret), 401);
  assert.equal(await status(other.body.secret), 200);
  const nobody = await make(ada.token, { publisher: "nobody" });
  assert.deepEqual([nobody.status, nobody.body.code], [404, "publisher-not-found"]);
  const page = await ada.ask<{ items: { id: string }[]; nextCursor: string }>("GET /account/tokens?limit=3");
  const rest = await ada.ask<{ items: { id: string }[]; nextCursor: null }>(
    `GET /account/tokens?limit=3&cursor=${page.body.nextCursor}`,
  );
  assert.equal(new Set([...page.body.items, ...rest.body.items].map(({ id }) => id)).size, 5);
  assert.equal(rest.body.nextCursor, null);
});

test("accounts and names are given to one address so many an hour", async (t) => {
  let now = new Date("2030-01-01T00:00:00Z");
  const registry = await startRegistry(t, {
    now: () => now,
    arrivalLimits: { accountsPerHour: 1, publishersPerHour: 1 },
  });
  await createAccount(registry);
  await registerPublisher(registry.client, "acme", now);

  const again = await ask<{ code: string }>(registry, "POST /accounts", { json: { displayName: "Bob" } });
  assert.deepEqual([again.status, again.body.code], [429, "rate-limited"]);
  await assert.rejects(registerPublisher(registry.client, "other", now), { code: "rate-limited" });

  now = new Date("2030-01-01T01:00:01Z");
  await createAccount(registry);
  await registerPublisher(registry.client, "other", now);
});

test("the ration is one address's own behind a proxy, one network's of version 6, and holds for many at once", async (t) => {
  const registry = await startRegistry(t, { trustProxy: 1, arrivalLimits: { accountsPerHour: 2 } });
  const from = async (forwarded: string) => {
    const response = await fetch(`${registry.url}/registry/v1/accounts`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": forwarded },
      body: JSON.stringify({ displayName: "Ada" }),
    });
    await response.arrayBuffer();
    return response.status;
  };

  const atOnce = await Promise.all(Array.from({ length: 8 }, () => from("192.0.2.1")));
  assert.deepEqual(atOnce.sort(), [201, 201, 429, 429, 429, 429, 429, 429]);
  assert.equal(await from("::ffff:192.0.2.1"), 429, "the same one, as a socket of version 6 writes it");
  assert.equal(await from("198.51.100.7, 192.0.2.1"), 429, "what the proxy did not see is not believed");
  assert.equal(await from("192.0.2.2"), 201);

  assert.equal(await from("2001:db8:0:1::1"), 201);
  assert.equal(await from("2001:db8:0:1:ffff::2"), 201);
  assert.equal(await from("2001:db8::1:abcd:0:0:3"), 429);
  assert.equal(await from("2001:db8:0:2::1"), 201);
});
