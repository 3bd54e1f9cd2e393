/** What publishers and the operator do to versions and keys after they were published. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { consentDigest } from "@plugboard/plugin-sdk/manifest";
import { generateSigningKey, type OrderAction, type SigningKeyPair } from "@plugboard/plugin-sdk/trust";
import {
  changeRevocations,
  type RegistryClient,
  type RevocationChange,
  verifyRelease,
} from "@plugboard/registry/client";
import { orderOf, orderToAdd } from "./support/orders.ts";
import { pack, sign } from "./support/plugins.ts";
import { refused } from "./support/refused.ts";
import {
  claimFor,
  onlineKeysOf,
  registerPublisher,
  startRegistry,
  type TestPublisher,
  type TestRegistry,
  tenant,
} from "./support/registry.ts";

let registry: TestRegistry;
let acme: TestPublisher;
let other: TestPublisher;
const undo: (() => Promise<void>)[] = [];

before(async () => {
  registry = await startRegistry({ after: (step) => void undo.push(step) });
  acme = await registerPublisher(registry.client, "acme");
  other = await registerPublisher(registry.client, "other");
  for (const version of ["1.0.0", "1.1.0", "1.2.0"]) await acme.publish({ name: "echo", version });
});

after(async () => {
  for (const step of undo) await step();
});

async function order(action: OrderAction, by: TestPublisher = acme) {
  return registry.client.carryOutOrder(by.name, await orderOf(by.name, by.key, action));
}

async function installOf(plugin: string, range: string, as: string = tenant) {
  const consent = consentDigest({ id: plugin, permissions: {} });
  return registry.client.createInstall(as, { plugin, range, consent });
}

async function verify(plugin: string, version: string) {
  const { client } = registry;
  return verifyRelease({
    tarball: await client.getTarball(plugin, version),
    signatures: await client.getSignatures(plugin, version),
    trust: { onlineKeys: await onlineKeysOf(client) },
    expected: { id: plugin, version },
  });
}

async function republish(plugin: string, version: string, key: SigningKeyPair) {
  return registry.client.publish(await sign(await pack({ id: plugin, version }), key.privateJwk));
}

/** All pages of what changed in the list of revocations. */
async function changesSince(client: RegistryClient, place: number): Promise<RevocationChange[]> {
  const found: RevocationChange[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await client.getRevocationChanges(place, cursor);
    found.push(...page.items);
    cursor = page.nextCursor;
  }
  return found;
}

describe("a yanked version", () => {
  before(() => order({ type: "yank", plugin: "acme/echo", version: "1.2.0" }));

  it("is passed over by ranges and by the listing", async () => {
    assert.equal((await installOf("acme/echo", "^1.0.0", "tnt_range")).version, "1.1.0");
    const listing = await registry.client.getPlugin("acme/echo");
    assert.deepEqual([listing.version, listing.distTags.latest], ["1.1.0", "1.1.0"]);
    assert.deepEqual(
      listing.versions.map(({ version, yanked }) => [version, yanked]),
      [
        ["1.2.0", true],
        ["1.1.0", false],
        ["1.0.0", false],
      ],
    );
  });

  it("is given with a warning to whoever names it exactly", async () => {
    const install = await installOf("acme/echo", "1.2.0", "tnt_pinned");
    assert.equal(install.version, "1.2.0");
    assert.deepEqual(
      install.warnings?.map(({ code }) => code),
      ["version-yanked"],
    );
    assert.equal((await verify("acme/echo", "1.2.0")).manifest.version, "1.2.0");
  });

  it("is not published again", async () => {
    await refused(republish("acme/echo", "1.2.0", acme.key), 409, "version-exists");
  });

  it("comes back", async () => {
    await order({ type: "unyank", plugin: "acme/echo", version: "1.2.0" });
    const back = await installOf("acme/echo", "^1.0.0", "tnt_back");
    assert.deepEqual([back.version, back.warnings], ["1.2.0", undefined]);
  });
});

