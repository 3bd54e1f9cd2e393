import assert from "node:assert/strict";
import { test } from "node:test";
import type { Delegation } from "@plugboard/plugin-sdk/trust";
import { generateSigningKey, signStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import { decodeJwt } from "jose";
import { createAccount, makeOwner, ownershipClaim, type TestAccount } from "./support/accounts.ts";
import { ask, asOperator } from "./support/operator.ts";
import { orderToAdd } from "./support/orders.ts";
import { pack, sign } from "./support/plugins.ts";
import { claimFor, registerPublisher, startRegistry } from "./support/registry.ts";

const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => [status, body?.code];

test("whoever holds a publisher's key becomes its owner, and nobody by another's claim", async (t) => {
  const registry = await startRegistry(t);
  const acme = await registerPublisher(registry.client, "acme");
  const rival = await registerPublisher(registry.client, "rival");
  const [ada, eve] = [await createAccount(registry), await createAccount(registry, "Eve")];
  const owners = "POST /publishers/acme/owners";

  const forAda = await ownershipClaim("acme", ada.id, acme.key);
  const attempts = [
    { claim: await ownershipClaim("acme", eve.id, rival.key), code: "publisher-key-unknown" },
    { claim: forAda, code: "claim-invalid" },
    { claim: await claimFor("acme", acme.key), code: "claim-invalid" },
    { claim: await ownershipClaim("rival", eve.id, acme.key), code: "claim-invalid" },
    {
      claim: await ownershipClaim("acme", eve.id, acme.key, new Date(Date.now() - 11 * 60_000)),
      code: "claim-invalid",
    },
  ];
  for (const { claim, code } of attempts) assert.equal((await eve.ask(owners, { claim })).body.code, code);
  assert.equal((await ada.ask(owners, { claim: forAda })).status, 200);

  // What concerns members only is not there for others, as of a publisher that does not exist.
  for (const request of [
    "GET /publishers/acme/members",
    "GET /publishers/acme/audit",
    "GET /publishers/acme/publications",
  ]) {
    assert.deepEqual(codeOf(await eve.ask(request)), [404, "not-a-member"], request);
    assert.deepEqual(
      codeOf(await eve.ask(request.replace("acme", "nobody"))),
      [404, "not-a-member"],
      request,
    );
  }
});

test("a role cannot make itself more, and the last owner cannot go", async (t) => {
  const registry = await startRegistry(t);
  const acme = await registerPublisher(registry.client, "acme");
  const [ada, bob, eve] = [
    await createAccount(registry),
    await createAccount(registry, "Bob"),
    await createAccount(registry, "Eve"),
  ];
  await makeOwner(ada, acme);
  const set = (by: TestAccount, who: TestAccount, role: string) =>
    by.ask(`PUT /publishers/acme/members/${who.id}`, { role });
  const remove = (by: TestAccount, who: TestAccount) => by.ask(`DELETE /publishers/acme/members/${who.id}`);
  assert.equal((await set(ada, bob, "maintainer")).status, 200);

  assert.deepEqual(codeOf(await set(bob, bob, "owner")), [403, "forbidden"]);
  assert.deepEqual(codeOf(await set(bob, eve, "viewer")), [403, "forbidden"]);
  assert.deepEqual(codeOf(await remove(bob, ada)), [403, "forbidden"]);
  assert.deepEqual(codeOf(await set(eve, eve, "owner")), [404, "not-a-member"]);
  assert.deepEqual(codeOf(await bob.ask("POST /publishers/acme/transfers", { to: bob.id })), [
    403,
    "forbidden",
  ]);
  assert.deepEqual(codeOf(await bob.ask("PATCH /publishers/acme/settings", { tokenRequired: true })), [
    403,
    "forbidden",
  ]);

  assert.deepEqual(codeOf(await set(ada, ada, "viewer")), [409, "last-owner"]);
  assert.deepEqual(codeOf(await remove(ada, ada)), [409, "last-owner"]);
  await set(ada, bob, "owner");
  // Each puts the other out at once: one of them is left.
  const outcomes = await Promise.all([remove(ada, bob), remove(bob, ada)]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), [204, 404]);
  const left = outcomes[0]?.status === 204 ? ada : bob;
  const { body } = await left.ask<{ items: { role: string }[] }>("GET /publishers/acme/members");
  assert.deepEqual(
    body.items.map(({ role }) => role),
    ["owner"],
  );
});

