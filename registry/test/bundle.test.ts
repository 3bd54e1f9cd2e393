/** Plugins in one file, for a place without a network: what a bundle carries, and what it cannot make anybody believe. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { verifyRelease } from "@plugboard/registry/client";
import { openBundle, type SeenUpstream } from "../bundle/index.ts";
import { runOperator } from "../operator/index.ts";
import {
  onlineKeysOf,
  operatorToken,
  registerPublisher,
  startRegistry,
  type TestPublisher,
  type TestRegistry,
} from "./support/registry.ts";

const dayMs = 24 * 3_600_000;
const undo: (() => Promise<void>)[] = [];
let upstream: TestRegistry;
let own: TestRegistry;
let acme: TestPublisher;
let folder: string;

before(async () => {
  const later = { after: (step: () => Promise<void>) => void undo.push(step) };
  upstream = await startRegistry(later);
  own = await startRegistry(later);
  acme = await registerPublisher(upstream.client, "acme");
  for (const version of ["1.0.0", "1.1.0"]) await acme.publish({ name: "echo", version });
  folder = await mkdtemp(path.join(tmpdir(), "plugboard-bundle-"));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  await writeFile(file("root.json"), JSON.stringify(await upstream.client.getRoot()));
  await run(upstream, `bundle create ${file("first")} --plugin acme/echo@^1.0.0`);
});

after(async () => {
  for (const step of undo) await step();
});

const file = (name: string) => path.join(folder, name);

async function type(registry: TestRegistry, line: string): Promise<{ code: number; printed: string }> {
  let printed = "";
  const say = (text: string) => {
    printed += text;
  };
  const env = { PLUGBOARD_REGISTRY_URL: registry.url, PLUGBOARD_REGISTRY_OPERATOR_TOKEN: operatorToken };
  const code = await runOperator(line.split(" "), { env, out: say, err: say });
  return { code, printed };
}

async function run(registry: TestRegistry, line: string): Promise<string> {
  const { code, printed } = await type(registry, line);
  assert.equal(code, 0, printed);
  return printed;
}

async function seen(name = "root.json"): Promise<SeenUpstream> {
  const read = JSON.parse(await readFile(file(name), "utf8"));
  return "signatures" in read ? { root: { signatures: read.signatures } } : read;
}

/** A bundle like the first, with its lines changed. */
async function changed(name: string, change: (lines: string[]) => string[]): Promise<string> {
  const lines = gunzipSync(await readFile(file("first")))
    .toString("utf8")
    .trimEnd()
    .split("\n");
  await writeFile(file(name), gzipSync(`${change(lines).join("\n")}\n`));
  return file(name);
}

async function refusal(bundle: string, o: { seen?: SeenUpstream; now?: Date } = {}): Promise<string> {
  const read = async () => {
    const opened = await openBundle(bundle, { seen: await seen(), stalenessMs: 0, now: new Date(), ...o });
    for await (const { release } of opened.releases()) release.manifest;
  };
  return read().then(
    () => assert.fail("it was believed"),
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  );
}

describe("a bundle", () => {
  it("is imported into a registry of one's own, whose hosts go by its root alone", async () => {
    const printed = await run(own, `bundle import ${file("first")} --trust ${file("root.json")}`);
    assert.match(printed, /published: acme\/echo@1\.0\.0, acme\/echo@1\.1\.0/);
    const { client } = own;
    const release = await verifyRelease({
      tarball: await client.getTarball("acme/echo", "1.1.0"),
      signatures: await client.getSignatures("acme/echo", "1.1.0"),
      trust: { onlineKeys: await onlineKeysOf(client) },
    });
    assert.equal(release.manifest.version, "1.1.0");
    assert.deepEqual((await client.getPublisher("acme")).keys, [acme.key.kid]);
  });

  it("brings what is new and what was blocked the next time", async () => {
    await acme.publish({ name: "echo", version: "1.2.0" });
    await upstream.client.blockVersion("acme/echo", "1.0.0", "It was found out.");
    await run(upstream, `bundle create ${file("second")} --plugin acme/echo@^1.0.0`);
    const printed = await run(own, `bundle import ${file("second")} --trust ${file("root.json")}`);
    assert.match(printed, /published: acme\/echo@1\.2\.0\n/);
    assert.match(printed, /here already: acme\/echo@1\.1\.0\n/);
    assert.match(printed, /blocked: acme\/echo@1\.0\.0/);
    assert.equal((await own.client.getRevocations()).blocked.length, 1);
  });

  it("does not bring back a key that was revoked here, unless the operator says so", async () => {
    await own.client.revokePublisherKey("acme", acme.key.kid, 1_000);
    await acme.publish({ name: "echo", version: "1.3.0" });
    await run(upstream, `bundle create ${file("later")} --plugin acme/echo@1.3.0`);
    const load = `bundle import ${file("later")} --trust ${file("root.json")}`;

    assert.match(await run(own, load), /published: none[\s\S]*revoked here: acme\/echo@1\.3\.0/);
    assert.deepEqual((await own.client.getPublisher("acme")).keys, []);
    assert.match(await run(own, `${load} --revive-keys`), /published: acme\/echo@1\.3\.0/);
    assert.deepEqual((await own.client.getPublisher("acme")).keys, [acme.key.kid]);
  });

  it("of earlier is refused then: rollback", async () => {
    assert.match(await refusal(file("first")), /it is of place \d+; place \d+ has been seen/);
  });

  it("does not take a name that somebody registered here", async () => {
    await registerPublisher(own.client, "taken");
    const theirs = await registerPublisher(upstream.client, "taken");
    await theirs.publish({ name: "echo", version: "1.0.0" });
    await run(upstream, `bundle create ${file("third")} --plugin taken/echo`);
    const { code, printed } = await type(own, `bundle import ${file("third")} --trust ${file("root.json")}`);
    assert.deepEqual([code, /of another origin/.test(printed)], [1, true], printed);
  });
});

