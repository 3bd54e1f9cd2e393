/** Installs that follow their plugin by themselves: as far as their channel leads, and never to more than was agreed to. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { createTestApi } from "../support/api.ts";
import { gatePermission } from "../support/gate.ts";
import { connect, startTestHost, type TestHost, type TestTenant } from "../support/host.ts";
import {
  publishTestPlugin,
  registerPublisher,
  type TestPlugin,
  type TestPublisher,
} from "../support/plugin.ts";
import { hostToken, operatorToken, startTamperingProxy, startTestRegistry } from "../support/registry.ts";
import { sayVersion } from "../support/versions.ts";

const hourMs = 60 * 60_000;
const undo: (() => Promise<void> | void)[] = [];
after(async () => {
  for (const step of undo.toReversed()) await step();
});
const owner = { after: (step: () => Promise<void> | void) => void undo.push(step) } as unknown as Parameters<
  typeof startTestRegistry
>[0];

let offsetMs = 0;
let host: TestHost;
let registryAddress: string;
let proxy: Awaited<ReturnType<typeof startTamperingProxy>>;
let acme: TestPublisher;
/** How many installs each answer of the registry was about. */
const answered: number[] = [];

before(async () => {
  registryAddress = (await startTestRegistry(owner)).address;
  proxy = await startTamperingProxy(owner, registryAddress);
  honest();
  host = await startTestHost(owner, {
    isolation: "thread",
    registry: { url: proxy.address, token: hostToken },
    trust: { refreshMs: 100 },
    updateRoundMs: 100,
    now: () => Date.now() + offsetMs,
  });
  acme = await registerPublisher(registryAddress, "acme");
});

interface Answer {
  items: { version: string; automatic: string | null; update: unknown }[];
}

/** Whoever sits between host and registry, or has taken the registry over, answers instead of it. */
function honest(lie: (item: Answer["items"][number]) => object = () => ({})): void {
  proxy.tamper = (path, body) => {
    if (!path.endsWith("/update-checks")) return body;
    const { items }: Answer = JSON.parse(body.toString());
    answered.push(items.length);
    return Buffer.from(JSON.stringify({ items: items.map((item) => ({ ...item, ...lie(item) })) }));
  };
}

async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`It did not come to this: ${what}`);
}

/**
 * On a busy machine a try may fail in passing, and time that stands still brings no other: where the log tells of one, the
 * clock goes on to when the host has planned the next. What is the version's fault, or another version's, does not count.
 */
function comeToRetry(installId: string, version?: string): void {
  const retriesAt = host
    .logged()
    .split("\n")
    .filter((line) => line.includes(installId) && line.includes("could not be upgraded by itself"))
    .map((line): { level: string; to: string; retryAt: string } => JSON.parse(line))
    .filter(({ level, to }) => level === "info" && to === (version ?? to))
    .map(({ retryAt }) => Date.parse(retryAt));
  offsetMs = Math.max(offsetMs, ...retriesAt.map((at) => at - Date.now()));
}

/** A plugin of this name at 1.0.0. */
async function offer(name: string, first: Omit<TestPlugin, "id"> = {}) {
  const plugin = `acme/${name}`;
  const publish = (version: string, more: Omit<TestPlugin, "id"> = {}) =>
    publishTestPlugin(registryAddress, acme, { id: plugin, version, actions: sayVersion(version), ...more });
  await publish("1.0.0", first);
  return { plugin, publish };
}

