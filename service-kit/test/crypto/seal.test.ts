import assert from "node:assert/strict";
import { test } from "node:test";
import { generateDataKey, open, seal } from "@plugboard/service-kit/crypto";
import fc from "fast-check";

const invalid = { name: "CryptoError", code: "sealed-invalid" };

test("what is sealed opens again, whatever it is", () => {
  const key = generateDataKey();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.string(), (plain, aad) => {
      assert.deepEqual(open(key, seal(key, Buffer.from(plain), aad), aad), Buffer.from(plain));
    }),
  );
  assert.equal(open(key, seal(key, "naïve ☃", ""), "").toString("utf8"), "naïve ☃");
});

test("no bit of a sealed value can be changed, and nothing cut off or added", () => {
  const key = generateDataKey();
  const sealed = seal(key, "secret", "con_1/credential");
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.throws(() => open(key, changed, "con_1/credential"), invalid);
  }
  for (let length = 0; length < sealed.length; length++) {
    assert.throws(() => open(key, sealed.subarray(0, length), "con_1/credential"), invalid);
  }
  assert.throws(() => open(key, Buffer.concat([sealed, Buffer.of(0)]), "con_1/credential"), invalid);
});

test("it opens only for the purpose it was sealed for, and only under its key", () => {
  const key = generateDataKey();
  const sealed = seal(key, "secret", "con_1/credential");
  assert.throws(() => open(key, sealed, "con_2/credential"), invalid);
  assert.throws(() => open(generateDataKey(), sealed, "con_1/credential"), invalid);
});

test("the same text sealed twice looks different, and the text is not in it", () => {
  const key = generateDataKey();
  const [one, two] = [seal(key, "sk_test_visible", "a"), seal(key, "sk_test_visible", "a")];
  assert.notDeepEqual(one, two);
  assert.ok(!one.includes("visible"));
});

test("a key of another length is refused", () => {
  assert.throws(() => seal(Buffer.alloc(16), "x", ""), { code: "key-invalid" });
  assert.throws(() => open(Buffer.alloc(0), Buffer.alloc(64), ""), { code: "key-invalid" });
});