describe("a deprecated plugin", () => {
  const deprecation = { message: "No longer kept.", replacement: "acme/shout" };
  before(() => order({ type: "deprecate", plugin: "acme/echo", ...deprecation }));

  it("says so in its listing, and what to use instead", async () => {
    const listing = await registry.client.getPlugin("acme/echo");
    assert.deepEqual(listing.deprecated, deprecation);
    assert.ok(listing.versions.every(({ deprecated }) => deprecated?.message === deprecation.message));
  });

  it("warns whoever installs it", async () => {
    const { warnings } = await installOf("acme/echo", "^1.0.0", "tnt_deprecated");
    assert.deepEqual(
      warnings?.map(({ code }) => code),
      ["version-deprecated"],
    );
    assert.match(warnings?.[0]?.message ?? "", /No longer kept\. Use acme\/shout instead/);
  });

  it("is one no more when its publisher says so", async () => {
    await order({ type: "undeprecate", plugin: "acme/echo" });
    assert.equal((await registry.client.getPlugin("acme/echo")).deprecated, null);
  });
});

describe("a blocked version", () => {
  before(() => registry.client.blockVersion("acme/echo", "1.1.0", "It sends data elsewhere."));

  it("is neither chosen, nor handed out, nor believed", async () => {
    const { client } = registry;
    await refused(installOf("acme/echo", "1.1.0", "tnt_blocked"), 403, "version-blocked");
    await refused(client.getTarball("acme/echo", "1.1.0"), 403, "version-blocked");
    await refused(installOf("acme/echo", "~1.1.0", "tnt_blocked"), 422, "no-matching-version");
    const signatures = await client.getSignatures("acme/echo", "1.1.0");
    const tarball = await pack({ id: "acme/echo", version: "1.1.0" });
    const trust = { onlineKeys: await onlineKeysOf(client) };
    await assert.rejects(verifyRelease({ tarball, signatures, trust }), { part: "blocked" });
  });

  it("stands in the list of revocations", async () => {
    const { blocked } = await registry.client.getRevocations();
    assert.deepEqual(
      blocked.map(({ plugin, version, reason }) => [plugin, version, reason]),
      [["acme/echo", "1.1.0", "It sends data elsewhere."]],
    );
  });

  it("is not published again", async () => {
    await refused(republish("acme/echo", "1.1.0", acme.key), 409, "version-exists");
  });

  it("is handed out again when it is unblocked", async () => {
    await registry.client.unblockVersion("acme/echo", "1.1.0");
    assert.equal((await verify("acme/echo", "1.1.0")).manifest.version, "1.1.0");
    assert.deepEqual((await registry.client.getRevocations()).blocked, []);
  });
});

describe("an order is refused", () => {
  const yank: OrderAction = { type: "yank", plugin: "acme/echo", version: "1.0.0" };

  it("when it is sent twice", async () => {
    const once = await orderOf("acme", acme.key, { type: "yank", plugin: "acme/echo", version: "1.0.0" });
    await registry.client.carryOutOrder("acme", once);
    await order({ type: "unyank", plugin: "acme/echo", version: "1.0.0" });
    await refused(registry.client.carryOutOrder("acme", once), 409, "order-replayed");
  });

  it("when it is old, or for somebody else", async () => {
    for (const more of [
      { issuedAt: new Date(Date.now() - 11 * 60_000).toISOString() },
      { audience: "another-registry" },
      { publisher: "other" },
    ]) {
      const odd = await orderOf("acme", acme.key, yank, more);
      await refused(registry.client.carryOutOrder("acme", odd), 422, "order-invalid");
    }
  });

  it("when it is about another publisher's plugin, however it is addressed", async () => {
    const mine = await orderOf("other", other.key, yank);
    await refused(registry.client.carryOutOrder("other", mine), 422, "order-invalid");
    await refused(registry.client.carryOutOrder("acme", mine), 403, "publisher-key-unknown");
  });

  it("when it is about a version that is not there", async () => {
    await refused(order({ type: "yank", plugin: "acme/echo", version: "9.9.9" }), 404, "version-not-found");
    await refused(
      order({ type: "deprecate", plugin: "acme/ghost", message: "Gone." }),
      404,
      "version-not-found",
    );
  });

  it("when the operator's token is missing", async () => {
    const blocking = await fetch(`${registry.url}/registry/v1/plugins/acme/echo/1.0.0/block`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ reason: "none" }),
    });
    assert.equal(blocking.status, 401);
  });
});

