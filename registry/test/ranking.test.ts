import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { createListingIndex, type Entry } from "../search/listing-index/index.ts";
import { formWeights, placeWeights, qualityOf, relevanceOf } from "../search/ranking.ts";
import { wordsOf } from "../search/words.ts";
import { everyone } from "../visibility.ts";

const documentation = readFileSync(path.resolve(import.meta.dirname, "../../docs/registry.md"), "utf8");

/** The example's rows: plugin, words, installs, rating, verified, text, quality, relevance. */
const example = [...documentation.matchAll(/^\| `(acme\/[a-z-]+)` \|(.*)\|$/gm)].map(
  ([, plugin = "", rest = ""]) => {
    const [, installs = "", rating = "", verified = "", text = "", quality = "", relevance = ""] = rest
      .split("|")
      .map((cell) => cell.trim());
    return {
      plugin,
      installs: Number(installs),
      rating: rating === "unrated" ? undefined : Number(rating),
      verified: verified === "yes",
      text: Number(text),
      quality: Number(quality),
      relevance: Number(relevance),
    };
  },
);

const texts: Record<string, [name: string, topics: string, description: string]> = {
  "acme/card-payments": ["card-payments Card Payments", "acme", "Takes money."],
  "acme/till": ["till Till", "acme pay", "For cards of every kind."],
};

function entryOf(row: (typeof example)[number]): Entry {
  return {
    plugin: row.plugin,
    tenantId: null,
    verified: row.verified,
    deprecated: false,
    categories: [],
    keywords: [],
    pricing: "free",
    permissions: [],
    hosts: [],
    hostRange: "*",
    updatedAt: 0,
    installs: row.installs,
    ratingScore: row.rating ?? 0,
    ratingCount: row.rating === undefined ? 0 : 3,
  };
}

test("the documented example is what the code ranks", () => {
  assert.equal(example.length, 2);
  const index = createListingIndex();
  for (const row of example) {
    const quality = qualityOf({
      installs: row.installs,
      ratingScore: row.rating ?? 0,
      ratingCount: row.rating === undefined ? 0 : 3,
    });
    assert.ok(Math.abs(quality - row.quality) < 1e-9, `${row.plugin}: quality ${quality}`);
    const relevance = relevanceOf({ quality, verified: row.verified, deprecated: false }, row.text);
    assert.ok(Math.abs(relevance - row.relevance) < 1e-9, `${row.plugin}: relevance ${relevance}`);
    const [name, topics, description] = texts[row.plugin] ?? ["", "", ""];
    index.put(entryOf(row), [wordsOf(name), wordsOf(topics), wordsOf(description)]);
  }

  const { places } = index.find({
    viewer: everyone,
    words: ["card", "pay"],
    asked: { id: "", name: "card-pay" },
    filters: {},
    sort: "relevance",
    limit: 10,
    after: undefined,
    facets: false,
  });

  const expected = example.map(({ plugin, relevance }) => ({
    plugin,
    rank: Math.round(relevance * 1_000_000),
  }));
  assert.deepEqual(places, expected);
});

test("the documented weights are those of the code", () => {
  const cells = [...documentation.matchAll(/^\|(.*)\|([\d. ]*)\| \| (.+) \| ([\d.]+) \|$/gm)];
  const places = cells.flatMap(([, , weight = ""]) => (weight.trim() === "" ? [] : [Number(weight)]));
  const forms = cells.map(([, , , , weight = ""]) => Number(weight));
  assert.deepEqual([places, forms], [[...placeWeights], Object.values(formWeights)]);
});
