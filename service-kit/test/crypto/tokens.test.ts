import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { hashToken, newId, sameToken, secretToken } from "@plugboard/service-kit/crypto";

test("a token carries 256 bits in base62 behind its prefix, and is stored by its SHA-256", () => {
  const { token, prefixShown, hash } = secretToken("pbk_");
  assert.match(token, /^pbk_[0-9A-Za-z]{43}$/);
  assert.equal(prefixShown, token.slice(0, 10));
  assert.equal(hash, createHash("sha256").update(token).digest("hex"));
  assert.equal(hashToken(token), hash);
  assert.equal(new Set(Array.from({ length: 1_000 }, () => secretToken("x").token)).size, 1_000);
});

test("tokens are compared whole", () => {
  const { token } = secretToken("pbk_");
  assert.equal(sameToken(token, token), true);
  for (const other of ["", token.slice(0, -1), `${token}0`, token.toUpperCase()]) {
    assert.equal(sameToken(token, other), false);
  }
});

test("ids name their kind, are UUIDs of version 7, and sort by the time they were made", async () => {
  const first = newId("tnt");
  assert.match(first, /^tnt_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  const ids = Array.from({ length: 10_000 }, () => newId("evt"));
  assert.equal(new Set(ids).size, ids.length);
  const millisecond = (id: string) => id.slice(4, 16);
  assert.deepEqual(ids.map(millisecond), ids.map(millisecond).toSorted());
});
