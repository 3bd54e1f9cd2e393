import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { KeyManagement } from "../crypto/index.ts";

/** What is kept of a wrapped key, and indexed. */
const longestWrapped = 8_192;

/**
 * Tries an implementation of `KeyManagement` against all that the vault builds on. For the tests of whoever writes one.
 *
 * @param keys the implementation, over the real service
 * @param o.next the same after its key was rotated; without it, rotation is not tried
 * @throws AssertionError
 */
export async function checkKeyManagement(
  keys: KeyManagement,
  o: { next?: KeyManagement } = {},
): Promise<void> {
  assert.ok(keys.kind !== "" && keys.currentPrefix !== "", "it has a name, and a prefix");
  assert.ok(keys.keyIds.includes(keys.currentKeyId), "the current key is one of those at hand");

  const dataKey = randomBytes(32);
  const wrapped = await keys.wrap(Buffer.from(dataKey));
  assert.match(wrapped, /^[\x21-\x7e]+$/, "what is wrapped is text without spaces");
  assert.ok(wrapped.length <= longestWrapped, `${wrapped.length} characters are too many`);
  assert.ok(wrapped.startsWith(keys.currentPrefix), "it begins with the prefix of the current key");
  assert.ok(keys.wrapped(wrapped) && !keys.wrapped(`another-${wrapped}`), "it is known by its beginning");
  for (const encoding of ["base64", "base64url", "hex", "latin1"] as const)
    assert.ok(
      !wrapped.includes(dataKey.toString(encoding).replace(/=+$/, "")),
      `it is not the key in ${encoding}`,
    );
  assert.deepEqual(await keys.unwrap(wrapped), dataKey, "it opens to the same key");
  assert.notEqual(await keys.wrap(Buffer.from(dataKey)), wrapped, "twice the same key is not the same text");

  // A letter further on than the last, which in base64 may hold no bit of it.
  for (const at of [keys.currentPrefix.length, wrapped.length - 4]) {
    const other = wrapped[at] === "A" ? "B" : "A";
    const changed = `${wrapped.slice(0, at)}${other}${wrapped.slice(at + 1)}`;
    await assert.rejects(keys.unwrap(changed), `what was changed at ${at} does not open`);
  }
  await assert.rejects(keys.unwrap(wrapped.slice(0, -8)), "what was cut off does not open");
  for (const text of ["", keys.currentPrefix, "v0.nothing"]) await assert.rejects(keys.unwrap(text));

  const many = Array.from({ length: 20 }, () => randomBytes(32));
  const apart = await Promise.all(many.map(async (key) => keys.unwrap(await keys.wrap(Buffer.from(key)))));
  assert.deepEqual(apart, many, "many at a time are kept apart");

  const { next } = o;
  if (!next) return;
  assert.ok(
    !wrapped.startsWith(next.currentPrefix),
    "what is under the earlier key is told from what is not",
  );
  assert.ok(next.wrapped(wrapped), "and known as its own");
  assert.deepEqual(await next.unwrap(wrapped), dataKey, "and still opens");
  assert.ok((await next.wrap(Buffer.from(dataKey))).startsWith(next.currentPrefix), "the new one wraps");
}