async function follow(tenant: TestTenant, plugin: string, channel?: string) {
  const wish = { plugin, range: "1.0.0", ...(channel !== undefined && { channel }) };
  const { consent } = (await tenant.api.post("/api/v1/installs", wish)).body;
  const { status, body } = await tenant.api.post("/api/v1/installs", { ...wish, consent });
  assert.equal(status, 201, JSON.stringify(body));
  const path = `/api/v1/installs/${body.id}`;
  const read = async () => (await tenant.api.get(path)).body;
  const events = async () => {
    const { items } = (await tenant.api.get("/api/v1/events?type=plugboard.install.*&limit=100")).body;
    return items
      .filter(({ data }: { data: { installId: string } }) => data.installId === body.id)
      .map(({ type, data }: { type: string; data: object }) => ({
        ...data,
        type: type.slice("plugboard.install.".length),
      }));
  };
  return {
    id: body.id,
    path,
    body,
    read,
    events,
    types: async () => (await events()).map(({ type }: { type: string }) => type),
    at: (version: string) =>
      until(`at ${version}`, async () => {
        if ((await read()).version === version) return true;
        comeToRetry(body.id, version);
        return false;
      }),
    /** The newer version that is shown, once it is for this reason. */
    shows: (reason: string) =>
      until(`shows ${reason}`, async () => {
        const { update } = await read();
        if (update?.reason === reason) return update;
        comeToRetry(body.id);
        return undefined;
      }),
    change: (change: object) => tenant.api.patch(path, change),
  };
}

test("an install goes as far as its channel leads; a pinned one, which is what all are, is only told", async () => {
  const { plugin, publish } = await offer("far");
  const [ann, bob] = [await host.tenant(), await host.tenant()];
  const patch = await follow(ann, plugin, "patch");
  const pinned = await follow(bob, plugin);
  assert.deepEqual([patch.body.channel, pinned.body.channel], ["patch", "pinned"]);
  assert.equal(pinned.body.update, null);

  await publish("1.1.0");
  await publish("1.0.1");
  await patch.at("1.0.1");
  assert.deepEqual(await patch.shows("outside-channel"), {
    version: "1.1.0",
    reason: "outside-channel",
    needs: [],
  });
  assert.deepEqual(await patch.types(), ["created", "upgraded"]);
  await pinned.shows("outside-channel");
  assert.equal((await pinned.read()).version, "1.0.0");
  assert.deepEqual(await pinned.types(), ["created"]);

  const listed = async (api: TestTenant["api"]) =>
    (await api.get("/api/v1/installs?update=available")).body.items.map(({ id }: { id: string }) => id);
  assert.deepEqual(await listed(bob.api), [pinned.id]);
  await patch.change({ channel: "minor" });
  await patch.at("1.1.0");
  assert.deepEqual(await listed(ann.api), [], "there is nothing newer");
  assert.equal((await patch.change({ channel: "nightly" })).status, 422);
});

test("what a policy refuses from now on is shown and told and runs on; where the policy says so, it is stopped", async () => {
  const { plugin } = await offer("refused");
  const [ann, bob] = [await host.tenant(), await host.tenant()];
  const open = { allow: null, deny: [], verifiedOnly: false, maxPermissions: null, approvalRequired: false };
  const setPolicy = async (policy: object) => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ policy: { ...open, coolDownHours: 0, ...policy } });
    assert.equal((await ann.api.send("PUT", "/api/v1/policy", { headers, body })).status, 200);
  };
  const { installId, connectionId } = await connect(ann, plugin, { range: "1.0.0" });
  const others = await connect(bob, plugin, { range: "1.0.0" });
  const path = `/api/v1/installs/${installId}`;
  const call = ({ api }: TestTenant, connection: string) =>
    api.post(`/api/v1/connections/${connection}/actions/version`, { input: {} });
  const shows = (what: string, fits: (body: { policy: { stops: boolean } | null }) => boolean) =>
    until(what, async () => {
      const { body } = await ann.api.get(path);
      return fits(body) && body;
    });

  await setPolicy({ deny: [plugin] });
  const refused = await shows("refused", ({ policy }) => policy !== null);
  assert.deepEqual([refused.status, refused.policy.stops], ["active", false]);
  assert.match(refused.policy.reasons[0], /is denied/);
  assert.equal((await call(ann, connectionId)).status, 200);

  await setPolicy({ deny: [plugin], enforce: "running" });
  const stopped = await shows("stopped", ({ policy }) => policy?.stops === true);
  assert.equal(stopped.status, "disabled");
  for (const answer of [
    await call(ann, connectionId),
    await ann.api.patch(path, { status: "active" }),
    await ann.api.post("/api/v1/installs", { plugin }),
  ])
    assert.ok(
      ["policy-refused", "already-installed"].includes(answer.body.code),
      JSON.stringify(answer.body),
    );
  await ann.api.patch(path, { range: "1.0.0" });
  assert.equal((await call(ann, connectionId)).body.code, "policy-refused", "it is no way around");
  assert.equal((await call(bob, others.connectionId)).status, 200, "another tenant's is its own");

  await setPolicy({});
  await shows("allowed", ({ policy }) => policy === null);
  assert.equal((await call(ann, connectionId)).status, 200);
  const { items } = (await ann.api.get("/api/v1/events?type=plugboard.install.*")).body;
  assert.deepEqual(
    items
      .map(({ type, data }: { type: string; data: { stops?: boolean } }) => [type.slice(18), data.stops])
      .slice(1),
    [
      ["policy-refused", false],
      ["policy-refused", true],
      ["policy-allowed", undefined],
    ],
  );
});

