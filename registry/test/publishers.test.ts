import assert from "node:assert/strict";
import { test } from "node:test";
import { generateSigningKey, signStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import { pointersOf, refused } from "./support/refused.ts";
import { claimFor, registerPublisher, startRegistry } from "./support/registry.ts";

test("a name goes to whoever takes it first and holds the key", async (t) => {
  const { client } = await startRegistry(t);
  const key = await generateSigningKey();

  const registered = await client.registerPublisher({
    publisher: "acme",
    key: key.publicJwk,
    claim: await claimFor("acme", key),
  });

  assert.deepEqual(registered, { publisher: "acme", kid: key.kid });
  const { createdAt, ...publisher } = await client.getPublisher("acme");
  assert.deepEqual(publisher, { publisher: "acme", verified: false, keys: [key.kid], endedKeys: [] });
  assert.ok(Date.parse(createdAt) <= Date.now());
});

test("a name that is taken stays with its publisher, also when many want it at once", async (t) => {
  const { client } = await startRegistry(t);

  const attempts = await Promise.allSettled(
    Array.from({ length: 5 }, () => registerPublisher(client, "acme")),
  );

  assert.equal(attempts.filter(({ status }) => status === "fulfilled").length, 1);
  await refused(registerPublisher(client, "acme"), 409, "publisher-taken");
});

test("a claim that another key signed gives no name", async (t) => {
  const { client } = await startRegistry(t);
  const [mine, theirs] = [await generateSigningKey(), await generateSigningKey()];

  const registration = { publisher: "acme", key: mine.publicJwk, claim: await claimFor("acme", theirs) };

  await refused(client.registerPublisher(registration), 403, "publisher-key-unknown");
  await refused(client.getPublisher("acme"), 404, "publisher-not-found");
});

test("a claim is for one name, one audience and a short time", async (t) => {
  const { client } = await startRegistry(t, { now: () => new Date("2030-01-01T12:00:00Z") });
  const key = await generateSigningKey();
  const good = { issuedAt: "2030-01-01T11:55:00Z" };
  const bad = [
    { ...good, publisher: "other" },
    { ...good, audience: "another-service" },
    { issuedAt: "2030-01-01T11:49:59Z" },
    { issuedAt: "2030-01-01T12:10:01Z" },
  ];

  for (const claim of bad) {
    const registration = { publisher: "acme", key: key.publicJwk, claim: await claimFor("acme", key, claim) };
    await refused(client.registerPublisher(registration), 422, "claim-invalid");
  }

  const claim = await claimFor("acme", key, good);
  await client.registerPublisher({ publisher: "acme", key: key.publicJwk, claim });
});

test("a statement of another kind is no claim", async (t) => {
  const { client } = await startRegistry(t);
  const key = await generateSigningKey();
  const payload = { publisher: "acme", audience: "plugboard-registry", issuedAt: new Date().toISOString() };
  const claim = await signStatement(statementTypes.delegation, payload, { privateJwk: key.privateJwk });

  const registration = { publisher: "acme", key: key.publicJwk, claim };

  await refused(client.registerPublisher(registration), 422, "statement-wrong-type");
});

test("a private key, an odd name and an unknown field are refused before anything is verified", async (t) => {
  const { client } = await startRegistry(t);
  const key = await generateSigningKey();
  const claim = await claimFor("acme", key);

  const refusal = await refused(
    client.registerPublisher({ publisher: "Acme Inc", key: key.privateJwk, claim }),
    422,
    "invalid-request",
  );

  assert.deepEqual(pointersOf(refusal).sort(), ["/key/d", "/publisher"]);
});
