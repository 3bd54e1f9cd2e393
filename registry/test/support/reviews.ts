import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before } from "node:test";
import { consentDigest } from "@plugboard/plugin-sdk/manifest";
import { signStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import type { RegistryOptions } from "@plugboard/registry";
import type { RegistryClient, ReviewAuthor } from "@plugboard/registry/client";
import {
  operatorToken,
  registerPublisher,
  startRegistry,
  type TestPublisher,
  type TestRegistry,
} from "./registry.ts";

/** Somebody in a tenant. */
export function authorOf(tenantId: string, who = "tenant"): ReviewAuthor {
  return { tenantId, author: createHash("sha256").update(who).digest("base64url") };
}

export function reviewOf(rating: number, words: { title?: string; body?: string; authorName?: string } = {}) {
  return { rating, title: "It works", body: "It says back what it is told.", ...words };
}

/** The time that a registry goes by, moved by hand. */
function handClock() {
  // Publishers' statements say when they were signed, so it starts with what everybody takes for now.
  let at = Date.now();
  return {
    now: () => new Date(at),
    pass(time: { minutes?: number; days?: number }) {
      at = Math.round(at + (time.minutes ?? 0) * 60_000 + (time.days ?? 0) * 86_400_000);
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what its test looks at
type Answer = any;

export interface ReviewBench extends TestRegistry {
  acme: TestPublisher;
  clock: ReturnType<typeof handClock>;
  globex: TestPublisher;
  /** Publishes a plugin, of acme's by default, that nobody has said anything of. Gives its id. */
  newPlugin(publisher?: TestPublisher): Promise<string>;
  /** Gives the install's id. */
  install(tenantId: string, plugin: string): Promise<string>;
  /** Installs for a tenant, so long ago that it is no newcomer. Gives somebody in it. */
  reviewer(tenantId: string, plugin: string): Promise<ReviewAuthor>;
  operator(method: string, path: string, body?: object): Promise<{ status: number; body: Answer }>;
  signReply(reply: {
    review: string;
    body?: string;
    withdraw?: true;
    publisher?: string;
    issuedAt?: string;
  }): Promise<string>;
}

/** One registry for all tests of a file, each with plugins of its own; to be used inside of them alone. */
export function useReviewBench(options: Pick<RegistryOptions, "billing"> = {}): ReviewBench {
  const bench = {} as ReviewBench;
  const undo: (() => Promise<void>)[] = [];
  before(async () => {
    Object.assign(bench, await startReviewBench({ after: (step) => void undo.push(step) }, options));
  });
  after(async () => {
    for (const step of undo.toReversed()) await step();
  });
  return bench;
}

async function startReviewBench(
  t: { after(undo: () => Promise<void>): void },
  options: Pick<RegistryOptions, "billing">,
): Promise<ReviewBench> {
  const clock = handClock();
  const registry = await startRegistry(t, { now: clock.now, ...options });
  const { client, url, database } = registry;
  const acme = await registerPublisher(client, "acme");
  const globex = await registerPublisher(client, "globex");
  let plugins = 0;

  async function install(tenantId: string, plugin: string): Promise<string> {
    const consent = consentDigest({ id: plugin, permissions: {} });
    return (await client.createInstall(tenantId, { plugin, consent })).id;
  }

  return {
    ...registry,
    acme,
    globex,
    clock,
    install,
    async newPlugin(publisher = acme) {
      plugins++;
      const { status } = await publisher.publish({ name: `echo-${plugins}`, version: "1.0.0" });
      assert.equal(status, "published");
      return `${publisher.name}/echo-${plugins}`;
    },
    async reviewer(tenantId, plugin) {
      const id = await install(tenantId, plugin);
      await database.pool.query(
        "update registry.installs set created_at = created_at - interval '30 days' where id = $1",
        [id],
      );
      return authorOf(tenantId);
    },
    async operator(method, path, body) {
      const response = await fetch(`${url}/registry/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${operatorToken}`, "content-type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    },
    signReply(reply) {
      const issuedAt = clock.now().toISOString();
      const payload = { publisher: "acme", audience: "plugboard-registry", issuedAt, ...reply };
      return signStatement(statementTypes.reply, payload, { privateJwk: acme.key.privateJwk });
    },
  };
}

/** Holds all that is read of a plugin's rating against how many reviews should have given 1 to 5 stars. */
export async function assertRating(
  { client, database }: Pick<TestRegistry, "client" | "database">,
  plugin: string,
  histogram: number[],
): Promise<void> {
  const rating = await client.getRating(plugin);
  assert.deepEqual(rating.histogram, histogram);
  const count = histogram.reduce((total, reviews) => total + reviews, 0);
  const sum = histogram.reduce((total, reviews, index) => total + reviews * (index + 1), 0);
  assert.equal(rating.count, count);
  const { rows } = await database.pool.query(
    "select rating_sum, rating_count, rating_score from registry.plugin_statistics where plugin_id = $1",
    [plugin],
  );
  const [kept = { rating_sum: 0, rating_count: 0, rating_score: 0 }] = rows;
  assert.deepEqual([kept.rating_sum, kept.rating_count], [sum, count]);
  const score = count === 0 ? 0 : (35 + sum) / (10 + count);
  assert.ok(Math.abs(kept.rating_score - score) < 1e-5, `${kept.rating_score} is not ${score}`);
}

/** All pages of a plugin's reviews, two at a time. */
export async function allReviews(client: RegistryClient, plugin: string, query: object = {}) {
  const found = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await client.listReviews(plugin, { limit: 2, ...query, ...(cursor && { cursor }) });
    found.push(...page.items);
    cursor = page.nextCursor;
  }
  return found;
}