describe("a publisher's keys", () => {
  it("change with an overlap: the new one signs, the old one signs no more, and all that it signed stays good", async () => {
    const team = await registerPublisher(registry.client, "team");
    await team.publish({ name: "echo", version: "1.0.0" });
    const next = await generateSigningKey();

    await registry.client.carryOutOrder("team", await orderToAdd("team", team.key, next));
    const { id } = await republish("team/echo", "1.1.0", next);
    assert.equal((await registry.client.waitForPublication(id)).status, "published");
    await order({ type: "retire-key", kid: team.key.kid }, { ...team, key: next });

    await refused(republish("team/echo", "1.2.0", team.key), 403, "publisher-key-unknown");
    for (const version of ["1.0.0", "1.1.0"]) await verify("team/echo", version);
    const { keys, endedKeys } = await registry.client.getPublisher("team");
    assert.deepEqual(
      [keys, endedKeys.map(({ kid, ended }) => [kid, ended])],
      [[next.kid], [[team.key.kid, "retired"]]],
    );
  });

  it("do not come back, and the last one stays", async () => {
    const solo = await registerPublisher(registry.client, "solo");
    await refused(order({ type: "retire-key", kid: solo.key.kid }, solo), 409, "last-publisher-key");
    const next = await generateSigningKey();
    await registry.client.carryOutOrder("solo", await orderToAdd("solo", solo.key, next));
    await order({ type: "retire-key", kid: solo.key.kid }, { ...solo, key: next });
    const again = await orderToAdd("solo", next, solo.key);
    await refused(registry.client.carryOutOrder("solo", again), 409, "publisher-key-exists");
  });

  it("are added only by who holds them", async () => {
    const [mine, theirs] = [await generateSigningKey(), await generateSigningKey()];
    const { claim } = { claim: await orderToAdd("acme", acme.key, mine) };
    const stolen = await orderOf("acme", acme.key, { type: "add-key", key: theirs.publicJwk, claim });
    await refused(registry.client.carryOutOrder("acme", stolen), 422, "statement-wrong-type");
  });
});

