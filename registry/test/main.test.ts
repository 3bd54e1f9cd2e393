import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { createRegistryClient } from "@plugboard/registry/client";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import { readConfig } from "../config.ts";
import { pack, sign } from "./support/plugins.ts";
import { runRegistry, spawnRegistry } from "./support/process.ts";
import { refused } from "./support/refused.ts";
import { registerPublisher, tenant } from "./support/registry.ts";

type Owner = { after(undo: () => Promise<void>): void };

async function openHome(t: Owner) {
  const { url } = await openTestDatabase(t);
  const dataDir = await mkdtemp(path.join(tmpdir(), "plugboard-registry-"));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  return { DATABASE_URL: url, PLUGBOARD_DATA_DIR: dataDir };
}

/** Of the tests that are not about a first start: what comes with it takes long. */
let home: Awaited<ReturnType<typeof openHome>>;
const undo: (() => Promise<void>)[] = [];
before(async () => {
  home = await openHome({ after: (step) => undo.push(step) });
});
after(async () => {
  for (const step of undo.toReversed()) await step();
});

test("a registry run apart says where it listens, keeps its host token in a file, and stops when told", async (t) => {
  const env = home;
  const registry = await spawnRegistry(t, env);

  const tokenFile = path.join(env.PLUGBOARD_DATA_DIR, "registry-token");
  const operatorFile = path.join(env.PLUGBOARD_DATA_DIR, "registry-operator-token");
  assert.deepEqual(registry.printed, [`host token: in ${tokenFile}`, `operator token: in ${operatorFile}`]);
  for (const file of [tokenFile, operatorFile]) assert.equal((await stat(file)).mode & 0o777, 0o600);
  const hostToken = (await readFile(tokenFile, "utf8")).trim();
  const client = createRegistryClient({ baseUrl: registry.url, hostToken });
  assert.deepEqual(await client.listInstalls(tenant), []);
  const bundled = await client.search({ q: "plugboard" });
  assert.ok(bundled.items.every(({ publisher }) => publisher === "plugboard") && bundled.items.length >= 3);
  assert.equal((await fetch(`${registry.url}/registry/v1/health`)).status, 200);
  assert.match(await (await fetch(`${registry.url}/metrics`)).text(), /http_request_duration_seconds/);

  assert.equal(await registry.end("SIGTERM"), 0);
});

test("a host token given from outside is the one that counts", async (t) => {
  const registry = await spawnRegistry(t, {
    ...home,
    PLUGBOARD_REGISTRY_TOKEN: "a-token-of-enough-length",
    PLUGBOARD_REGISTRY_OPERATOR_TOKEN: "another-token-of-enough-length",
  });

  const host = createRegistryClient({ baseUrl: registry.url, hostToken: "a-token-of-enough-length" });
  const stranger = createRegistryClient({ baseUrl: registry.url, hostToken: "a-token-of-enough-lengti" });

  assert.deepEqual(registry.printed, []);
  assert.deepEqual(await host.listInstalls(tenant), []);
  await refused(stranger.listInstalls(tenant), 401, "unauthorized");
});

test("a bad value in the environment stops the start with one line that names it", async () => {
  const bad: Record<string, string> = {
    PORT: "ninety",
    HOST: "not a host",
    DATABASE_URL: "mysql://somewhere",
    PLUGBOARD_MASTER_KEY: "too short",
    PLUGBOARD_REGISTRY_TOKEN: "short",
    PLUGBOARD_REGISTRY_OPERATOR_TOKEN: "short",
    LOG_LEVEL: "loud",
  };

  for (const [name, value] of Object.entries(bad))
    assert.throws(() => readConfig({ [name]: value }), { message: new RegExp(`^${name} must be .+\\.$`) });

  const { code, stderr } = await runRegistry(bad);
  assert.equal(code, 1);
  assert.match(stderr, /^plugboard registry cannot start: PORT must be .+\.\n$/);
});

test("publications that a killed process left behind are finished by the next one", async (t) => {
  const env = home;
  const first = await spawnRegistry(t, env);
  const early = createRegistryClient({ baseUrl: first.url });
  const { key } = await registerPublisher(early, "acme");
  const versions = ["1.0.0", "1.0.1", "1.0.2", "1.0.3"];
  const uploads = await Promise.all(
    versions.map(async (version) => sign(await pack({ id: "acme/echo", version }), key.privateJwk)),
  );
  const accepted = await Promise.all(uploads.map((upload) => early.publish(upload)));
  assert.equal(await first.end("SIGKILL"), "SIGKILL");

  const second = await spawnRegistry(t, env);
  const late = createRegistryClient({ baseUrl: second.url });
  for (const { id } of accepted) assert.equal((await late.waitForPublication(id)).status, "published");

  const published = await Promise.all(versions.map((version) => late.getVersion("acme/echo", version)));
  const seqs = published.map(({ seq }) => seq).toSorted((a, b) => a - b);
  const [lowest = 0] = seqs;
  assert.deepEqual(seqs, [lowest, lowest + 1, lowest + 2, lowest + 3], "without gaps");
});

test("two processes over one database are one registry, with one signing key", async (t) => {
  const env = await openHome(t);
  const [one, two] = await Promise.all([spawnRegistry(t, env), spawnRegistry(t, env)]);
  const [left, right] = [
    createRegistryClient({ baseUrl: one.url }),
    createRegistryClient({ baseUrl: two.url }),
  ];
  const acme = await registerPublisher(left, "acme");

  const upload = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), acme.key.privateJwk);
  const outcomes = await Promise.allSettled([left.publish(upload), right.publish(upload)]);

  const accepted = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  assert.equal(accepted.length, 1);
  assert.equal((await right.waitForPublication(accepted[0]?.id ?? "")).status, "published");
  assert.deepEqual(await left.getRoot(), await right.getRoot());
  assert.deepEqual(
    await left.getSignatures("acme/echo", "1.0.0"),
    await right.getSignatures("acme/echo", "1.0.0"),
  );
});

test("another master key than the database was first used with stops the start and says so", async (t) => {
  const registry = await spawnRegistry(t, home);
  assert.equal(await registry.end("SIGTERM"), 0);

  const other = Buffer.alloc(32, 7).toString("base64");
  const { code, stderr } = await runRegistry({ ...home, PLUGBOARD_MASTER_KEY: other });

  assert.equal(code, 1);
  assert.match(stderr, /^plugboard registry cannot start: .*PLUGBOARD_MASTER_KEY.*\n$/);
});
