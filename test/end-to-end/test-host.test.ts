/** What a plugin does in its author's tests it does in a host: one built plugin, run in both, and compared. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { Json } from "@plugboard/plugin-sdk";
import { createTestHost } from "@plugboard/plugin-sdk/testing";
import { fixtureDirectory, publishFixture } from "../support/fixture-plugin.ts";
import { startTestHost, type TestTenant } from "../support/host.ts";
import { authorsSide, startMirrorVendor, tenantsSide } from "../support/mirror.ts";
import { doubts, mirrorCalls } from "../support/mirror-calls.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

interface Step {
  call: string;
  with: Json[];
}

const step = (call: string, ...given: Json[]): Step => ({ call, with: given });

const storageSteps = [
  step("get", "nothing"),
  step("entry", "nothing"),
  step("set", "a", { deep: [1, null, "ü"] }),
  step("get", "a"),
  step("entry", "a"),
  step("set", "a", 2, { ifVersion: "$version" }),
  step("set", "a", 3, { ifVersion: "stale" }),
  step("set", "a", 3, { ifVersion: null }),
  step("set", "b", null, { ifVersion: null }),
  step("get", "b"),
  step("delete", "b", { ifVersion: "stale" }),
  step("delete", "b"),
  step("delete", "b"),
  step("delete", "b", { ifVersion: "stale" }),
  step("usage"),
  ...["k\u{10000}", "k\uffff", "K", "kä", "k:2", "k:1"].map((key) => step("set", key, 1)),
  step("list"),
  step("list", { prefix: "k", limit: 2 }),
  step("list", { prefix: "k", limit: 2, after: "k:2" }),
  step("list", { prefix: "k", after: null }),
  step("list", { limit: 0 }),
  step("list", { limit: 1001 }),
  step("list", { prefix: 1 }),
  step("list", { order: "down" }),
  step("set", "", 1),
  step("set", "x".repeat(257), 1),
  step("set", "line\nbreak", 1),
  step("set", "$half", 1),
  step("set", "a"),
  step("set", "a", 1, { ifVersion: 7 }),
  step("set", "a", 1, { if: "x" }),
  step("get", 7),
  step("get", "a", "b"),
  step("set", "large", `$x${1024 * 1024 - 2}`),
  step("set", "larger", `$x${1024 * 1024 - 1}`),
  step("set", "more", "$x200000"),
  step("set", "large", "small again"),
  step("set", "more", "$x200000"),
  step("usage"),
];

const fileSteps = [
  step("files.create", { name: "a.csv", contentType: "text/csv" }),
  step("files.append", "$file", '\ufeffid,"na\nme"\r\n'),
  step("files.append", "$file", "1,é\n2,ü"),
  step("files.append", "$file", 1),
  step("files.get", "$file"),
  step("files.read", "$file"),
  step("files.finish", "$file"),
  step("files.finish", "$file"),
  step("files.append", "$file", "more"),
  step("files.get", "$file"),
  step("files.read", "$file"),
  step("files.read", "$file", { offset: 3, length: 17 }),
  step("files.read", "$file", { offset: 19, length: 4 }),
  step("files.read", "$file", { offset: 1000 }),
  step("files.read", "$file", { length: 3 }),
  step("files.read", "$file", { as: "base64" }),
  step("files.lines", "$file"),
  step("files.lines", "$file", { quoted: true }),
  step("files.lines", "$file", { quoted: true, limit: 2 }),
  step("files.lines", "$file", { offset: 18, limit: 1 }),
  step("files.lines", "$file", { limit: 0 }),
  step("files.lines", "$file", { after: 1 }),
  step("files.fetch", "https://api.vendor.test/"),
  step("files.delete", "$file"),
  step("files.delete", "$file"),
  step("files.lines", "$file"),
  step("files.get", ""),
  step("files.get", 1),
  step("files.create", { name: "a/b" }),
  step("files.create", { name: "line\nbreak" }),
  step("files.create", { contentType: "text" }),
  ...Array.from({ length: 9 }, () => step("files.create")),
];

const handedSteps = [
  step("files.get", "$handed"),
  step("files.read", "$handed"),
  step("files.lines", "$handed"),
  step("files.append", "$handed", "more"),
  step("files.delete", "$handed"),
  step("files.get", "$handed"),
];

const namedSteps = [
  step("files.get", "$named"),
  step("files.read", "$named"),
  step("files.fetch", "https://api.keeper.test/", { method: "POST", body: { file: "$named" } }),
  step("files.delete", "$named"),
];

const eventSteps = [
  step("publish", "keeper.said", { text: "hello" }, { dedupeKey: "once" }),
  step("publish", "keeper.said", { text: "again" }, { dedupeKey: "once" }),
  step("publish", "keeper.said.twice", null),
  step("publish", "keeper", 1),
  step("publish", "other.said", 1),
  step("publish", "plugboard.install.created", 1),
  step("publish", "Keeper.Said", 1),
  step("publish", "keeper.said"),
  step("publish", "keeper.said", "$nul"),
  step("publish", "keeper.said", `$x${64 * 1024}`),
  step("publish", "keeper.said", 1, { dedupeKey: "" }),
  step("publish", "keeper.said", 1, { key: "x" }),
];

const floodSteps = Array.from({ length: 101 }, () => step("publish", "keeper.flood", 1));

const key = "sk_live/of+the=tests~0123456789";
const credentials = [
  { type: "apiKey", key },
  { type: "bearer", token: key },
  { type: "basic", username: "jörg", password: key },
];

test("what a plugin does in createTestHost it does in a host", async (t) => {
  const author = await createTestHost({ directory: fixtureDirectory("keeper") });
  t.after(() => author.close());
  const vendor = await startMirrorVendor(t);
  const host = await startTestHost(t, { egressRewrite: vendor.rewrite });
  const publisher = await registerPublisher(host.address, "fixtures");
  await publishFixture(host.address, publisher, "keeper");
  await publishFixture(host.address, publisher, "mirror");
  await publishTestPlugin(host.address, publisher, {
    id: "fixtures/writer",
    actions: { write: { run: "return input;" } },
    manifest: { auth: [{ type: "bearer" }] },
  });
  const tenant = await host.tenant();
  const keeper = await connectTo(tenant, "fixtures/keeper");
  const writer = await connectTo(tenant, "fixtures/writer");

  /** The same steps in both; versions and ids are told by when they were first seen. */
  const compare = async (steps: Step[], given: { here?: object; there?: object } = {}) => {
    const here = (await author.run("steps", { steps, ...given.here } as unknown as Json)) as {
      outcomes: Json[];
    };
    const there = await keeper.run("steps", { steps, ...given.there });
    assert.equal(there.status, 200, JSON.stringify(there.body));
    const [mine, theirs] = [numbered(here.outcomes), numbered(there.body.output.outcomes)];
    for (const [index, one] of steps.entries())
      assert.deepEqual(mine[index], theirs[index], JSON.stringify(one).slice(0, 100));
    return theirs;
  };

  await t.test("the install hook, what it stores and what it publishes", async () => {
    await author.hook("install", { version: "1.0.0" });
    assert.deepEqual(author.storage, { installed: "1.0.0" });
    const [stored] = await compare([step("get", "installed")]);
    assert.equal(stored, "1.0.0");
    assert.deepEqual(author.log, [{ level: "info", message: "installed" }]);
  });

  await t.test("storage", async () => {
    const outcomes = await compare(storageSteps);
    const codes = new Set(outcomes.map((one) => (one as { code?: string } | null)?.code).filter(Boolean));
    assert.deepEqual([...codes].sort(), [
      "storage-conflict",
      "storage-invalid-argument",
      "storage-quota-exceeded",
      "storage-value-too-large",
    ]);
  });

  await t.test("files", async () => {
    const outcomes = await compare(fileSteps);
    const codes = new Set(outcomes.map((one) => (one as { code?: string } | null)?.code).filter(Boolean));
    assert.deepEqual([...codes].sort(), ["fetch-not-granted", "file-invalid-argument", "file-not-found"]);
    const [lines, quoted, some] = outcomes.slice(16) as { lines: string[]; next: number | null }[];
    assert.deepEqual(lines, { lines: ['id,"na', 'me"', "1,é", "2,ü"], next: null });
    assert.deepEqual(quoted, { lines: ['id,"na\nme"', "1,é", "2,ü"], next: null });
    assert.deepEqual(some, { lines: ['id,"na\nme"', "1,é"], next: 20 });
  });

  await t.test("files that the plugin has not made", async () => {
    const headers = { "content-type": "text/plain" };
    const content = "put\nin";
    const put = await tenant.api.send("POST", "/api/v1/files", { headers, body: content });
    const [here, there] = [author.files.put(content, { contentType: "text/plain" }), put.body.id];
    const handed = await compare(handedSteps, { here: { handed: here }, there: { handed: there } });
    assert.deepEqual(handed.slice(1, 5), [
      { content, next: null },
      { lines: ["put", "in"], next: null },
      { code: "file-invalid-argument" },
      false,
    ]);
    const named = await compare(namedSteps, { here: { named: here }, there: { named: there } });
    const notFound = { code: "file-not-found" };
    assert.deepEqual(named, ["undefined", notFound, notFound, false]);
    assert.equal(Buffer.from(author.files.content(here) ?? []).toString(), content);
    await author.clock.advance(24 * 60 * 60_000);
    assert.equal(author.files.content(here), undefined);

    const note = await keeper.create("note", { file: there });
    assert.deepEqual([note.status, note.body.text], [201, "there is none"]);
    assert.deepEqual(await author.entity("note", "create", { record: { file: here } }), {
      id: "1",
      text: "there is none",
    });

    const none = { steps: [], handed: "fil_none" };
    const refused = await keeper.run("steps", none);
    const [{ message }] = refused.body.problems;
    assert.deepEqual(
      [refused.status, message],
      [422, "fil_none is no file of this tenant's, or its time is over."],
    );
    await assert.rejects(author.run("steps", none), { name: "TypeError", message: new RegExp(message) });
  });

  await t.test("what leaves open whether a write was made", async () => {
    const statusAfter = async (call: string) => {
      const write = { op: "create" as const, record: { call } };
      const [here] = await author.batch("failure", [write]);
      const there = await keeper.batch("failure", [write]);
      return [here?.status, there.body.results[0].status];
    };
    for (const call of ["nothing", "storage.usage", "files.create"])
      assert.deepEqual(await statusAfter(call), ["failed", "failed"], call);
    for (const call of ["storage.set", "events.publish"])
      assert.deepEqual(await statusAfter(call), ["unknown", "unknown"], call);
  });

  await t.test("events", async () => {
    await compare(eventSteps);
    const flood = await compare(floodSteps);
    assert.deepEqual(flood.at(-1), { code: "events-limit-exceeded" });
    const { body } = await tenant.api.get("/api/v1/events?type=keeper.*&limit=100");
    const { body: rest } = await tenant.api.get(`/api/v1/events?type=keeper.*&cursor=${body.nextCursor}`);
    assert.deepEqual(
      [...body.items, ...rest.items].map(({ type, data }: { type: string; data: Json }) => ({ type, data })),
      author.events.map(({ type, data }) => ({ type, data })),
    );
  });

  await t.test("a hook before another plugin's action", async () => {
    const connectionId = "con_test";
    const input = { plugin: "fixtures/writer", action: "write", connectionId, value: { text: " hello " } };
    const changed = await author.hook("action.beforeRun", input);
    const written = await writer.run("write", { text: " hello " });
    assert.deepEqual(written.body.output, changed);
    assert.deepEqual(changed, { text: "hello" });
    await compare([step("get", "seen")]);
    assert.equal(await author.hook("action.beforeRun", { ...input, value: { other: 1 } }), null);
    assert.deepEqual((await writer.run("write", { other: 1 })).body.output, { other: 1 });
    await assert.rejects(author.hook("upgrade", { from: "1.0.0", to: "2.0.0", rollback: false }), {
      message: 'fixtures/keeper has no hook "upgrade".',
    });
  });

  // Recorded through the SDK's way to vendors, so with a credential, and replayed without either.
  process.env.PLUGBOARD_EGRESS_REWRITE = JSON.stringify(vendor.rewrite);
  const folder = await mkdtemp(path.join(tmpdir(), "plugboard-mirror-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const openMirror = async (mode: "record" | "replay", credential: object, file: string) => {
    process.env.PLUGBOARD_DEV_CREDENTIAL = JSON.stringify(credential);
    const directory = fixtureDirectory("mirror");
    const exchanges = { file: path.join(folder, file), mode };
    return createTestHost({ directory, exchanges, config: { side: "a" } });
  };
  for (const side of ["a", "b"]) vendor.rows[side] = [1, 2, 3, 4, 5].map((id) => ({ id }));
  const asked = await tenant.api.post("/api/v1/installs", { plugin: "fixtures/mirror" });
  const { consent } = asked.body;
  const install = await tenant.api.post("/api/v1/installs", { plugin: "fixtures/mirror", consent });
  const connectMirror = async (auth: object): Promise<string> => {
    const body = { installId: install.body.id, name: "Ours", auth, config: { side: "b" } };
    const { body: made, status } = await tenant.api.post("/api/v1/connections", body);
    assert.equal(status, 201, JSON.stringify(made));
    return made.id;
  };

  await t.test("actions, entities, polls and requests, and all that can go wrong with them", async () => {
    const recording = await openMirror("record", { type: "apiKey", key }, "all.json");
    const here = authorsSide(recording);
    const connectionId = await connectMirror({ type: "apiKey", key });
    const there = tenantsSide(tenant.api, connectionId);
    const seen: object[] = [];
    const differences: object[] = [];
    for (const [what, call] of mirrorCalls) {
      const [mine, theirs] = await Promise.all([call(here), call(there)]);
      if (!isDeepStrictEqual(ofAnySide(mine), ofAnySide(theirs))) differences.push({ what, mine, theirs });
      seen.push(mine);
    }
    assert.deepEqual(differences, []);
    for (const [status, call] of doubts) {
      type Told = { output: { status: string; retryAfterMs?: number }[] };
      const [told] = (seen[mirrorCalls.indexOf(call)] as Told).output;
      const again = status === "failed" ? 5_000 : undefined;
      assert.deepEqual([told?.status, told?.retryAfterMs], [status, again], call[0]);
    }
    const create = () =>
      tenant.api.send("POST", `/api/v1/connections/${connectionId}/entities/attempt`, {
        headers: { "content-type": "application/json", "idempotency-key": "doubted" },
        body: JSON.stringify({
          requests: [{ method: "POST", path: "/say/nothing" }],
          code: "vendor-unavailable",
        }),
      });
    const [first, again] = [await create(), await create()];
    assert.equal(first.body.code, "vendor-unavailable");
    assert.equal(again.headers.get("idempotent-replayed"), "true", "nobody is to do it again unseen");
    await recording.close();
    const replayed = await openMirror("replay", {}, "all.json");
    t.after(() => replayed.close());
    // What ends by itself only after a second, and calls nobody, has nothing to be replayed.
    for (const [index, [what, call]] of mirrorCalls.entries())
      if (!what.startsWith("spin"))
        assert.deepEqual(await call(authorsSide(replayed)), seen[index], `${what}, replayed`);
  });

  await t.test(
    "every kind of credential, as the vendor gets it and as the plugin sees an echo of it",
    async () => {
      for (const credential of credentials) {
        const mine = await openMirror("record", credential, `${credential.type}.json`);
        const there = tenantsSide(tenant.api, await connectMirror(credential));
        const input = { url: "https://api.mirror.test/echo", init: {} };
        const echo = await authorsSide(mine).run("fetch", input);
        assert.deepEqual(echo, await there.run("fetch", input));
        assert.match(JSON.stringify(echo), /\[redacted\]/);
        await mine.close();
      }
    },
  );

  await t.test("a trigger that is switched on", async () => {
    const connectionId = await connectMirror({ type: "apiKey", key });
    const at = `/api/v1/connections/${connectionId}/triggers/row`;
    const mine = await createTestHost({
      directory: fixtureDirectory("mirror"),
      config: { side: "a" },
      answer: ({ url }) => fetch(url.replace("https://api.mirror.test", vendor.url)),
    });
    t.after(() => mine.close());
    const rows = await mine.trigger("row", { config: { least: 2 }, startAt: "beginning" });
    const state = async () => (await tenant.api.get(at)).body.state;
    await tenant.api.send("PUT", at, {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ enabled: true, config: { least: 2 }, startAt: "beginning" }),
    });
    while ((await state()).told < 4) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const side of ["a", "b"]) vendor.rows[side]?.push({ id: 6 });
    assert.deepEqual(await rows.poll(), [{ id: 6 }]);
    await tenant.api.post(`${at}/poll`);
    while ((await state()).told < 5) await new Promise((resolve) => setTimeout(resolve, 20));
    const { body } = await tenant.api.get("/api/v1/events?type=trigger.row");
    const told = ({ type, data }: { type: string; data: Json }) => ({ type, data });
    assert.deepEqual(mine.events.map(told), body.items.map(told));
  });
});