test("a publisher that asks for a token besides is not helped by a stolen key, and not hurt by a stolen token", async (t) => {
  const registry = await startRegistry(t);
  const acme = await registerPublisher(registry.client, "acme");
  const rival = await registerPublisher(registry.client, "rival");
  const [ada, bob, eve] = [
    await createAccount(registry),
    await createAccount(registry, "Bob"),
    await createAccount(registry, "Eve"),
  ];
  await makeOwner(ada, acme);
  await makeOwner(eve, rival);
  await ada.ask(`PUT /publishers/acme/members/${bob.id}`, { role: "viewer" });
  await ada.ask("PATCH /publishers/acme/settings", { tokenRequired: true });
  const tokenOf = async (scopes: string[], more = {}) => {
    const wish = { name: "ci", scopes, expiresInDays: 1, ...more };
    const { body } = await ada.ask<{ secret: string }>("POST /account/tokens", wish);
    return body.secret;
  };

  async function publish(token: string | undefined, key = acme.key, version = "1.0.0") {
    const { tarball, statement } = await sign(await pack({ id: "acme/echo", version }), key.privateJwk);
    const form = new FormData();
    form.append("statement", statement);
    form.append("tarball", new Blob([new Uint8Array(tarball)], { type: "application/gzip" }), "p.tgz");
    const response = await fetch(`${registry.url}/registry/v1/plugins`, {
      method: "POST",
      body: form,
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    });
    return { status: response.status, body: (await response.json()) as { code?: string; id?: string } };
  }

  assert.deepEqual(codeOf(await publish(undefined)), [401, "unauthorized"]);
  assert.deepEqual(codeOf(await publish(eve.token)), [404, "not-a-member"]);
  assert.deepEqual(codeOf(await publish(bob.token)), [403, "forbidden"], "a viewer");
  assert.deepEqual(codeOf(await publish(await tokenOf(["read"]))), [403, "forbidden"], "no such scope");
  const other = await tokenOf(["publish"], { publisher: "acme", plugins: ["other"] });
  assert.deepEqual(codeOf(await publish(other)), [403, "forbidden"], "for another plugin");
  assert.deepEqual(
    codeOf(await publish(ada.token, rival.key)),
    [403, "namespace-forbidden"],
    "a token is no key",
  );
  const exact = await tokenOf(["publish"], { publisher: "acme", plugins: ["echo"] });
  const accepted = await publish(exact);
  assert.equal(accepted.status, 202);
  await registry.client.waitForPublication(accepted.body.id ?? "");
  await ada.ask(`DELETE /publishers/acme/members/${bob.id}`);
  assert.deepEqual(codeOf(await publish(bob.token, acme.key, "1.0.1")), [404, "not-a-member"], "put out");
});

