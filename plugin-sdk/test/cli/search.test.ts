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

test("what is not seen, or turns a line about, is shown as such; what writing needs stays", async (t) => {
  const author = await createAuthor(t);
  const hidden: { [text: string]: string } = {
    "turned \u202eabout\u202c, \u2066apart\u2069": "turned \ufffdabout\ufffd, \ufffdapart\ufffd",
    "a\u200bl\u200da\u200cm\u2060p": "a\ufffdl\ufffda\ufffdm\ufffdp",
    "\u03bb\u200d\u05d0 \u043b\u200c\u05d0 \ufff9": "\u03bb\ufffd\u05d0 \u043b\ufffd\u05d0 \ufffd",
    "\u{1d400}\u200d\u05d0 a\u0301\u200d\u05d0": "\u{1d400}\ufffd\u05d0 a\u0301\ufffd\u05d0",
    "soft\u00adly \u3164\u115f \u009b2J": "soft\ufffdly \ufffd\ufffd \ufffd2J",
    "tagged \u{e0041}": "tagged \ufffd",
  };
  const seen = [
    "\u{1f469}\u{1f3fd}\u200d\u{1f692} \u2764\ufe0f\u200d\u{1f525}", // firefighter, heart on fire
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", // Persian
    "\u0915\u094d\u200d\u0937", // Hindi
    "\u845b\u{e0100} caf\u00e9",
  ];
  const items = [...Object.keys(hidden), ...seen].map((description) => ({ ...stripe, description }));
  const registry = await startRegistry(t, {
    "GET /registry/v1/-/search?q=&limit=20": [
      { status: 200, body: { items, nextCursor: null } },
      { status: 200, body: { items, nextCursor: null } },
    ],
  });
  const { stdout } = await author.run(["search", "--registry", registry.url]);
  const lines = stdout.split("\n").map((line) => line.trim());
  for (const text of [...Object.values(hidden), ...seen])
    assert.ok(lines.includes(text), JSON.stringify(text));

  const machine = await author.run(["search", "--registry", registry.url, "--json"]);
  assert.doesNotMatch(machine.stdout, /[\u0080-\u009f\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.deepEqual(machine.json().items, items, "escaped, it means the same");
});
