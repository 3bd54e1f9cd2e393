import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { pack, sign } from "./support/plugins.ts";
import { claimForTenant, linkTo } from "./support/private.ts";
import { refused } from "./support/refused.ts";
import { claimFor, registerPublisher, startRegistry, type TestRegistry } from "./support/registry.ts";

const manifest = { private: true };

describe("who publishes private plugins for a tenant", () => {
  let registry: TestRegistry;
  const undo: (() => Promise<void>)[] = [];
  after(async () => {
    for (const step of undo) await step();
  });
  before(async () => {
    registry = await startRegistry({ after: (step) => void undo.push(step) });
  });

  it("nobody, before tenant and publisher have both said so", async () => {
    const { client } = registry;
    const alone = await registerPublisher(client, "alone");
    await refused(alone.publish({ name: "echo", version: "1.0.0", manifest }), 403, "private-needs-tenant");

    const thief = await registerPublisher(client, "thief");
    const claims = {
      "of the registration": await claimFor("alone", alone.key),
      "for another tenant": await claimForTenant(alone, "tnt_b"),
      "of another publisher": await claimForTenant(thief, "tnt_a"),
      "of long ago": await claimForTenant(alone, "tnt_a", { issuedAt: "2020-01-01T00:00:00.000Z" }),
      "by another's key": await claimForTenant({ ...thief, name: "alone" }, "tnt_a"),
    };
    for (const [what, claim] of Object.entries(claims)) {
      const error = await client.linkPublisher("tnt_a", "alone", claim).then(
        () => assert.fail(`a claim ${what} was taken`),
        (thrown: { code: string }) => thrown,
      );
      assert.match(error.code, /^(claim-invalid|publisher-key-unknown|signature-invalid)$/, what);
    }
    assert.deepEqual(await client.listLinkedPublishers("tnt_a"), { items: [] });
  });

  it("a publisher has one tenant at a time, and another does not learn which", async () => {
    const { client } = registry;
    const busy = await registerPublisher(client, "busy");
    await linkTo(registry, busy, "tnt_a");
    await linkTo(registry, busy, "tnt_a");
    const { message } = await refused(linkTo(registry, busy, "tnt_b"), 409, "publisher-linked");
    assert.doesNotMatch(message, /tnt_a/);
    await refused(client.unlinkPublisher("tnt_b", "busy"), 404, "publisher-link-not-found");
    const { items } = await client.listLinkedPublishers("tnt_a");
    assert.deepEqual(
      items.map(({ publisher }) => publisher),
      ["busy"],
    );

    assert.equal((await busy.publish({ name: "echo", version: "1.0.0", manifest })).status, "published");
    await client.unlinkPublisher("tnt_a", "busy");
    await refused(busy.publish({ name: "echo", version: "1.0.1", manifest }), 403, "private-needs-tenant");
    assert.equal((await client.getPlugin("busy/echo", "tnt_a")).version, "1.0.0", "what is there stays");
    await linkTo(registry, busy, "tnt_b");
    await refused(busy.publish({ name: "echo", version: "1.0.1", manifest }), 403, "private-needs-tenant");
    await refused(client.getPlugin("busy/echo", "tnt_b"), 404, "plugin-not-found");
  });

  it("what is private stays private, and what is public stays public", async () => {
    const { client } = registry;
    const acme = await registerPublisher(client, "acme");
    await linkTo(registry, acme);
    await acme.publish({ name: "open", version: "1.0.0" });
    await acme.publish({ name: "shut", version: "1.0.0", manifest });
    await refused(acme.publish({ name: "open", version: "1.0.1", manifest }), 409, "visibility-fixed");
    await refused(acme.publish({ name: "shut", version: "1.0.1" }), 409, "visibility-fixed");
    assert.equal((await acme.publish({ name: "shut", version: "1.0.1", manifest })).status, "published");
    await refused(client.getPlugin("acme/shut"), 404, "plugin-not-found");
  });

  it("of two first versions at once, one for everybody and one for a tenant, one is published", async () => {
    const { client } = registry;
    const racer = await registerPublisher(client, "racer");
    await linkTo(registry, racer);
    const outcomes = await Promise.all(
      [{ version: "1.0.0" }, { version: "2.0.0", manifest }].map(async (source) => {
        const tarball = await pack({ id: "racer/echo", ...source });
        const accepted = await client
          .publish(await sign(tarball, racer.key.privateJwk))
          .catch((error: { code: string }) => error);
        return "id" in accepted ? client.waitForPublication(accepted.id) : accepted;
      }),
    );
    const published = outcomes.filter((one) => "status" in one && one.status === "published");
    assert.equal(published.length, 1);
    const other = outcomes.find((one) => !published.includes(one)) as {
      code?: string;
      problems?: { code: string }[];
    };
    assert.equal(other.code ?? other.problems?.[0]?.code, "visibility-fixed");
  });
});