test("members see what their publisher sent in and can take it back; others do not learn that it is there", async (t) => {
  const registry = await startRegistry(t, {
    scanners: [
      {
        name: "wary",
        version: "1",
        deadlineMs: 5_000,
        scan: async () => ({
          verdict: "suspicious",
          problems: [{ code: "odd", pointer: "", message: "Odd." }],
          report: {},
        }),
      },
    ],
  });
  const acme = await registerPublisher(registry.client, "acme");
  const rival = await registerPublisher(registry.client, "rival");
  const [ada, eve] = [await createAccount(registry), await createAccount(registry, "Eve")];
  await makeOwner(ada, acme);
  await makeOwner(eve, rival);
  const { id } = await acme.publish({ name: "echo", version: "1.0.0" });
  await acme.publish({ name: "other", version: "1.0.0" });
  const own = `/publishers/acme/publications/${id}`;

  const listed = await ada.ask<{ items: { id: string; plugin: string }[]; nextCursor: string | null }>(
    "GET /publishers/acme/publications?limit=1",
  );
  assert.deepEqual(
    listed.body.items.map(({ plugin }) => plugin),
    ["acme/other"],
  );
  const second = await ada.ask<{ items: { id: string }[]; nextCursor: string | null }>(
    `GET /publishers/acme/publications?limit=1&cursor=${listed.body.nextCursor}`,
  );
  assert.deepEqual([second.body.items[0]?.id, second.body.nextCursor], [id, null]);
  assert.equal((await ada.ask(`GET ${own}/scans`)).status, 200);

  for (const request of [`GET ${own}/scans`, `POST ${own}/rescan`]) {
    assert.deepEqual(codeOf(await eve.ask(request)), [404, "not-a-member"], request);
    const through = request.replace("acme", "rival");
    assert.deepEqual(codeOf(await eve.ask(through)), [404, "publication-not-found"], through);
  }
  const reason = { reason: "A mistake." };
  assert.equal((await eve.ask(`POST ${own.replace("acme", "rival")}/withdraw`, reason)).status, 404);

  const withdrawn = await ada.ask<{ status: string; decision: { by: string } }>(
    `POST ${own}/withdraw`,
    reason,
  );
  assert.deepEqual([withdrawn.body.status, withdrawn.body.decision.by], ["rejected", ada.id]);
  assert.deepEqual(codeOf(await ada.ask(`POST ${own}/withdraw`, reason)), [409, "publication-not-open"]);
  const again = await acme.publish({ name: "echo", version: "1.0.0" });
  assert.equal(again.status, "quarantined", "the number was free again");
});

test("the badge is the operator's to give and to take, is signed, and stands in the audit", async (t) => {
  const registry = await startRegistry(t);
  const acme = await registerPublisher(registry.client, "acme");
  const ada = await createAccount(registry);
  await makeOwner(ada, acme);
  await acme.publish({ name: "echo", version: "1.0.0" });
  const signed = async () =>
    decodeJwt<Delegation>((await registry.client.getSignatures("acme/echo", "1.0.0")).delegation).verified;
  const verify = (verified: boolean) =>
    asOperator<{ code: string }>(registry, "PUT /publishers/acme/verification", {
      verified,
      reason: "A letter.",
    });

  const byOwner = await ada.ask("PUT /publishers/acme/verification", { verified: true, reason: "I say so." });
  assert.ok([401, 403].includes(byOwner.status));
  assert.equal((await verify(true)).status, 204);
  assert.deepEqual([(await registry.client.getPublisher("acme")).verified, await signed()], [true, true]);
  assert.equal((await verify(false)).status, 204);
  assert.deepEqual([(await registry.client.getPublisher("acme")).verified, await signed()], [false, false]);
  const { body } = await ada.ask<{ items: { action: string; actor: string }[] }>(
    "GET /publishers/acme/audit",
  );
  assert.deepEqual(
    body.items.map(({ action, actor }) => `${action} ${actor === ada.id ? "ada" : actor}`),
    ["verification-withdrawn operator", "verified operator", "ownership-claimed ada"],
  );
});

test("a publisher changes hands when both agree, with its keys, and without what was granted to who it was", async (t) => {
  const registry = await startRegistry(t);
  const { client } = registry;
  const acme = await registerPublisher(client, "acme");
  const [ada, bob, eve] = [
    await createAccount(registry),
    await createAccount(registry, "Bob"),
    await createAccount(registry, "Eve"),
  ];
  await makeOwner(ada, acme);
  await asOperator(registry, "PUT /publishers/acme/verification", { verified: true, reason: "A letter." });
  await acme.publish({ name: "echo", version: "1.0.0" });
  const offer = () =>
    ada.ask<{ id: string; code?: string }>("POST /publishers/acme/transfers", { to: bob.id });
  const first = await offer();
  assert.deepEqual(codeOf(await offer()), [409, "transfer-open"]);
  assert.equal((await bob.ask(`POST /transfers/${first.body.id}/decline`)).status, 200);

  const { id } = (await offer()).body;
  const key = await generateSigningKey();
  const acceptance = { key: key.publicJwk, claim: await claimFor("acme", key) };
  for (const other of [eve, ada]) {
    assert.deepEqual(codeOf(await other.ask(`POST /transfers/${id}/accept`, acceptance)), [
      404,
      "transfer-not-found",
    ]);
  }
  const stolen = { key: key.publicJwk, claim: await claimFor("acme", acme.key) };
  assert.equal(
    (await bob.ask(`POST /transfers/${id}/accept`, stolen)).status,
    403,
    "the key must be one's own",
  );
  assert.equal((await bob.ask(`POST /transfers/${id}/accept`, acceptance)).status, 200);
  assert.equal((await bob.ask(`POST /transfers/${id}/accept`, acceptance)).status, 404);

  assert.deepEqual((await client.getPublisher("acme")).keys, [key.kid]);
  assert.equal((await client.getPublisher("acme")).verified, false);
  assert.deepEqual(codeOf(await ada.ask("GET /publishers/acme/members")), [404, "not-a-member"]);
  await assert.rejects(acme.publish({ name: "echo", version: "1.0.1" }), { code: "publisher-key-unknown" });
  const claim = await ownershipClaim("acme", ada.id, acme.key);
  assert.equal((await ada.ask("POST /publishers/acme/owners", { claim })).body.code, "publisher-key-unknown");
  const next = await sign(await pack({ id: "acme/echo", version: "1.0.1" }), key.privateJwk);
  const published = await client.publish(next);
  assert.equal((await client.waitForPublication(published.id)).status, "published");
  assert.equal(
    (await client.getVersion("acme/echo", "1.0.0")).version,
    "1.0.0",
    "what was signed before stays good",
  );
});

