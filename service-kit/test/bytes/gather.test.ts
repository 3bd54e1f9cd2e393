import assert from "node:assert/strict";
import { test } from "node:test";
import { gatherBytes } from "@plugboard/service-kit/bytes";

const MiB = 2 ** 20;

test("pieces come back as one, in their order, and are not written to", () => {
  const pieces = ["", "a", "bc", "d".repeat(20_000), "e"].map((text) => Buffer.from(text));
  const body = gatherBytes(30_000);
  for (const piece of pieces) body.add(piece);
  assert.deepEqual(body.whole(), Buffer.concat(pieces));
  assert.equal(String(pieces[1]), "a");
  assert.equal(gatherBytes(10).whole().length, 0);
});

test("what is kept is the bytes, however small the pieces are in which they come", () => {
  const count = MiB;
  const before = process.memoryUsage().rss;
  const body = gatherBytes(count);
  for (let i = 0; i < count; i++) body.add(Buffer.from("x"));
  // Each piece kept would be some hundred bytes more.
  const grownMiB = (process.memoryUsage().rss - before) / MiB;
  assert.ok(grownMiB < 90, `${grownMiB} MiB`);
  assert.equal(body.whole().length, count);
});
