import assert from "node:assert/strict";
import { test } from "node:test";
import { likeness } from "../scanning/names/index.ts";
import { asOperator } from "./support/operator.ts";
import { refused } from "./support/refused.ts";
import { registerPublisher, startRegistry } from "./support/registry.ts";

test("a name can be taken for another in the ways of typosquatters, and in no others", () => {
  const like: [name: string, other: string][] = [
    ["payments", "paymnets"],
    ["payments", "payment"],
    ["payments", "paymentss"],
    ["payments", "pay-ments"],
    ["payments", "payrnents"],
    ["salespilot", "sa1espilot"],
    ["box0", "boxo"],
    ["mail-sender", "sender-mail"],
    ["warehouse-sync", "warehouze-synk"],
  ];
  const unlike: [name: string, other: string][] = [
    ["payments", "payments"],
    ["payments", "documents"],
    ["mail", "mall-of-things"],
    ["box", "fox"],
    ["sync", "syna"],
    ["orders-eu", "invoices-eu"],
  ];
  for (const [name, other] of like) {
    assert.ok(likeness(name, other), `${name} and ${other}`);
    assert.ok(likeness(other, name), `${other} and ${name}`);
  }
  for (const [name, other] of unlike) assert.equal(likeness(name, other), undefined, `${name} and ${other}`);
});

test("a name like a verified publisher's waits for the operator, whose word holds for later versions", async (t) => {
  const registry = await startRegistry(t);
  const { client, vouchFor } = registry;
  const known = await registerPublisher(client, "warehouse");
  const before = await (await registerPublisher(client, "early")).publish({
    name: "paymnets",
    version: "1.0.0",
  });
  assert.equal(before.status, "published", "nobody was known yet");
  await known.publish({ name: "payments", version: "1.0.0", manifest: { displayName: "Payments" } });
  await vouchFor("warehouse");

  const squatters: [publisher: string, name: string, displayName: string][] = [
    ["acme", "paymemts", "Pay"],
    ["acme", "pay-ments", "Pay"],
    ["warehouze", "other", "Other"],
    ["acme", "other", "P\u0430yments"],
    ["acme", "another", "\u0420\u0430\u0443ment\u0455"],
    ["acme", "copied", "Payments"],
    ["acme", "spaced", "pay ments"],
  ];
  for (const [publisher, name, displayName] of squatters) {
    if (publisher === "warehouze") {
      await refused(registerPublisher(client, publisher), 409, "publisher-name-similar");
      await client.admitPublisherName(publisher, "They bring their papers.");
    }
    const who = await registerPublisher(client, `${publisher}`).catch(() => undefined);
    acme ??= who;
    const by = publisher === "acme" ? acme : who;
    const { status, problems } =
      (await by?.publish({ name, version: "1.0.0", manifest: { displayName } })) ?? {};
    assert.equal(status, "quarantined", `${publisher}/${name} ${displayName}`);
    assert.match(problems?.[0]?.code ?? "", /^name-/);
  }
  const mine = await known.publish({
    name: "paymentz",
    version: "1.0.0",
    manifest: { displayName: "Paymentz" },
  });
  assert.equal(mine.status, "published", "one's own names may be alike");
  const apart = await acme?.publish({
    name: "payments",
    version: "1.0.0",
    manifest: { displayName: "Acme Pay" },
  });
  assert.equal(
    apart?.status,
    "published",
    "the same name in another namespace is not mistaken for it: it is another's",
  );
  const renamed = (version: string, displayName: string) =>
    acme?.publish({ name: "payments", version, manifest: { displayName } });
  assert.equal((await renamed("1.0.1", "Acme Pay"))?.status, "published");
  assert.equal((await renamed("1.0.2", "Payments"))?.status, "quarantined", "nor does it become it later");
  assert.equal((await renamed("1.0.3", "Acme Cash"))?.status, "published");

  const { body } = await asOperator<{ items: { id: string; plugin: string }[] }>(
    registry,
    "GET /publications?status=quarantined&plugin=acme/paymemts",
  );
  const [held] = body.items;
  assert.ok(held && body.items.length === 1);
  await asOperator(registry, `POST /publications/${held.id}/decision`, {
    decision: "publish",
    reason: "Another thing.",
  });
  const next = await acme?.publish({ name: "paymemts", version: "1.0.1" });
  assert.equal(next?.status, "published");
});

test("the namespace of a plugin that many have is not taken in another spelling, and private plugins make nobody known", async (t) => {
  const { client, database } = await startRegistry(t);
  const store = await registerPublisher(client, "bookstore");
  await store.publish({ name: "echo", version: "1.0.0" });
  const haveInstalled = (tenants: number) =>
    database.pool.query("update registry.plugin_statistics set installs_active = $1", [tenants]);
  await haveInstalled(24);
  await registerPublisher(client, "book-store");
  await haveInstalled(25);
  const refusal = await refused(registerPublisher(client, "b00kstore"), 409, "publisher-name-similar");
  assert.match(refusal.message, /"bookstore"/);
  await refused(registerPublisher(client, "bookstroe"), 409, "publisher-name-similar");
  await registerPublisher(client, "booking");
  await database.pool.query("update registry.listings set tenant_id = 'tnt_a'");
  await registerPublisher(client, "bookstor");
});

let acme: Awaited<ReturnType<typeof registerPublisher>> | undefined;