describe("a stolen publisher key", () => {
  let victim: TestPublisher;
  let safe: SigningKeyPair;
  let theft: number;

  before(async () => {
    const { client } = registry;
    victim = await registerPublisher(client, "victim");
    safe = await generateSigningKey();
    await client.carryOutOrder("victim", await orderToAdd("victim", victim.key, safe));
    await victim.publish({ name: "echo", version: "1.0.0" });
    theft = (await client.getVersion("victim/echo", "1.0.0")).seq + 1;
    // The thief has the key now, and publishes with it.
    await victim.publish({ name: "echo", version: "1.0.1" });
    const revoke: OrderAction = { type: "revoke-key", kid: victim.key.kid, from: theft };
    await order(revoke, { ...victim, key: safe });
  });

  it("is revoked from a place in the log: what it signed before stays", async () => {
    assert.equal((await verify("victim/echo", "1.0.0")).manifest.version, "1.0.0");
    assert.equal((await installOf("victim/echo", "^1.0.0", "tnt_victim")).version, "1.0.0");
  });

  it("what it signed after is refused, and hosts are told to stop it", async () => {
    await refused(registry.client.getTarball("victim/echo", "1.0.1"), 403, "version-blocked");
    const { blocked, keys } = await registry.client.getRevocations();
    assert.deepEqual(
      blocked.map(({ plugin, version }) => `${plugin}@${version}`),
      ["victim/echo@1.0.1"],
    );
    assert.deepEqual(keys, [{ publisher: "victim", kid: victim.key.kid, until: theft - 1 }]);
  });

  it("what it signed after does not verify either, were it not blocked", async () => {
    const { client } = registry;
    await client.unblockVersion("victim/echo", "1.0.1");
    await assert.rejects(verify("victim/echo", "1.0.1"), { part: "publisher-signature" });
    await client.blockVersion("victim/echo", "1.0.1", "Signed with a stolen key.");
  });

  it("signs nothing more: no version, no order, and no end to its own revocation", async () => {
    await refused(republish("victim/echo", "1.0.2", victim.key), 403, "publisher-key-unknown");
    const thief = { ...victim };
    for (const action of [
      { type: "unyank", plugin: "victim/echo", version: "1.0.1" },
      { type: "revoke-key", kid: safe.kid },
    ] as OrderAction[]) {
      await refused(order(action, thief), 403, "publisher-key-unknown");
    }
  });

  it("adds nothing to what all hosts read by keys that never signed a version", async () => {
    const { client } = registry;
    const noisy = await registerPublisher(client, "noisy");
    const before = await client.getRevocations();
    const unused = await generateSigningKey();
    await client.carryOutOrder("noisy", await orderToAdd("noisy", noisy.key, unused));
    await order({ type: "revoke-key", kid: unused.kid }, noisy);
    assert.deepEqual(await client.getRevocations(), before);
  });

  it("is told, with all that was blocked or taken back, to who asks what changed since a place in the log", async () => {
    const { client } = registry;
    const nothing = { blocked: [], keys: [] };
    const all = await changesSince(client, 0);
    assert.deepEqual(changeRevocations(nothing, all), await client.getRevocations());
    assert.ok(all.some((change) => change.kind === "version" && change.block === null));

    const before = await client.getRevocations();
    const place = (await client.getLog(0)).length;
    assert.deepEqual(await changesSince(client, place), []);
    await client.unblockVersion("victim/echo", "1.0.1");
    await client.blockVersion("victim/echo", "1.0.0", "It was wrong, too.");
    await client.revokePublisherKey("victim", victim.key.kid, 1);
    const changed = changeRevocations(before, await changesSince(client, place));
    assert.deepEqual(changed, await client.getRevocations());
    assert.notDeepEqual(changed, before);
  });

  it("comes in pages where much changed", async () => {
    const { client, database } = registry;
    await database.pool.query(
      `insert into registry.revocation_changes (kind, owner, name, seq)
       select 'key', 'victim', 'of-nobody-' || n, 1 from generate_series(1, 1000) as n`,
    );
    const { items, nextCursor } = await client.getRevocationChanges(0);
    assert.equal(items.length, 1000);
    assert.ok(nextCursor);
    const all = await changesSince(client, 0);
    assert.ok(all.length > 1000);
    assert.equal(new Set(all.map((change) => JSON.stringify(change))).size, all.length);
    assert.deepEqual(changeRevocations({ blocked: [], keys: [] }, all), await client.getRevocations());
    await database.pool.query(
      "delete from registry.revocation_changes where starts_with(name, 'of-nobody-')",
    );
  });

  it("gives so many orders an hour, for its publisher and from its address", async (t) => {
    const { client } = await startRegistry(t, { arrivalLimits: { ordersPerHour: 2 } });
    const loud = await registerPublisher(client, "loud");
    const other = await registerPublisher(client, "other");
    const add = async ({ name, key }: TestPublisher) =>
      client.carryOutOrder(name, await orderToAdd(name, key, await generateSigningKey()));
    await add(loud);
    await add(loud);
    await refused(add(loud), 429, "rate-limited");
    await refused(add(other), 429, "rate-limited");
  });

  it("leaves room for the key that the operator gives, and for the one of a new owner", async () => {
    const { client, database } = registry;
    const full = await registerPublisher(client, "full");
    await database.pool.query(
      `insert into registry.publisher_keys (publisher, kid, public_jwk)
       select 'full', 'thiefs-' || n, public_jwk from registry.publisher_keys, generate_series(2, 50) as n
       where publisher = 'full'`,
    );
    const further = await generateSigningKey();
    await refused(
      client.carryOutOrder("full", await orderToAdd("full", full.key, further)),
      409,
      "too-many-publisher-keys",
    );
    const claim = await claimFor("full", further);
    const given = await client.givePublisherKey("full", { key: further.publicJwk, claim });
    assert.equal(given.kid, further.kid);
  });

  it("that the thief used to revoke the true key is set right by the operator", async () => {
    const { client } = registry;
    const robbed = await registerPublisher(client, "robbed");
    await robbed.publish({ name: "echo", version: "1.0.0" });
    const thiefs = await generateSigningKey();
    await client.carryOutOrder("robbed", await orderToAdd("robbed", robbed.key, thiefs));
    const all: OrderAction = { type: "revoke-key", kid: robbed.key.kid, from: 0 };
    await order(all, { ...robbed, key: thiefs });
    await refused(client.getTarball("robbed/echo", "1.0.0"), 403, "version-blocked");

    const { seq } = await client.getVersion("robbed/echo", "1.0.0");
    await client.revokePublisherKey("robbed", thiefs.kid, 0);
    await client.revokePublisherKey("robbed", robbed.key.kid, seq + 1);
    await client.unblockVersion("robbed/echo", "1.0.0");
    const fresh = await generateSigningKey();
    await client.givePublisherKey("robbed", {
      key: fresh.publicJwk,
      claim: await claimFor("robbed", fresh),
    });

    assert.equal((await verify("robbed/echo", "1.0.0")).manifest.version, "1.0.0");
    const { id } = await republish("robbed/echo", "1.0.1", fresh);
    assert.equal((await client.waitForPublication(id)).status, "published");
    await refused(republish("robbed/echo", "1.0.2", thiefs), 403, "publisher-key-unknown");
  });
});
