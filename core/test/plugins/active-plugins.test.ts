/** Nothing of a plugin outlives the host that started it, nor the registry's word that it must not run. */
import assert from "node:assert/strict";
import { subscribe } from "node:diagnostics_channel";
import { EventEmitter } from "node:events";
import test from "node:test";
import type { Manifest } from "@plugboard/plugin-sdk/manifest";
import type { RegistryClient, VerifiedRelease } from "@plugboard/registry/client";
import { createLogger } from "@plugboard/service-kit/observe";
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";
import { createPluginSettings } from "../../kernel/limits/index.ts";
import { createActivePlugins } from "../../kernel/plugins/active-plugins.ts";
import { followBadges } from "../../kernel/plugins/badges.ts";
import { followInstalls } from "../../kernel/plugins/hot-swap.ts";
import type { CoreDatabase } from "../../tables.ts";

const release = { plugin: "acme/echo", version: "1.0.0", tarballSha512: "0".repeat(128) };
const target = { kind: "action", name: "echo" } as const;
const echo = { target, input: "hello", context: {}, capabilities: {} };

function start(
  options: {
    drainMs?: number;
    admit?: () => Promise<void>;
    refuseBlocked?: () => void;
    /** Where nobody has said where code runs: whether its publisher is vouched for. */
    publisherVerified?: () => boolean;
  } = {},
) {
  const { drainMs = 0, admit = async () => {}, refuseBlocked = () => {} } = options;
  const { publisherVerified } = options;
  const lines: string[] = [];
  const logger = createLogger({
    name: "test",
    level: "debug",
    destination: { write: (line: string) => void lines.push(line) },
  });
  const activePlugins = createActivePlugins({
    loadRelease: async () =>
      ({
        manifest: { id: release.plugin, version: release.version, permissions: {} } as Manifest,
        mainCode:
          "const action = (run) => ({ kind: 'action', run }); module.exports.default = { actions: { echo: action(({ input }) => input), hang: action(() => new Promise(() => {})) } };",
        publisherVerified: publisherVerified?.() ?? true,
      }) as VerifiedRelease,
    settings: createPluginSettings(
      { defaults: { limits: { drainMs } } },
      publisherVerified ? undefined : "thread",
    ),
    limitReached() {},
    quarantine: { admit, count() {} },
    refuseBlocked,
    logger,
  });
  const count = (what: RegExp) => lines.filter((line) => what.test(line)).length;
  return {
    activePlugins,
    logger,
    running: () => count(/"type":"thread-started"/) - count(/"type":"thread-ended"/),
    changed: async (isRight: () => boolean) => {
      while (!isRight()) await new Promise((go) => setImmediate(go));
    },
  };
}

test("a call that still arrives at a retired release is answered, and what it opened goes with it", async () => {
  const { activePlugins, running, changed } = start();
  const { sandbox } = await activePlugins.get(release);
  await activePlugins.retire(release.tarballSha512);
  const late = sandbox.begin("tnt_1");
  assert.equal(await late.run(echo), "hello");
  assert.equal(running(), 1);
  late.end();
  await changed(() => running() === 0);
  await activePlugins.close(0);
});

test("closing ends what a call opened in a retired release, and nothing is started afterwards", async () => {
  const { activePlugins, running } = start();
  const { sandbox } = await activePlugins.get(release);
  await activePlugins.retire(release.tarballSha512);
  const late = sandbox.begin("tnt_1");
  await late.run(echo);
  await activePlugins.close(0);
  assert.equal(running(), 0);
  await assert.rejects(sandbox.begin("tnt_1").run(echo), { code: "plugin-closed" });
  await assert.rejects(activePlugins.get(release), { code: "plugin-crashed" });
  await assert.rejects(activePlugins.probe(release), { code: "plugin-crashed" });
  assert.equal(running(), 0);
});

test("a version that is blocked ends at once, also where it only finishes what it has", {
  timeout: 60_000,
}, async () => {
  const { activePlugins, running, changed } = start({ drainMs: 600_000 });
  const { sandbox } = await activePlugins.get(release);
  const hang = () => {
    const call = sandbox.begin("tnt_1");
    const answer = call.run({ ...echo, target: { kind: "action", name: "hang" } });
    return assert.rejects(answer.finally(call.end), { code: "plugin-closed" });
  };
  const inOld = hang();
  await changed(() => running() === 1);
  const renewed = activePlugins.renew(release.tarballSha512);
  const inCurrent = hang();
  await changed(() => running() === 2);
  const retired = activePlugins.retire(release.tarballSha512);
  activePlugins.stop(({ version }) => version === "2.0.0");
  assert.equal(running(), 2);

  activePlugins.stop(({ tarballSha512 }) => tarballSha512 === release.tarballSha512);

  await Promise.all([inOld, inCurrent, renewed, retired]);
  await changed(() => running() === 0);
  await activePlugins.close(0);
});