/** Which of the vendor's two halves it was is all that may differ. */
function ofAnySide(outcome: object): object {
  return JSON.parse(JSON.stringify(outcome).replaceAll(/(?<=mirror\.test\/|"side":")[ab]\b/g, "?"));
}

/** Versions and ids are random; the same one twice is what matters. */
function numbered(outcomes: Json[]): Json[] {
  const seen = new Map<string, number>();
  const text = JSON.stringify(outcomes, (key, value) => {
    if (key === "createdAt" || key === "expiresAt") return typeof value;
    if ((key !== "version" && key !== "id") || typeof value !== "string") return value;
    const number = seen.get(value) ?? seen.size;
    seen.set(value, number);
    return number;
  });
  return JSON.parse(text);
}

async function connectTo({ api }: TestTenant, plugin: string) {
  const { body } = await api.post("/api/v1/installs", { plugin });
  const install =
    body.consent === undefined
      ? { status: 201, body }
      : await api.post("/api/v1/installs", { plugin, consent: body.consent });
  assert.equal(install.status, 201, JSON.stringify(install.body));
  const connected = await api.post("/api/v1/connections", {
    installId: install.body.id,
    name: "Ours",
    auth: { type: "bearer", token: "token-of-the-tests-0123456789" },
  });
  assert.equal(connected.status, 201, JSON.stringify(connected.body));
  const path = `/api/v1/connections/${connected.body.id}`;
  return {
    run: (action: string, input: object) => api.post(`${path}/actions/${action}`, { input }),
    batch: (entity: string, writes: object[]) => api.post(`${path}/entities/${entity}/batch`, { writes }),
    create: (entity: string, record: object) => api.post(`${path}/entities/${entity}`, record),
  };
}
