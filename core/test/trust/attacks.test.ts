/** What a registry, or whoever answers for it, may not have a host believe. Each test is named by its attack. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { generateSigningKey } from "@plugboard/plugin-sdk/trust";
import { RegistryProblem, RegistryUnavailable } from "@plugboard/registry/client";
import { openTestHosts, refusal, type TestHosts } from "./hosts.ts";
import {
  now,
  type RevocationPage,
  rotated,
  type ScriptedRegistry,
  scriptedRegistry,
} from "./scripted-registry.ts";

const hourMs = 3_600_000;
let hosts: TestHosts;
before(async () => {
  hosts = await openTestHosts();
});
afterEach(() => hosts.forgetSeen());
after(() => hosts.close());

async function met(registry: ScriptedRegistry) {
  const host = await hosts.host(registry.source);
  await host.refresh();
  return host;
}

it("an honest registry is believed, however it grows and whatever it rotates", async () => {
  const registry = await scriptedRegistry();
  const host = await met(registry);
  for (let run = 0; run < 3; run++) {
    registry.publish();
    registry.publish();
    const next = await generateSigningKey();
    const { onlineKeys } = (await host.state()).root;
    await registry.nextRoot({ onlineKeys: rotated(onlineKeys, next, { until: registry.said.log.length }) });
    registry.said.signer = next;
    await host.requireFresh();
    const { root, checkpoint } = await host.state();
    assert.deepEqual([root.version, checkpoint.seq], [run + 2, registry.said.log.length]);
  }
});

describe("rollback", () => {
  it("to an earlier checkpoint, with its log and revocations, is refused", async () => {
    const registry = await scriptedRegistry();
    registry.publish();
    const host = await met(registry);
    const earlier = registry.copy();
    registry.block("acme/echo", "1.0.0");
    await host.refresh();

    registry.said = earlier;

    assert.match(
      await refusal(host.requireFresh()),
      /registry-not-trusted: .*place 2; place 3 has been seen/,
    );
    assert.throws(() => host.refuseBlocked({ plugin: "acme/echo", version: "1.0.0" }), {
      code: "release-blocked",
    });
  });

  it("to an earlier root is refused", async () => {
    const registry = await scriptedRegistry();
    const earlier = registry.copy();
    await registry.nextRoot({});
    const host = await met(registry);
    registry.said.roots = earlier.roots;
    assert.match(await refusal(host.refresh()), /offers root 1; this host has root 2/);
  });

  it("is refused after a restart too", async () => {
    const registry = await scriptedRegistry();
    const earlier = registry.copy();
    registry.publish();
    const { dataDir } = await met(registry);
    await hosts.forgetSeen();
    registry.said = earlier;
    const again = await hosts.host(registry.source, { dataDir });
    assert.match(await refusal(again.refresh()), /place 1; place 2 has been seen/);
  });

  it("of a host whose data folder is empty is refused for what another host over its database has seen", async () => {
    const registry = await scriptedRegistry();
    const earlier = registry.copy();
    registry.publish();
    await met(registry);
    registry.said = earlier;
    const fresh = await hosts.host(registry.source);
    assert.match(await refusal(fresh.requireFresh()), /place 1; place 2 has been seen/);
  });

  it("of a host whose data folder was restored from a backup is refused likewise", async () => {
    const registry = await scriptedRegistry();
    const old = await met(registry);
    const earlier = registry.copy();
    registry.publish();
    await met(registry);
    registry.said = earlier;
    assert.match(await refusal(old.requireFresh()), /place 1; place 2 has been seen/);
  });
});

describe("freeze", () => {
  it("on an old checkpoint ends when it has run out: nothing new is taken", async () => {
    const registry = await scriptedRegistry();
    registry.said.checkpoint = await registry.sign();
    const host = await met(registry);
    await host.requireFresh();
    host.wait(24 * hourMs);
    assert.match(await refusal(host.requireFresh()), /registry-stale: The registry's checkpoint ran out/);
    // What is installed goes on by what the host knows.
    assert.equal((await host.onlineKeys()).length, 1);
  });

  it("may last as long as the operator says", async () => {
    const registry = await scriptedRegistry();
    registry.said.checkpoint = await registry.sign();
    const host = await hosts.host(registry.source, { stalenessMs: 48 * hourMs });
    host.wait(71 * hourMs);
    await host.requireFresh();
    host.wait(hourMs);
    assert.match(await refusal(host.requireFresh()), /registry-stale/);
  });

  it("on an old root ends when that has run out", async () => {
    const registry = await scriptedRegistry();
    const host = await met(registry);
    host.wait(365 * 24 * hourMs);
    const expiresAt = new Date(now + 400 * 24 * hourMs).toISOString();
    registry.said.checkpoint = await registry.sign({ expiresAt });
    assert.match(await refusal(host.requireFresh()), /registry-stale: The registry's root ran out/);
  });

  it("of a registry that is away changes nothing of what is believed", async () => {
    const registry = await scriptedRegistry();
    const { dataDir } = await met(registry);
    registry.isDown = true;
    const again = await hosts.host(registry.source, { dataDir });
    assert.equal((await again.onlineKeys()).length, 1);
    assert.match(await refusal(again.requireFresh()), /registry-unavailable/);
  });
});

describe("mix and match of valid parts", () => {
  it("an old checkpoint under a new root is refused", async () => {
    const registry = await scriptedRegistry();
    const host = await met(registry);
    registry.said.checkpoint = await registry.sign();
    await registry.nextRoot({});
    assert.match(await refusal(host.refresh()), /made under root 1; it offers root 2/);
  });

  it("revocations of another time are refused", async () => {
    const registry = await scriptedRegistry();
    registry.block("acme/echo", "1.0.0");
    const host = await met(registry);
    registry.block("acme/echo", "1.0.1");
    registry.said.checkpoint = await registry.sign();
    registry.said.revocations.blocked.length = 0;
    assert.match(await refusal(host.refresh()), /not the one that the checkpoint names/);
    assert.ok(host.blockOf({ plugin: "acme/echo", version: "1.0.0" }));
  });

  it("a release whose proof is of an earlier time is refused, and one that is ahead is followed first", async () => {
    const registry = await scriptedRegistry();
    const host = await met(registry);
    const { checkpoint: earlier } = await host.state();
    registry.publish();
    await host.refresh();
    assert.match(
      await refusal(host.requireCurrent(earlier)),
      /as of place 1 of its log; this host has seen 2/,
    );
    registry.publish();
    const ahead = await (await hosts.host(registry.source)).state();
    await host.requireCurrent(ahead.checkpoint);
    const other = { ...ahead.checkpoint, indexHash: "0".repeat(64) };
    assert.match(await refusal(host.requireCurrent(other)), /two different states for place 3/);
  });
});

describe("changes in the list of revocations", () => {
  const name = (version: string) => ({ plugin: "acme/echo", version });
  const blocked = (host: Awaited<ReturnType<typeof met>>, version: string) =>
    host.blockOf(name(version)) !== undefined;

  it("are all that is asked for, whatever the list has by now", async () => {
    const registry = await scriptedRegistry();
    registry.block("acme/echo", "1.0.0");
    const host = await met(registry);
    registry.asked.length = 0;
    registry.block("acme/echo", "1.0.1");
    registry.block("abc/echo", "1.0.0");
    registry.unblock("acme/echo", "1.0.0");
    await host.requireFresh();
    assert.deepEqual([...new Set(registry.asked)], ["root", "checkpoint", "changes", "log"]);
    assert.deepEqual([blocked(host, "1.0.0"), blocked(host, "1.0.1")], [false, true]);
  });

  it("come in pages, and a list that nobody gives in pages is read whole", async () => {
    const registry = await scriptedRegistry();
    registry.block("acme/echo", "1.0.0");
    registry.block("acme/echo", "1.0.1");
    const host = await hosts.host(registry.source);
    const page = (version: string, nextCursor: string | null): RevocationPage => {
      const one = registry.said.revocations.blocked.find((each) => each.version === version);
      assert.ok(one);
      const block = { reason: one.reason, seq: one.seq };
      return { items: [{ kind: "version", ...name(version), block }], nextCursor };
    };
    registry.changes = (after, cursor) => {
      assert.equal(after, 0);
      return cursor === undefined ? page("1.0.0", "more") : page("1.0.1", null);
    };
    await host.refresh();
    assert.ok(blocked(host, "1.0.1"));
    assert.ok(!registry.asked.includes("revocations"));

    const unknown = { code: "route-not-found", status: 404, detail: "", members: {} };
    const refusals = [new RegistryProblem(unknown), new RegistryUnavailable("It answered something else.")];
    for (const [i, refusal] of refusals.entries()) {
      registry.block("acme/echo", `1.0.${i + 2}`);
      registry.changes = () => {
        throw refusal;
      };
      await host.refresh();
      assert.ok(blocked(host, `1.0.${i + 2}`));
    }
  });

  const hidden: Record<string, RevocationPage> = {
    "that leave one out": { items: [], nextCursor: null },
    "that take one back which stands": {
      items: [{ kind: "version", ...name("1.0.1"), block: null }],
      nextCursor: null,
    },
    "that say another reason": {
      items: [{ kind: "version", ...name("1.0.1"), block: { reason: "It is old.", seq: 3 } }],
      nextCursor: null,
    },
    "that never end": { items: [], nextCursor: "again" },
  };
  for (const [what, page] of Object.entries(hidden)) {
    it(`${what} are not believed, nor is a whole list that does`, async () => {
      const registry = await scriptedRegistry();
      registry.block("acme/echo", "1.0.0");
      const host = await met(registry);
      const known = structuredClone(registry.said.revocations);
      registry.block("acme/echo", "1.0.1");
      registry.said.checkpoint = await registry.sign();
      const truth = registry.said.revocations;
      registry.changes = () => page;
      registry.said.revocations = known;
      assert.match(await refusal(host.requireFresh()), /not the one that the checkpoint names/);
      assert.ok(blocked(host, "1.0.0"));

      registry.said.revocations = truth;
      await host.requireFresh();
      assert.ok(blocked(host, "1.0.1"), "the whole list tells it");
    });
  }
});

describe("a checkpoint with the same place and other content", () => {
  for (const [what, change] of Object.entries({
    "another index": { indexHash: "1".repeat(64) },
    "another log": { logHead: "1".repeat(64) },
  })) {
    it(`${what} is refused`, async () => {
      const registry = await scriptedRegistry();
      const host = await met(registry);
      registry.said.checkpoint = await registry.sign(change);
      assert.match(await refusal(host.refresh()), /two different checkpoints for place 1/);
    });
  }
});

describe("a forked log", () => {
  it("is refused by the host that was shown the other side", async () => {
    const registry = await scriptedRegistry();
    const fork = registry.copy();
    registry.publish("the truth");
    const host = await met(registry);

    registry.said = fork;
    registry.publish("a lie");
    registry.publish();

    assert.match(await refusal(host.refresh()), /does not follow/);
  });

  it("that is hidden by entries cut or exchanged is refused", async () => {
    const registry = await scriptedRegistry();
    const host = await met(registry);
    for (let run = 0; run < 3; run++) registry.publish();
    registry.said.checkpoint = await registry.sign();
    const { log } = registry.said;
    for (const odd of [
      log.slice(0, 3),
      [...log.slice(0, 2), ...log.slice(3)],
      log.with(2, { ...(log[2] as (typeof log)[0]), bodyHash: "1".repeat(64) }),
      log.with(3, { ...(log[3] as (typeof log)[0]), bodyHash: "1".repeat(64) }),
    ]) {
      registry.said.log = odd;
      assert.match(await refusal(host.refresh()), /does not follow|has nothing after|not the one that its/);
    }
  });

  it("shown to two hosts is found when they compare", async () => {
    const registry = await scriptedRegistry();
    const fork = registry.copy();
    registry.publish("the truth");
    const one = await met(registry);
    const { signedCheckpoint } = await one.state();
    await hosts.forgetSeen();

    registry.said = fork;
    registry.publish("a lie");
    const other = await met(registry);
    assert.match(await refusal(other.compare(signedCheckpoint)), /two different checkpoints for place 2/);
    registry.publish();
    assert.match(await refusal(other.compare(signedCheckpoint)), /does not follow/);
  });

  it("is not found where there is none", async () => {
    const registry = await scriptedRegistry();
    const one = await met(registry);
    const { signedCheckpoint } = await one.state();
    registry.publish();
    const other = await met(registry);
    assert.equal((await other.compare(signedCheckpoint)).seq, 1);
    await one.compare((await other.state()).signedCheckpoint);
  });

  it("shown to two hosts over one database is found at once", async () => {
    const registry = await scriptedRegistry();
    const one = await met(registry);
    const fork = registry.copy();
    registry.publish("the truth");
    await met(registry);
    registry.said = fork;
    registry.publish("a lie");
    registry.publish();
    assert.match(await refusal(one.refresh()), /does not follow/);
  });
});

describe("roots", () => {
  it("that skip a version are refused", async () => {
    const registry = await scriptedRegistry();
    const host = await met(registry);
    await registry.nextRoot({ version: 3 });
    // Given for the one that was asked for.
    registry.source.getRootVersion = () => registry.source.getRoot();
    assert.match(await refusal(host.refresh()), /version 3; version 2 comes next/);
  });

  it("signed by new keys alone are refused", async () => {
    const registry = await scriptedRegistry();
    const host = await met(registry);
    const thieves = [await generateSigningKey(), await generateSigningKey()];
    const rootKeys = thieves.map(({ publicJwk }) => publicJwk);
    await registry.nextRoot({ rootKeys }, thieves);
    assert.match(await refusal(host.refresh()), /signed by 0 of root 1's root keys; 2 have to/);
  });

  it("signed by one key of two, twice, are refused", async () => {
    const registry = await scriptedRegistry();
    const host = await met(registry);
    const [key] = registry.rootKeys;
    assert.ok(key);
    await registry.nextRoot({}, [key]);
    const [last] = registry.said.roots.slice(-1);
    last?.signed.signatures.push(last.signed.signatures[0] ?? "");
    assert.match(await refusal(host.refresh()), /signed by 1 of its own root keys; 2 have to/);
  });
});

describe("a stolen registry online key", () => {
  it("is worth nothing after a root that says so: hosts that followed the thief come back", async () => {
    const registry = await scriptedRegistry();
    const host = await met(registry);
    const before = (await host.state()).root.onlineKeys;
    const truth = registry.copy();
    // The thief blocks what they like, far ahead of the truth.
    for (let run = 0; run < 5; run++) registry.publish("a lie");
    registry.block("acme/echo", "1.0.0");
    await host.refresh();
    const stolen = registry.said.signer;

    registry.said = truth;
    const next = await generateSigningKey();
    await registry.nextRoot({ onlineKeys: rotated(before, next, { until: 1, stolen: true }) });
    registry.said.signer = next;

    await host.requireFresh();
    assert.equal(host.blockOf({ plugin: "acme/echo", version: "1.0.0" }), undefined);
    assert.equal((await host.state()).checkpoint.seq, 2);
    registry.said.checkpoint = await registry.sign({}, stolen);
    assert.match(await refusal(host.refresh()), /registry-not-trusted: .*which is not one of those expected/);
  });

  it("does not bring itself back with a root of its own", async () => {
    const registry = await scriptedRegistry();
    const host = await met(registry);
    const thief = registry.said.signer;
    await registry.nextRoot({ rootKeys: [thief.publicJwk], threshold: 1, onlineKeys: [] }, [thief]);
    assert.match(await refusal(host.refresh()), /registry-not-trusted/);
  });

  it("that was retired in peace signs no checkpoint either, not even for a place that it counts for", async () => {
    const registry = await scriptedRegistry();
    const host = await met(registry);
    const old = registry.said.signer;
    const next = await generateSigningKey();
    const { onlineKeys } = (await host.state()).root;
    await registry.nextRoot({ onlineKeys: rotated(onlineKeys, next, { until: 5 }) });
    registry.said.checkpoint = await registry.sign({}, old);
    assert.match(await refusal(host.refresh()), /which is not one of those expected/);
  });
});

describe("another registry in the place of the first", () => {
  it("is refused by who has met the first", async () => {
    const [registry, another] = [await scriptedRegistry(), await scriptedRegistry()];
    const { dataDir } = await met(registry);
    await another.nextRoot({});
    await hosts.forgetSeen();
    const host = await hosts.host(another.source, { dataDir });
    assert.match(await refusal(host.refresh()), /registry-not-trusted/);
  });

  it("is refused by who shares a database with hosts of the first", async () => {
    const [registry, another] = [await scriptedRegistry(), await scriptedRegistry()];
    await met(registry);
    for (let run = 0; run < 3; run++) another.publish();
    assert.match(await refusal((await hosts.host(another.source)).refresh()), /registry-not-trusted/);
    const { dataDir } = await met(registry);
    assert.match(
      await refusal((await hosts.host(another.source, { dataDir })).refresh()),
      /registry-not-trusted/,
    );
  });

  it("is refused at first sight by who was told the root", async () => {
    const [registry, another] = [await scriptedRegistry(), await scriptedRegistry()];
    const root = registry.said.roots[0]?.signed;
    await registry.nextRoot({});
    const told = await hosts.host(registry.source, { root });
    await told.requireFresh();
    assert.deepEqual(told.logged, []);
    await hosts.forgetSeen();

    await another.nextRoot({});
    assert.match(
      await refusal((await hosts.host(another.source, { root })).refresh()),
      /registry-not-trusted/,
    );
  });

  it("that was met before the root was told is refused from then on", async () => {
    const [registry, another] = [await scriptedRegistry(), await scriptedRegistry()];
    const { dataDir } = await met(another);
    const root = registry.said.roots[0]?.signed;
    const told = await hosts.host(another.source, { dataDir, root });
    assert.match(await refusal(told.refresh()), /does not follow from the one that it is configured/);
  });

  it("that was never met is pinned at first sight, and the log says by which keys", async () => {
    const registry = await scriptedRegistry();
    const { logged } = await met(registry);
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? "", /meets its registry for the first time/);
    for (const { kid } of registry.rootKeys) assert.ok(logged[0]?.includes(kid));
  });
});

describe("a spoiled pin", () => {
  it("in the data folder believes nothing, and is not made anew", async () => {
    const registry = await scriptedRegistry();
    const { dataDir } = await met(registry);
    const file = path.join(dataDir, "trust.json");
    const spoilt = (await readFile(file, "utf8")).replace(/"checkpoint": "ey/, '"checkpoint": "ex');
    await writeFile(file, spoilt);
    const host = await hosts.host(registry.source, { dataDir });
    assert.match(await refusal(host.refresh()), /release-not-trusted: .*trust\.json .*cannot be read/);
    assert.equal(await readFile(file, "utf8"), spoilt);
  });
});

it("hosts ask in one go, and only for what is new", async () => {
  const registry = await scriptedRegistry();
  const host = await met(registry);
  registry.asked.length = 0;
  await Promise.all([host.refresh(), host.requireFresh(), host.refresh()]);
  assert.deepEqual(registry.asked, ["root", "checkpoint"]);
});