test("what only verified publishers may run is stopped when the badge is taken, and goes on when it is back", async () => {
  const operator = createTestApi(registryAddress, operatorToken);
  const publisher = await registerPublisher(registryAddress, "badged");
  const verify = async (verified: boolean) => {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ verified, reason: "A letter." });
    const path = "/registry/v1/publishers/badged/verification";
    assert.equal((await operator.send("PUT", path, { headers, body })).status, 204);
  };
  await verify(true);
  const plugin = "badged/echo";
  await publishTestPlugin(registryAddress, publisher, { id: plugin, actions: sayVersion("1.0.0") });
  const [strict, watching, open] = [await host.tenant(), await host.tenant(), await host.tenant()];
  for (const [{ api }, enforce] of [
    [strict, "running"],
    [watching, "installs"],
  ] as const) {
    const rules = { allow: null, deny: [], maxPermissions: null, approvalRequired: false, coolDownHours: 0 };
    const body = JSON.stringify({ policy: { ...rules, verifiedOnly: true, enforce } });
    const headers = { "content-type": "application/json" };
    assert.equal((await api.send("PUT", "/api/v1/policy", { headers, body })).status, 200);
  }
  const [stopped, shown, free] = await Promise.all(
    [strict, watching, open].map((one) => connect(one, plugin)),
  );
  assert.ok(stopped && shown && free);
  const call = ({ api }: TestTenant, { connectionId }: { connectionId: string }) =>
    api.post(`/api/v1/connections/${connectionId}/actions/version`, { input: {} });
  const policyOf = async ({ api }: TestTenant, { installId }: { installId: string }) =>
    (await api.get(`/api/v1/installs/${installId}`)).body.policy;
  assert.equal((await call(strict, stopped)).status, 200);

  await verify(false);
  await until("stopped", async () => (await policyOf(strict, stopped))?.stops === true);
  assert.equal((await call(strict, stopped)).body.code, "policy-refused");
  await until("shown", async () => (await policyOf(watching, shown)) !== null);
  assert.match((await policyOf(watching, shown)).reasons[0], /Only verified publishers/);
  assert.equal((await call(watching, shown)).status, 200, "its policy is asked at installs alone");
  assert.deepEqual([(await call(open, free)).status, await policyOf(open, free)], [200, null]);

  await verify(true);
  await until("allowed", async () => (await policyOf(strict, stopped)) === null);
  assert.equal((await call(strict, stopped)).status, 200);
});