test("a call that waits to be let in starts nothing of a version that is blocked meanwhile", async () => {
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  let isBlocked = false;
  const { activePlugins, running } = start({
    admit() {
      asked.resolve();
      return answered.promise;
    },
    refuseBlocked() {
      if (isBlocked) throw Object.assign(new Error("blocked"), { code: "release-blocked" });
    },
  });
  const { sandbox } = await activePlugins.get(release);
  const call = sandbox.begin("tnt_1");
  const refused = assert.rejects(call.run(echo), { code: "release-blocked" });
  await asked.promise;
  isBlocked = true;
  activePlugins.stop(({ tarballSha512 }) => tarballSha512 === release.tarballSha512);
  answered.resolve();
  await refused;
  await assert.rejects(sandbox.describe(), { code: "release-blocked" });
  assert.equal(running(), 0);
  await activePlugins.close(0);
});

test("what nobody vouches for any more leaves this process, and what is under way may end", async () => {
  let isVouchedFor = true;
  let isDown = false;
  let asked = 0;
  let threads = 0;
  subscribe("worker_threads", () => {
    threads += 1;
  });
  const { activePlugins, logger, running, changed } = start({
    drainMs: 600_000,
    publisherVerified: () => isVouchedFor,
  });
  const news = new EventEmitter();
  const badges = followBadges({
    trust: { onAdvance: (listener) => void news.on("news", listener) },
    registry: {
      async getPublisher() {
        asked += 1;
        if (isDown) throw new Error("down");
        return { verified: isVouchedFor } as Awaited<ReturnType<RegistryClient["getPublisher"]>>;
      },
    },
    activePlugins,
    logger,
    againMs: 1,
  });
  const { sandbox } = await activePlugins.get(release);
  const [under, next] = [sandbox.begin("tnt_1"), sandbox.begin("tnt_1")];
  const hanging = under.run({ ...echo, target: { kind: "action", name: "hang" } });
  await changed(() => running() === 1);
  assert.equal(threads, 1);
  news.emit("news");
  await badges.settled();
  assert.deepEqual(activePlugins.vouchedFor(), ["acme"]);

  isVouchedFor = false;
  isDown = true;
  const before = asked;
  news.emit("news");
  await changed(() => asked > before + 1);
  assert.deepEqual(activePlugins.vouchedFor(), ["acme"]);
  // Without further news.
  isDown = false;
  await changed(() => activePlugins.vouchedFor().length === 0);
  assert.equal(await next.run(echo), "hello");
  assert.deepEqual([threads, running()], [1, 2], "in a process, beside the thread that finishes what it has");
  next.end();
  const ended = assert.rejects(hanging.finally(under.end), { code: "plugin-closed" });
  await activePlugins.close(0);
  await Promise.all([ended, badges.settled()]);
  assert.equal(running(), 0);
});

/** A database without a row. `onAnswer` runs before the answer to the query of that number, from 1, is there. */
function emptyDatabase(onAnswer: (query: number) => void) {
  let queries = 0;
  return new Kysely<CoreDatabase>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    plugins: [
      {
        transformQuery: ({ node }) => node,
        async transformResult({ result }) {
          onAnswer(++queries);
          return result;
        },
      },
    ],
  });
}

test("a release is kept that an install claims while the database is asked who runs it", async () => {
  const { activePlugins, logger } = start();
  const held = await activePlugins.get(release);
  const decided = Promise.withResolvers<void>();
  let claim: Promise<void> | undefined;
  const db = emptyDatabase((query) => {
    // The first reads the install that changed, the second asks who runs what nobody claims.
    if (query === 2) claim = activePlugins.claim(release, () => decided.promise);
  });
  const listeners: ((id: string) => void)[] = [];
  const onChange = (topic: string, listener: (id: string) => void) => {
    if (topic === "install") listeners.push(listener);
  };
  followInstalls({ db, changes: { onChange } as never, activePlugins, logger });
  const changed = async () => {
    for (const listener of listeners) listener("ins_1");
    for (let turn = 0; turn < 5; turn++) await new Promise((go) => setImmediate(go));
  };

  await changed();
  assert.equal(await activePlugins.get(release), held);

  decided.resolve();
  await claim;
  await changed();
  assert.notEqual(await activePlugins.get(release), held);
  await activePlugins.close(0);
});