describe("a bundle is refused", () => {
  const trusted = async (): Promise<SeenUpstream> => ({ root: (await seen()).root });

  it("when it ran out, unless the operator allows for it", async () => {
    const now = new Date(Date.now() + 3 * dayMs);
    assert.match(await refusal(file("first"), { seen: await trusted(), now }), /its checkpoint ran out/);
    await openBundle(file("first"), { seen: await trusted(), stalenessMs: 7 * dayMs, now });
  });

  it("when it is of another registry", async () => {
    const other: SeenUpstream = { root: { signatures: (await own.client.getRoot()).signatures } };
    assert.match(await refusal(file("first"), { seen: other }), /key-unknown|root-invalid/);
  });

  it("when a tarball was exchanged, or its signatures are of another release", async () => {
    const swapTarballs = await changed("swapped", ([head = "", ...lines]) => {
      const [one, two] = lines.map((line) => JSON.parse(line));
      return [head, JSON.stringify({ ...one, tarball: two.tarball }), JSON.stringify(two)];
    });
    assert.match(await refusal(swapTarballs, { seen: await trusted() }), /not the one that the publisher/);
    const renamed = await changed("renamed", ([head = "", ...lines]) => {
      const [one] = lines.map((line) => JSON.parse(line));
      return [head, JSON.stringify({ ...one, version: "9.9.9" })];
    });
    assert.match(await refusal(renamed, { seen: await trusted() }), /Asked for acme\/echo 9\.9\.9/);
  });

  it("when its parts are of different times, each of them good", async () => {
    const second = gunzipSync(await readFile(file("second")))
      .toString("utf8")
      .split("\n");
    const mixed = await changed("mixed", (lines) => [second[0] ?? "", ...lines.slice(1)]);
    assert.match(await refusal(mixed, { seen: await trusted() }), /is of another time/);
  });

  it("when its revocations were taken out", async () => {
    const secondHead = JSON.parse(
      gunzipSync(await readFile(file("second")))
        .toString("utf8")
        .split("\n")[0] ?? "",
    );
    const clean = { ...secondHead, revocations: { blocked: [], keys: [] } };
    const cleaned = await changed("cleaned", (lines) => [JSON.stringify(clean), ...lines.slice(1)]);
    assert.match(await refusal(cleaned, { seen: await trusted() }), /revocations are not those/);
  });

  it("when it is no bundle, is cut short, or unpacks without end", async () => {
    await writeFile(file("text"), "not a bundle");
    assert.match(await refusal(file("text"), { seen: await trusted() }), /cannot be unpacked/);
    await writeFile(file("cut"), (await readFile(file("first"))).subarray(0, 2000));
    assert.match(await refusal(file("cut"), { seen: await trusted() }), /cannot be unpacked|not JSON/);
    await writeFile(file("bomb"), gzipSync(Buffer.alloc(60 * 1024 * 1024, "x")));
    assert.match(await refusal(file("bomb"), { seen: await trusted() }), /longer than any may be/);
    assert.match(await refusal(file("absent"), { seen: await trusted() }), /cannot be unpacked/);
  });
});