for (const [seen, from] of [
  ["one after the other", "1.0.1"],
  ["both at once", "1.0.0"],
] as const) {
  test(`a stolen publisher's account ships a patch that asks for more: nobody gets it unasked; ${seen}`, async () => {
    const { plugin, publish } = await offer(`stolen-${from.replaceAll(".", "")}`);
    const publishBad = () => publish("1.0.2", { permissions: gatePermission });
    const isSeenAtOnce = from === "1.0.0";
    if (isSeenAtOnce) {
      await publish("1.0.1");
      await publishBad();
    }
    const install = await follow(await host.tenant(), plugin, "latest");
    if (!isSeenAtOnce) {
      await publish("1.0.1");
      await install.at("1.0.1");
      await publishBad();
    }
    await install.at("1.0.1");
    assert.deepEqual((await install.shows("decision-needed")).needs, ["consent"]);

    // It is looked at anew.
    await install.change({ channel: "latest" });
    await install.shows("decision-needed");
    assert.equal((await install.read()).version, "1.0.1");
    const told = (await install.events()).filter(({ type }: { type: string }) => type === "update-available");
    assert.equal(told.length, 1);
    const [notice] = told;
    assert.deepEqual([notice.from, notice.to, notice.needs], [from, "1.0.2", ["consent"]]);
    assert.equal(notice.added.length, 1);
    assert.equal((await install.change({ range: "1.0.2" })).body.code, "consent-required");
    const { consent } = notice;
    assert.equal((await install.change({ range: "1.0.2", consent })).body.version, "1.0.2");
  });
}

test("a registry that lies about what comes by itself gets nobody to more, further or down", async (t) => {
  t.after(() => honest());
  const { plugin, publish } = await offer("lied");
  await publish("0.9.0");
  const install = await follow(await host.tenant(), plugin, "patch");
  await publish("1.0.1", { permissions: gatePermission });
  await publish("2.0.0");
  const isOurs = ({ update }: Answer["items"][number]) => JSON.stringify(update)?.includes('"1.0.1"');
  for (const automatic of ["2.0.0", "0.9.0"]) {
    honest((item) => (isOurs(item) ? { automatic } : {}));
    await install.change({ channel: "patch" });
    await until(`${automatic} is refused`, async () =>
      host.logged().includes(`"version":"1.0.0","automatic":"${automatic}"`),
    );
  }
  honest((item) => (isOurs(item) ? { automatic: "1.0.1", update: null } : {}));
  await install.change({ channel: "patch" });
  await until("refused by the registry's own rules", async () =>
    new RegExp(`${install.id}[^\\n]*consent-required[^\\n]*could not be upgraded`).test(host.logged()),
  );
  assert.equal((await install.read()).version, "1.0.0");
});

test("a version that fails is left alone, the old one serves, and the next one comes later", async () => {
  const { plugin, publish } = await offer("failing");
  const install = await follow(await host.tenant(), plugin, "patch");
  await publish("1.0.1", { hooks: { upgrade: "throw new Error('not here');" } });
  await install.shows("held-back");
  assert.equal((await install.read()).version, "1.0.0");
  const failures = async () =>
    (await install.events()).filter(({ type }: { type: string }) => type === "update-failed");
  const [{ to, code }] = await failures();
  assert.deepEqual([to, code], ["1.0.1", "lifecycle-hook-failed"]);

  await publish("1.0.2");
  await install.shows("scheduled");
  assert.equal((await install.read()).version, "1.0.0", "a while is left between two tries");
  offsetMs += hourMs;
  await install.at("1.0.2");
  assert.equal((await failures()).length, 1);
});

test("what somebody left by a roll-back does not come back until there is a newer one, or they say so", async () => {
  const { plugin, publish } = await offer("left");
  const tenants = [await host.tenant(), await host.tenant()];
  const [waiting, willing] = await Promise.all(tenants.map((tenant) => follow(tenant, plugin, "minor")));
  assert.ok(waiting && willing && tenants[0] && tenants[1]);
  await publish("1.0.1");
  for (const [index, install] of [waiting, willing].entries()) {
    await install.at("1.0.1");
    const back = await tenants[index]?.api.post(`${install.path}/rollback`);
    assert.equal(back?.body.version, "1.0.0");
    await install.shows("held-back");
  }
  await willing.change({ channel: "minor" });
  await willing.at("1.0.1");
  assert.equal((await waiting.read()).version, "1.0.0");
  await publish("1.0.2");
  await waiting.at("1.0.2");
});