test("where a token is required, a stolen key makes nobody an owner, orders nothing and answers nobody", async (t) => {
  const registry = await startRegistry(t);
  const acme = await registerPublisher(registry.client, "acme");
  await acme.publish({ name: "echo", version: "1.0.0" });
  const [ada, bob, eve] = [
    await createAccount(registry),
    await createAccount(registry, "Bob"),
    await createAccount(registry, "Eve"),
  ];
  await makeOwner(ada, acme);
  await ada.ask(`PUT /publishers/acme/members/${bob.id}`, { role: "maintainer" });
  await ada.ask("PATCH /publishers/acme/settings", { tokenRequired: true });

  const claimBy = async (who: TestAccount) =>
    codeOf(
      await who.ask("POST /publishers/acme/owners", {
        claim: await ownershipClaim("acme", who.id, acme.key),
      }),
    );
  assert.deepEqual(await claimBy(eve), [404, "not-a-member"]);
  assert.deepEqual(await claimBy(bob), [403, "forbidden"], "a maintainer does not become more");
  assert.equal((await claimBy(ada))[0], 200);

  const thiefs = await generateSigningKey();
  const order = await orderToAdd("acme", acme.key, thiefs);
  const carryOut = (token: string | undefined) =>
    ask<{ code: string }>(registry, "POST /publishers/acme/orders", {
      json: { order },
      ...(token !== undefined && { token }),
    });
  const wish = { name: "ci", scopes: ["yank", "publish"], expiresInDays: 1 };
  const ci = (await ada.ask<{ secret: string }>("POST /account/tokens", wish)).body.secret;
  assert.deepEqual(codeOf(await carryOut(undefined)), [401, "unauthorized"]);
  assert.deepEqual(codeOf(await carryOut(bob.token)), [403, "forbidden"], "keys are for owners");
  assert.deepEqual(codeOf(await carryOut(ci)), [403, "forbidden"], "and for the scope `members`");
  assert.equal((await carryOut(ada.token)).status, 200);

  const review = `rev_${"0".repeat(32)}`;
  const statement = {
    publisher: "acme",
    audience: "plugboard-registry",
    issuedAt: new Date().toISOString(),
    review,
    body: "Ours.",
  };
  const reply = await signStatement(statementTypes.reply, statement, acme.key);
  const answer = (token?: string) =>
    ask<{ code: string }>(registry, `PUT /plugins/acme/echo/reviews/${review}/reply`, {
      json: { reply },
      ...(token !== undefined && { token }),
    });
  assert.deepEqual(codeOf(await answer()), [401, "unauthorized"]);
  assert.deepEqual(codeOf(await answer(eve.token)), [404, "not-a-member"]);
  assert.deepEqual(
    codeOf(await answer(bob.token)),
    [404, "review-not-found"],
    "a member gets as far as the review",
  );

  const gift = { reason: "Seen in person." };
  assert.ok([401, 403].includes((await eve.ask(`PUT /publishers/acme/owners/${eve.id}`, gift)).status));
  assert.equal((await asOperator(registry, `PUT /publishers/acme/owners/${bob.id}`, gift)).status, 200);
  assert.equal((await claimBy(bob))[0], 200, "an owner by the operator's word");
});

