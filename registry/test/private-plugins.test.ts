import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { consentDigest } from "@plugboard/plugin-sdk/manifest";
import { canonicalJson, sha256Hex } from "@plugboard/plugin-sdk/trust";
import { verifyRelease, withheldName } from "@plugboard/registry/client";
import { sql } from "kysely";
import type { RegistryTables } from "../tables.ts";
import { leafName } from "../transparency/index.ts";
import { pack, sign } from "./support/plugins.ts";
import { linkTo } from "./support/private.ts";
import { refused } from "./support/refused.ts";
import {
  hostToken,
  onlineKeysOf,
  operatorToken,
  registerPublisher,
  startRegistry,
  type TestPublisher,
  type TestRegistry,
} from "./support/registry.ts";

/** What a stranger can ask, and what about the private plugin each answer must not depend on. */
const searches = [
  "",
  "q=acme/hidden",
  "q=hidden",
  "q=hid",
  "q=hiddne",
  "q=submarine",
  "q=submarnie",
  "q=submarin%20periscope",
  "q=public",
  "facets=true",
  "facets=true&category=naval",
  "facets=true&q=tool&deprecated=true",
  "sort=updated",
  "sort=installs&limit=1",
  "networkHost=secret.example.com",
  "permission=network&facets=true",
].map((query) => `/-/search?${query}`);

const below = ["", "/1.0.0", "/1.0.0/tarball", "/1.0.0/signatures", "/1.0.0/readme", "/1.0.0/scan"];
const pages = [...below, "/related", "/reviews", "/rating", "/reviews/rev_00000000000000000000000000000000"];

const permissions = {
  network: [{ hosts: ["secret.example.com"], methods: ["GET"] as ["GET"], reason: "Read" }],
};
const consent = consentDigest({ id: "acme/hidden", permissions });
const hidden = {
  private: true,
  displayName: "Hidden Submarine",
  description: "A tool with a periscope.",
  categories: ["naval", "tools"],
  keywords: ["tool"],
  permissions,
};

/** Whoever is not of the tenant: nobody in particular, and another tenant of the same host. */
const strangers: [who: string, query: string, token: string | undefined][] = [
  ["a stranger", "", undefined],
  ["a host for nobody", "", hostToken],
  ["another tenant", "tenantId=tnt_b", hostToken],
];

