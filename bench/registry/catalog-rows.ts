import { createHash } from "node:crypto";
import { createRandom } from "./random.ts";
import { brands, categories, nouns, phrases, verbs } from "./words.ts";

const hostRanges = ["^1.0.0", "^1.2.0", ">=1.0.0 <3.0.0", "^1.4.0 || ^2.0.0", "~1.6.0"];
const firstDay = Date.UTC(2024, 0, 1);
const dayMs = 24 * 60 * 60 * 1000;
export const blobSha512 = "0".repeat(128);

/** Rows for the tables of schema `registry`, by table. */
export type Rows = Record<string, object[]>;

export interface Bulk {
  versions: number;
  reviews: number;
}

/**
 * The rows of listings `from` to `to`, the same in every run: names, texts and numbers as a grown marketplace would have
 * them, each listing with so many versions and reviews on average.
 */
export function catalogRows(from: number, to: number, bulk: Bulk): Rows {
  const rows: Rows = {
    publishers: [],
    publications: [],
    versions: [],
    listings: [],
    plugin_statistics: [],
    reviews: [],
    plugin_ratings: [],
  };
  for (let index = from; index < to; index++) addListing(rows, index, bulk);
  return rows;
}

/** The id of the listing with this number. */
export function pluginOf(index: number): string {
  const house = Math.floor(index / 5);
  const random = createRandom(index * 7919 + 17);
  return `${brands[house % brands.length]}-${house}/${random.any(brands)}-${random.any(nouns)}-${index % 5}`;
}

function addListing(rows: Rows, index: number, bulk: Bulk): void {
  const random = createRandom(index * 104_729 + 3);
  const plugin = pluginOf(index);
  const [publisher = "", name = ""] = plugin.split("/");
  const noun = name.split("-")[1] ?? "";
  const displayName = name
    .split("-")
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase() + word.slice(1))
    .join(" ");
  const described = {
    description: [
      `${random.any(verbs)} ${random.any(nouns)} and ${noun} of ${random.any(brands)} ${random.any(phrases)}.`,
      `${random.any(verbs)} ${random.any(nouns)} ${random.any(phrases)}, ${random.any(phrases)}.`,
    ].join(" "),
    categories: [...new Set([random.favoured(categories), random.favoured(categories)])].slice(
      0,
      1 + random.below(2),
    ),
    keywords: [...new Set([noun, random.any(nouns), random.any(brands)])],
  };
  const permissions = {
    network: [{ hosts: [`api.${name}.example`], methods: ["GET", "POST"], reason: "Call the vendor" }],
    ...(random.next() < 0.4 && { storage: { maxBytes: 1_048_576, reason: "Remember where it was" } }),
    ...(random.next() < 0.2 && { events: { publish: [`${noun}.*`], reason: "Tell what changed" } }),
  };
  const pricing = random.favoured(["free", "subscription", "usage", "one-time"]);
  const hostRange = random.favoured(hostRanges);
  const versionCount = 1 + random.below(bulk.versions * 2 - 1);
  const publishedAt = (version: number) =>
    new Date(firstDay + random.below(600) * dayMs + version * dayMs).toISOString();

  // One publisher has five listings; whoever writes the rows leaves out those that are there.
  rows.publishers?.push({ name: publisher, verified: index % 25 < 5, created_at: publishedAt(0) });
  for (let version = 0; version < versionCount; version++) {
    const number = `1.${version}.0`;
    const id = `pub_bench_${index}_${version}`;
    const at = publishedAt(version);
    rows.publications?.push({
      id,
      publisher,
      plugin,
      version: number,
      status: "published",
      statement_jws: "x".repeat(700),
      tarball_sha512: blobSha512,
      problems: [],
      created_at: at,
      finished_at: at,
    });
    rows.versions?.push({
      plugin,
      version: number,
      // Far above what a registry reaches that runs for the time of a bench.
      seq: 1_000_000 + index * 50 + version,
      publication_id: id,
      manifest: {
        id: plugin,
        version: number,
        displayName,
        ...described,
        license: "Apache-2.0",
        engines: { plugboard: hostRange },
        main: "dist/plugin.js",
        permissions,
        pricing: { model: pricing },
        contributes: contributes(noun),
      },
      manifest_sha512: blobSha512,
      permissions,
      consent: sha256(plugin),
      tarball_sha512: blobSha512,
      size: 24_000,
      registry_jws: "x".repeat(500),
      signed_by: "bench",
      published_at: at,
    });
  }
  const reviews = bulk.reviews === 0 ? 0 : random.below(bulk.reviews * 2 + 1);
  const stars = [0, 0, 0, 0, 0];
  for (let review = 0; review < reviews; review++) {
    const rating = 1 + Math.max(random.below(5), random.below(5));
    stars[rating - 1] = (stars[rating - 1] ?? 0) + 1;
    rows.reviews?.push({
      id: `rev_bench_${index}_${review}`,
      plugin,
      tenant_id: `tnt_${review}`,
      author: `author-${review}`,
      author_name: null,
      host: "bench",
      newcomer: false,
      version: "1.0.0",
      rating,
      title: `${random.any(verbs)} ${noun}`,
      body: `${random.any(verbs)} ${random.any(nouns)} ${random.any(phrases)}. We use it ${random.any(phrases)}.`,
      status: "visible",
      helpful_count: random.below(10),
      report_count: 0,
      created_at: publishedAt(0),
    });
  }
  const sum = stars.reduce((total, count, at) => total + count * (at + 1), 0);
  rows.plugin_ratings?.push({ plugin, stars: `{${stars.join()}}` });
  rows.listings?.push({
    plugin,
    publisher,
    latest_version: `1.${versionCount - 1}.0`,
    display_name: displayName,
    ...described,
    pricing,
    permission_kinds: Object.keys(permissions),
    network_hosts: [`api.${name}.example`],
    host_range: hostRange,
    tenant_id: null,
    created_at: publishedAt(0),
    updated_at: publishedAt(versionCount),
  });
  rows.plugin_statistics?.push({
    plugin_id: plugin,
    installs_active: Math.floor(Math.exp(random.next() * 9) - 1),
    installs_total: Math.floor(Math.exp(random.next() * 10)),
    downloads: random.below(100_000),
    rating_sum: sum,
    rating_count: reviews,
    rating_score: reviews === 0 ? 0 : (sum + 5 * 3.5) / (reviews + 5),
    updated_at: publishedAt(versionCount),
  });
}

function contributes(noun: string) {
  const id = { type: "object", properties: { id: { type: "string" } }, required: ["id"] };
  const list = {
    type: "object",
    properties: { items: { type: "array", items: id }, next: { type: "string" } },
  };
  return {
    actions: {
      [`list-${noun}`]: { title: `List ${noun}`, input: { type: "object" }, output: list },
      [`get-${noun}`]: { title: `Read one of ${noun}`, input: id, output: id },
      [`create-${noun}`]: { title: `Create one of ${noun}`, input: id, output: id },
    },
  };
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