test("a claim that comes while a publisher changes hands makes nobody its owner again", async (t) => {
  const registry = await startRegistry(t);
  const acme = await registerPublisher(registry.client, "acme");
  const [ada, bob] = [await createAccount(registry), await createAccount(registry, "Bob")];
  await makeOwner(ada, acme);
  const { body } = await ada.ask<{ id: string }>("POST /publishers/acme/transfers", { to: bob.id });
  const key = await generateSigningKey();
  const acceptance = { key: key.publicJwk, claim: await claimFor("acme", key) };
  const claim = await ownershipClaim("acme", ada.id, acme.key);

  // Both wait for the publisher's row: the claim has seen its key in use by then, the acceptance comes first.
  const holder = await registry.database.pool.connect();
  const waiting = async (count: number) => {
    for (;;) {
      const { rows } = await registry.database.pool.query<{ n: number }>(
        "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      );
      if ((rows[0]?.n ?? 0) >= count) return;
    }
  };
  await holder.query("begin");
  await holder.query("select 1 from registry.publishers where name = 'acme' for update");
  const accepted = bob.ask(`POST /transfers/${body.id}/accept`, acceptance);
  await waiting(1);
  const claimed = ada.ask("POST /publishers/acme/owners", { claim });
  await waiting(2);
  await holder.query("commit");
  holder.release();

  assert.equal((await accepted).status, 200);
  assert.equal((await claimed).body.code, "publisher-key-unknown");
  assert.deepEqual(codeOf(await ada.ask("GET /publishers/acme/members")), [404, "not-a-member"]);
});

test("orders and badges that come while a publisher changes hands stand in nobody's way", async (t) => {
  const registry = await startRegistry(t);
  for (const name of ["acme", "globex", "initech"]) {
    const publisher = await registerPublisher(registry.client, name);
    const [ada, bob] = [await createAccount(registry), await createAccount(registry, "Bob")];
    await makeOwner(ada, publisher);
    const { body } = await ada.ask<{ id: string }>(`POST /publishers/${name}/transfers`, { to: bob.id });
    const key = await generateSigningKey();
    const acceptance = { key: key.publicJwk, claim: await claimFor(name, key) };
    const further = await generateSigningKey();
    const order = await orderToAdd(name, publisher.key, further);
    const verification = { verified: true, reason: "A letter." };
    const [accepted, ordered, verified] = await Promise.all([
      bob.ask(`POST /transfers/${body.id}/accept`, acceptance),
      ask(registry, `POST /publishers/${name}/orders`, { json: { order } }),
      asOperator(registry, `PUT /publishers/${name}/verification`, verification),
    ]);
    assert.equal(accepted.status, 200);
    assert.ok([200, 403].includes(ordered.status), `${ordered.status}`);
    assert.equal(verified.status, 204);
  }
});

test("a namespace belongs to one registry: what another has under the same name is never asked for, nor taken", async (t) => {
  const ours = await startRegistry(t);
  const theirs = await startRegistry(t);
  const [mine, squatter] = [
    await registerPublisher(ours.client, "acme"),
    await registerPublisher(theirs.client, "acme"),
  ];
  await mine.publish({ name: "echo", version: "1.0.0" });
  await squatter.publish({ name: "echo", version: "99.0.0" });
  await squatter.publish({ name: "internal", version: "99.0.0" });

  const wanted = await ask<{ version: string }>(ours, "GET /plugins/acme/echo");
  assert.equal(wanted.body.version, "1.0.0");
  assert.equal((await ask(ours, "GET /plugins/acme/internal")).status, 404, "and nobody else is asked");
  const upload = {
    statement: (await theirs.client.getSignatures("acme/echo", "99.0.0")).publisher,
    tarball: await theirs.client.getTarball("acme/echo", "99.0.0"),
  };
  await assert.rejects(ours.client.publish(upload), { code: "publisher-key-unknown" });
});
