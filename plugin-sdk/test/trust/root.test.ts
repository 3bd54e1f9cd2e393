/** Who is believed about a registry: attacks on the root and on what leads from one root to the next. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  addRootSignature,
  generateSigningKey,
  type Root,
  type SignedRoot,
  type SigningKeyPair,
  statementTypes,
  TrustError,
  verifyRoot,
} from "@plugboard/plugin-sdk/trust";
import { encode, forge } from "./forge.ts";

const keys = await Promise.all(Array.from({ length: 6 }, generateSigningKey));
const [a, b, c, d, e, online] = keys as [
  SigningKeyPair,
  SigningKeyPair,
  SigningKeyPair,
  SigningKeyPair,
  SigningKeyPair,
  SigningKeyPair,
];

const first: Root = {
  version: 1,
  threshold: 2,
  rootKeys: [a.publicJwk, b.publicJwk, c.publicJwk],
  onlineKeys: [online.publicJwk],
  issuedAt: "2026-01-31T12:00:00.000Z",
  expiresAt: "2027-01-31T12:00:00.000Z",
};
const second: Root = { ...first, version: 2, rootKeys: [c.publicJwk, d.publicJwk, e.publicJwk] };

async function signed(root: Root, ...by: SigningKeyPair[]): Promise<SignedRoot> {
  let result: SignedRoot = { signatures: [] };
  for (const key of by) result = await addRootSignature(root, result, key);
  return result;
}

async function refused(root: SignedRoot, previous?: Root): Promise<string> {
  const error: unknown = await verifyRoot(root, previous).then(
    () => assert.fail("the root was believed"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof TrustError)) throw error;
  return `${error.code}: ${error.message}`;
}

describe("a root is believed", () => {
  it("when the threshold of its own keys signed it", async () => {
    assert.deepEqual(await verifyRoot(await signed(first, a, c)), first);
    assert.deepEqual(await verifyRoot(await signed(first, a, b, c)), first);
  });

  it("when the threshold of the one before signed it too, one key counting for both", async () => {
    assert.deepEqual(await verifyRoot(await signed(second, a, c, d), first), second);
  });

  it("with a signature beside that is nobody's", async () => {
    assert.deepEqual(await verifyRoot(await signed(first, d, a, b)), first);
  });
});

describe("a root is not believed", () => {
  it("when the same key signed it twice", async () => {
    const once = await signed(first, a);
    const [jws = ""] = once.signatures;
    assert.match(await refused({ signatures: [jws, jws] }), /signed by 1 of its own/);
    // Another text for the same: Ed25519 is deterministic, so another order in the header makes one.
    const header = { typ: statementTypes.root, kid: a.kid, alg: "Ed25519" };
    const payload = Buffer.from(jws.split(".")[1] ?? "", "base64url");
    assert.match(await refused({ signatures: [jws, forge(header, payload, a)] }), /signed by 1 of its own/);
  });

  it("when it names one key twice, to make two of it", async () => {
    const doubled = { ...first, rootKeys: [a.publicJwk, a.publicJwk, b.publicJwk] };
    assert.match(await refused(await signed(doubled, a)), /names a key twice/);
    const shared = { ...first, onlineKeys: [a.publicJwk] };
    assert.match(await refused(await signed(shared, a, b)), /names a key twice/);
  });

  it("when it asks for more signatures than it has keys", async () => {
    const root = { ...first, threshold: 4 };
    assert.match(await refused(await signed(root, a, b, c)), /4 signatures of 3 keys/);
  });

  it("when it is signed by its new keys alone", async () => {
    assert.match(await refused(await signed(second, d, e), first), /0 of root 1's root keys/);
    assert.match(await refused(await signed(second, c, d, e), first), /1 of root 1's root keys/);
  });

  it("when it is signed by the old keys alone", async () => {
    assert.match(await refused(await signed(second, a, b), first), /signed by 0 of its own/);
  });

  it("when it skips a version, stays or goes back", async () => {
    const third = { ...second, version: 3 };
    assert.match(await refused(await signed(third, a, b, c, d), first), /version 3; version 2 comes next/);
    const again = { ...first, expiresAt: "2028-01-31T12:00:00.000Z" };
    assert.match(await refused(await signed(again, a, b), first), /version 1; version 2 comes next/);
    assert.match(await refused(await signed(first, a, b), second), /version 1; version 3 comes next/);
  });

  it("when its signatures are over different roots", async () => {
    const one = await signed(first, a);
    const other = await signed({ ...first, threshold: 1 }, b);
    assert.match(await refused({ signatures: [...one.signatures, ...other.signatures] }), /one and the same/);
  });

  it("when one of its signatures is forged", async () => {
    const { signatures } = await signed(first, a);
    const header = { alg: "Ed25519", kid: b.kid, typ: statementTypes.root };
    const payload = Buffer.from(signatures[0]?.split(".")[1] ?? "", "base64url");
    assert.match(
      await refused({ signatures: [...signatures, forge(header, payload, d)] }),
      /signature-invalid/,
    );
  });

  it("when it has no signature, far too many, or one of another kind", async () => {
    assert.match(await refused({ signatures: [] }), /0 signatures/);
    const { signatures } = await signed(first, a, b);
    const many = Array.from({ length: 61 }, () => signatures[0] ?? "");
    assert.match(await refused({ signatures: many }), /61 signatures/);
    const delegation = forge({ alg: "Ed25519", kid: a.kid, typ: statementTypes.delegation }, first, a);
    assert.match(await refused({ signatures: [delegation] }), /statement-wrong-type/);
  });

  it("when it says something that this version does not know, or says a name twice", async () => {
    const header = { alg: "Ed25519", kid: a.kid, typ: statementTypes.root };
    assert.match(
      await refused({ signatures: [forge(header, { ...first, more: 1 }, a)] }),
      /statement-malformed/,
    );
    const doubled = JSON.stringify(first).replace('"threshold":2', '"threshold":2,"threshold":1');
    assert.match(await refused({ signatures: [forge(header, doubled, a)] }), /statement-malformed/);
  });

  it("when its threshold is 0, or its keys are not what they should be", async () => {
    const header = { alg: "Ed25519", kid: a.kid, typ: statementTypes.root };
    for (const odd of [
      { threshold: 0 },
      { rootKeys: [] },
      { rootKeys: [{ ...a.publicJwk, d: "x" }] },
      { rootKeys: [{ kty: "oct", k: encode("secret") }] },
      { version: 1.5 },
    ]) {
      const jws = forge(header, { ...first, ...odd }, a);
      assert.match(await refused({ signatures: [jws] }), /statement-malformed|root-invalid/);
    }
  });
});
