import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuthor } from "./author.ts";
import { startRegistry } from "./local-registry.ts";

const stripe = {
  id: "plugboard/stripe",
  version: "1.0.0",
  displayName: "Stripe",
  description: "Create, read and list Stripe customers.",
  verified: true,
  publishedAt: "2026-10-28T00:00:00Z",
};

test("search shows what fits, and how to get more", async (t) => {
  const author = await createAuthor(t);
  const registry = await startRegistry(t, {
    "GET /registry/v1/-/search?q=stripe+customers&limit=1": [
      { status: 200, body: { items: [stripe], nextCursor: "abc" } },
    ],
    "GET /registry/v1/-/search?q=nothing&limit=20": [{ status: 200, body: { items: [], nextCursor: null } }],
  });
  const odd = { ...stripe, description: "clears \u001b[2J the screen\r\nplugboard/other 1.0.0 (verified)" };
  const hostile = await startRegistry(t, {
    "GET /registry/v1/-/search?q=&limit=20": [{ status: 200, body: { items: [odd], nextCursor: null } }],
  });
  const search = (...args: string[]) =>
    author.run(["search", ...args, "--registry", `${registry.url}/registry/v1/`]);

  const found = await search("stripe", "customers", "--limit", "1");
  assert.match(found.stdout, /^plugboard\/stripe 1\.0\.0 \(verified\)\n {4}Create, read/);
  assert.match(found.stdout, /--cursor abc/);
  assert.match((await search("nothing")).stdout, /Nothing fits "nothing"/);
  assert.equal((await search("nothing", "--json")).json().nextCursor, null);
  assert.equal((await search("x", "--limit", "0")).code, 2);
  const { stdout } = await author.run(["search", "--registry", hostile.url]);
  assert.ok(!stdout.includes("\u001b"));
  assert.doesNotMatch(stdout, /^plugboard\/other/m, "a description writes no result of its own");
});