describe("a private plugin", () => {
  let registry: TestRegistry;
  const undo: (() => Promise<void>)[] = [];
  after(async () => {
    for (const step of undo) await step();
  });
  let acme: TestPublisher;
  const earlier = new Map<string, unknown>();

  /** All of an answer that could tell something: also its headers. */
  async function ask(path: string, query: string, token?: string) {
    const url = new URL(`${registry.url}/registry/v1${path}`);
    for (const [name, value] of new URLSearchParams(query)) url.searchParams.set(name, value);
    const answer = await fetch(url, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    const headers = Object.fromEntries(answer.headers);
    for (const name of ["date", "x-request-id", "server-timing"]) delete headers[name];
    const { instance: _, ...body } = JSON.parse(await answer.text()) as Record<string, unknown>;
    return { status: answer.status, headers, body };
  }

  async function askAll() {
    const all: [string, unknown][] = [];
    for (const [who, query, token] of strangers) {
      for (const path of [...searches, "/plugins/acme/echo/related", "/plugins/acme/echo"]) {
        all.push([`${who}: ${path}`, await ask(path, query, token)]);
      }
    }
    return all;
  }

  before(async () => {
    registry = await startRegistry({ after: (step) => void undo.push(step) });
    const { client } = registry;
    acme = await registerPublisher(client, "acme");
    await registry.vouchFor("acme");
    const manifest = { displayName: "Public", categories: ["tools"], keywords: ["tool"] };
    await acme.publish({ name: "echo", version: "1.0.0", manifest });
    await acme.publish({ name: "other", version: "1.0.0", manifest });
    for (const [asked, answer] of await askAll()) earlier.set(asked, answer);

    await linkTo(registry, acme);
    const files = [{ path: "README.md", content: Buffer.from("# Hidden") }];
    const outcome = await acme.publish({ name: "hidden", version: "1.0.0", manifest: hidden, files });
    assert.equal(outcome.status, "published", JSON.stringify(outcome.problems));
    await client.createInstall("tnt_a", { plugin: "acme/hidden", consent });
    await client.getTarball("acme/hidden", "1.0.0", "tnt_a");
    const db = registry.database.kysely<RegistryTables>("registry");
    // What no tenant alone brings about: so it is put in its place.
    await sql`update registry.plugin_statistics set installs_total = 500 where plugin_id = 'acme/hidden'`.execute(
      db,
    );
    await sql`insert into registry.plugin_co_installs values ('acme/echo', 'acme/hidden', 50)`.execute(db);
    const review = { rating: 5, title: "Deep", body: "It dives." };
    await client.createReview({ tenantId: "tnt_a", author: "a".repeat(43) }, "acme/hidden", review);
  });

  it("changes no answer, count, facet, suggestion or entity tag of anyone else's", async () => {
    for (const [asked, answer] of await askAll()) assert.deepEqual(answer, earlier.get(asked), asked);
  });

  it("answers as a name does that nobody took", async () => {
    for (const [who, query, token] of strangers) {
      for (const page of pages) {
        const [found, absent] = await Promise.all(
          ["hidden", "absent"].map(async (name) => {
            const answer = await ask(`/plugins/acme/${name}${page}`, query, token);
            return JSON.parse(JSON.stringify(answer).replaceAll(name, "NAME__")) as { status: number };
          }),
        );
        assert.equal(found?.status, 404, page);
        assert.deepEqual(found, absent, `${who}: ${page}`);
      }
    }
  });

  it("is shown to no one who only names the tenant", async () => {
    for (const token of [undefined, operatorToken, "pbh_of-another-registry"]) {
      for (const path of [...pages.map((page) => `/plugins/acme/hidden${page}`), "/-/search", "/log/1"]) {
        const { status, body } = await ask(path, "tenantId=tnt_a", token);
        assert.deepEqual([status, body.code], [401, "unauthorized"], path);
      }
    }
  });

  it("is not installed, asked for or reviewed by another tenant", async () => {
    const { client } = registry;
    const wish = { plugin: "acme/hidden", consent };
    await refused(client.createInstall("tnt_b", wish), 404, "plugin-not-found");
    const approval = { plugin: "acme/hidden", reason: "Curious.", requestedBy: "usr_1" };
    await refused(client.requestApproval("tnt_b", approval), 404, "plugin-not-found");
    const author = { tenantId: "tnt_b", author: "b".repeat(43) };
    const review = { rating: 1, title: "No", body: "Where is it?" };
    await refused(client.createReview(author, "acme/hidden", review), 404, "plugin-not-found");
  });

  it("does not show when others publish its name, or one like it", async () => {
    const { client } = registry;
    const rival = await registerPublisher(client, "rival");
    const told: string[] = [];
    for (const name of ["hidden", "absent"]) {
      const tarball = await pack({ id: `acme/${name}`, version: "1.0.0" });
      const { message } = await refused(
        client.publish(await sign(tarball, rival.key.privateJwk)),
        403,
        "namespace-forbidden",
      );
      told.push(message.replaceAll(name, "NAME"));
    }
    assert.equal(told[0], told[1]);
    const manifest = { displayName: "Hidden Submarlne" };
    const like = await rival.publish({ name: "hiden", version: "1.0.0", manifest });
    assert.deepEqual([like.status, like.problems], ["published", []]);
  });

  it("is seen by its tenant, in all that there is", async () => {
    const { client } = registry;
    for (const q of ["submarine", "submarnie", "acme/hidden"]) {
      const { items, facets } = await client.search({ q, facets: true }, "tnt_a");
      assert.deepEqual(
        items.map(({ id }) => id),
        ["acme/hidden"],
        q,
      );
      assert.deepEqual(
        facets?.category?.map(({ value }) => value),
        ["naval", "tools"],
      );
    }
    const listing = await client.getPlugin("acme/hidden", "tnt_a");
    assert.deepEqual([listing.installs, listing.statistics.downloads, listing.rating.count], [1, 1, 1]);
    assert.equal((await client.listReviews("acme/hidden", {}, "tnt_a")).items.length, 1);
    const { headers } = await ask("/plugins/acme/hidden", "tenantId=tnt_a", hostToken);
    assert.equal(headers["cache-control"], "private, no-cache", "no cache that others share keeps it");
  });

  describe("in what is said in public", () => {
    it("is an entry of the log that tells nothing but its digest", async () => {
      const { client } = registry;
      const { seq } = await client.getVersion("acme/hidden", "1.0.0", "tnt_a");
      const entries = await client.getLog(0);
      assert.equal(entries[seq - 1]?.type, "private");
      for (const [, query, token] of strangers) {
        for (const entry of entries) {
          const { body } = await ask(`/log/${entry.seq}`, query, token);
          assert.doesNotMatch(JSON.stringify(body), /hidden|submarine/i);
          assert.equal(body.body === null, entry.type === "private");
        }
      }
      const { body } = await ask(`/log/${seq}`, "tenantId=tnt_a", hostToken);
      const { registry: statement } = await client.getSignatures("acme/hidden", "1.0.0", "tnt_a");
      assert.deepEqual([body.body, body.bodyHash], [statement, sha256Hex(statement)]);
    });

    it("is a leaf of the index that no guess of its name finds", async () => {
      const { client } = registry;
      const { proof } = await client.getSignatures("acme/hidden", "1.0.0", "tnt_a");
      assert.ok(proof.salt !== undefined);
      assert.ok(leafName("acme/hidden", proof.salt) in proof.shard);
      assert.ok(!(leafName("acme/hidden") in proof.shard));
      const { proof: open } = await client.getSignatures("acme/echo", "1.0.0");
      assert.equal(open.salt, undefined);
    });

    it("verifies whole for its tenant, and only as what its publisher signed", async () => {
      const { client } = registry;
      const release = {
        tarball: await client.getTarball("acme/hidden", "1.0.0", "tnt_a"),
        signatures: await client.getSignatures("acme/hidden", "1.0.0", "tnt_a"),
        trust: { onlineKeys: await onlineKeysOf(client) },
      };
      assert.equal((await verifyRelease(release)).manifest.private, true);
      const { salt: _, ...proof } = release.signatures.proof;
      for (const other of [proof, { ...proof, salt: "0".repeat(64) }]) {
        const signatures = { ...release.signatures, proof: other };
        await assert.rejects(verifyRelease({ ...release, signatures }), { part: "index" });
      }
    });

    it("is blocked by the digest of its package, and by no name", async () => {
      const { client } = registry;
      const { sha512, seq } = await client.getVersion("acme/hidden", "1.0.0", "tnt_a");
      const { items } = await client.listReviews("acme/hidden", {}, "tnt_a");
      assert.equal(items.length, 1);
      await client.blockVersion("acme/hidden", "1.0.0", "It sinks.");
      const revocations = await client.getRevocations();
      assert.deepEqual(revocations, { blocked: [], withheld: [withheldName(sha512)], keys: [] });
      const changes = await client.getRevocationChanges(seq);
      const told = [{ kind: "package", digest: withheldName(sha512), isWithheld: true }];
      assert.deepEqual(changes, { items: told, nextCursor: null });
      const last = (await client.getLog(seq)).at(-1);
      assert.equal(last?.type, "private");
      const guess = { plugin: "acme/hidden", version: "1.0.0", seq: last.seq, reason: "It sinks." };
      assert.notEqual(last.bodyHash, sha256Hex(canonicalJson(guess)), "nobody confirms a guess by it");
      await client.unblockVersion("acme/hidden", "1.0.0");
      assert.deepEqual(await client.getRevocations(), { blocked: [], keys: [] });
    });
  });
});