test("what a tenant's policy has wait, or be approved, waits", async () => {
  const { plugin, publish } = await offer("waiting");
  const tenant = await host.tenant();
  const put = (change: object) =>
    tenant.api.send("PUT", "/api/v1/policy", {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        policy: {
          allow: null,
          deny: [],
          verifiedOnly: false,
          maxPermissions: null,
          approvalRequired: false,
          coolDownHours: 0,
          ...change,
        },
      }),
    });
  const install = await follow(tenant, plugin, "patch");
  const witness = await follow(await host.tenant(), plugin, "patch");
  await put({ coolDownHours: 1 });
  await publish("1.0.1");
  await witness.at("1.0.1");
  const { version, update } = await install.read();
  assert.deepEqual([version, update], ["1.0.0", null]);

  await put({ approvalRequired: true });
  offsetMs += 2 * hourMs;
  assert.deepEqual((await install.shows("decision-needed")).needs, ["approval"]);
  const { body } = await tenant.api.post("/api/v1/approvals", { plugin, range: "1.0.1", reason: "Good." });
  const decision = { decision: "approve", reason: "Yes." };
  assert.equal((await tenant.api.post(`/api/v1/approvals/${body.id}/decision`, decision)).status, 200);
  offsetMs += 2 * hourMs;
  await install.at("1.0.1");
});

test("what costs something from now on waits, and what is switched off stays as it is", async () => {
  const { plugin, publish } = await offer("priced");
  const install = await follow(await host.tenant(), plugin, "patch");
  const off = await follow(await host.tenant(), plugin, "patch");
  await off.change({ status: "disabled" });
  const pricing = { model: "one-time", price: { amount: 100, currency: "EUR" } };
  await publish("1.0.2", { manifest: { pricing } });
  assert.deepEqual((await install.shows("decision-needed")).needs, ["payment"]);
  await publish("1.0.1");
  await install.at("1.0.1");
  await off.shows("decision-needed");
  assert.equal((await off.read()).version, "1.0.0");
  await off.change({ status: "active" });
  await off.at("1.0.1");
});

test("whoever stays at a version is told once what became of it", async () => {
  const { plugin, publish } = await offer("blocked");
  const install = await follow(await host.tenant(), plugin);
  const operator = createTestApi(registryAddress, operatorToken);
  const block = { headers: { "content-type": "application/json" }, body: '{"reason":"It steals."}' };
  await operator.send("PUT", `/registry/v1/plugins/${plugin}/1.0.0/block`, block);
  await until("told", async () => (await install.types()).includes("version-blocked"));
  await publish("1.0.1");
  await install.shows("outside-channel");
  const [notice, ...more] = (await install.events()).slice(1);
  assert.deepEqual([notice.type, notice.version, notice.message], ["version-blocked", "1.0.0", "It steals."]);
  assert.deepEqual(more, []);
});

test("one request asks for all installs of a plugin, and one host asks at a time", async (t) => {
  const { plugin, publish } = await offer("shared");
  const installs = [];
  for (let count = 0; count < 3; count++) installs.push(await follow(await host.tenant(), plugin, "patch"));
  const database = new pg.Client({ connectionString: host.databaseUrl });
  await database.connect();
  t.after(() => database.end());
  const hold = (token: string, until: string) =>
    database.query(
      `update core.update_rounds set token = $1, expires_at = ${until}
      where expires_at <= now() or token = $1 returning token`,
      [token],
    );
  const registry = createTestApi(registryAddress);
  // Another host has its turn.
  await until(
    "a turn is free",
    async () => (await hold("other", "now() + interval '1 hour'")).rowCount === 1,
  );
  await publish("1.0.1");
  const before = answered.length;
  await until("the host knows of it", async () => {
    const { checkpoint } = (await host.admin.get("/api/v1/registry-trust")).body;
    const { checkpoint: signed } = (await registry.get("/registry/v1/checkpoint")).body;
    return JSON.parse(Buffer.from(signed.split(".")[1], "base64url").toString()).seq === checkpoint.seq;
  });
  assert.equal(answered.length, before, "nobody asks out of turn");
  await hold("other", "now()");
  for (const install of installs) await install.at("1.0.1");
  assert.ok(answered.slice(before).includes(3), `${answered.slice(before)}`);
});
