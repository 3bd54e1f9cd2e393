/** A plugin of one tenant, from its publisher to its end: the neighbour on the same host never hears of it. */
import assert from "node:assert/strict";
import test from "node:test";
import { signStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import { createRegistryClient } from "@plugboard/registry/client";
import { createTestApi, type TestAnswer } from "../support/api.ts";
import { adminKey, connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

const plugin = "acme/hidden";
const listing = `/api/v1/marketplace/plugins/${plugin}`;
const shown = ({ status, body }: TestAnswer) => {
  const { instance: _, ...rest } = body;
  return { status, rest: JSON.stringify(rest).replaceAll(/hidden|absent/g, "NAME") };
};

test("a private plugin is its tenant's from the first version to the last", {
  timeout: 120_000,
}, async (t) => {
  const host = await startTestHost(t, { isolation: "thread", trust: { refreshMs: 200 } });
  const [ann, bob] = [await host.tenant(), await host.tenant()];
  const publisher = await registerPublisher(host.address, "acme");
  const claim = (audience: string) => {
    const said = { publisher: "acme", audience, issuedAt: new Date().toISOString() };
    return signStatement(statementTypes.claim, said, publisher);
  };
  const put = (api: typeof ann.api, body: object) =>
    api.send("PUT", "/api/v1/publishers/acme", {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const run = async (connectionId: string, api = ann.api) =>
    api.post(`/api/v1/connections/${connectionId}/actions/echo`, { input: { n: 1 } });
  let connectionId = "";
  let address = host.address;

  await t.test("whoever administers the tenant says who publishes for it", async () => {
    const { audience } = (await ann.api.get("/api/v1/publishers")).body;
    const theirs = (await bob.api.get("/api/v1/publishers")).body.audience;
    const stolen = await put(bob.api, { claim: await claim(audience) });
    assert.deepEqual([stolen.status, stolen.body.code], [422, "claim-invalid"]);
    assert.equal((await put(ann.api, { claim: await claim(audience) })).status, 200);
    const second = await put(bob.api, { claim: await claim(theirs) });
    assert.deepEqual([second.status, second.body.code], [409, "publisher-linked"]);
    const { body } = await host.admin.post("/api/v1/api-keys", {
      name: "k",
      tenantId: ann.id,
      scopes: ["policy:read", "installs:*"],
    });
    const narrow = createTestApi(host.address, body.key);
    assert.equal((await put(narrow, { claim: await claim(audience) })).status, 403);
    assert.equal((await narrow.delete("/api/v1/publishers/acme")).status, 403);
    assert.deepEqual((await bob.api.get("/api/v1/publishers")).body.items, []);
  });

  await t.test(
    "it finds, installs and runs the plugin, which is fetched and verified as any other",
    async () => {
      const actions = { echo: { run: "return input;" } };
      await publishTestPlugin(host.address, publisher, { id: plugin, actions, manifest: { private: true } });
      const found = (await ann.api.get("/api/v1/marketplace/plugins?q=hidden")).body;
      assert.deepEqual([found.total, found.items[0]?.id], [1, plugin]);
      assert.equal((await ann.api.get(listing)).status, 200);
      ({ connectionId } = await connect(ann, plugin));
      assert.deepEqual((await run(connectionId)).body.output, { n: 1 });
      const review = { rating: 5, title: "Deep", body: "It dives." };
      assert.equal((await ann.api.post(`${listing}/reviews`, review)).status, 201);
      assert.equal((await ann.api.get(`${listing}/reviews`)).body.items.length, 1);
    },
  );

  await t.test("the neighbour is told what it is told of a name that nobody took", async () => {
    for (const api of [bob.api, host.admin]) {
      const { total } = (await api.get("/api/v1/marketplace/plugins?q=hidden")).body;
      assert.equal(total, 0);
      for (const below of ["", "/reviews", "/rating"]) {
        const told = await Promise.all(
          [listing, listing.replace("hidden", "absent")].map((at) => api.get(at + below)),
        );
        const [real, none] = told.map(shown);
        assert.equal(real?.status, 404);
        assert.deepEqual(real, none, below);
      }
    }
    const wishes = [plugin, "acme/absent"].map((wish) => bob.api.post("/api/v1/installs", { plugin: wish }));
    const [real, none] = (await Promise.all(wishes)).map(shown);
    assert.deepEqual(real, none);
    assert.equal(real?.status, 404);
  });

  await t.test("it starts again from the host's own copy", async () => {
    address = await host.restart();
    const api = createTestApi(address, ann.key);
    assert.deepEqual((await run(connectionId, api)).body.output, { n: 1 });
    ann.api = api;
  });

  await t.test("what is blocked stops, though nobody is told its name", async () => {
    const registry = createRegistryClient({ baseUrl: address, operatorToken: adminKey });
    await registry.blockVersion(plugin, "1.0.0", "It was found to send data elsewhere.");
    assert.doesNotMatch(JSON.stringify(await registry.getRevocations()), /hidden/);
    let answer = await run(connectionId);
    // A call that was under way when it was blocked is ended, and may be told to try again.
    while (answer.status !== 403) answer = await run(connectionId);
    assert.deepEqual([answer.status, answer.body.code], [403, "release-blocked"]);
  });
});
