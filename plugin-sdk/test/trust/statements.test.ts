import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  generateSigningKey,
  type PublisherStatement,
  type StatementType,
  signStatement,
  statementTypes,
  thumbprint,
  verifyStatement,
} from "@plugboard/plugin-sdk/trust";
import { compactVerify, decodeProtectedHeader, importJWK } from "jose";
import { publisherPayload, refusalOf } from "./forge.ts";

const key = await generateSigningKey();
const issuedAt = "2026-01-31T12:00:00.000Z";
const payloads: { [type in StatementType]: object } = {
  [statementTypes.publisher]: publisherPayload,
  [statementTypes.registry]: {
    publisherJwsSha256: "ab".repeat(32),
    id: "acme/shop",
    version: "1.2.3",
    seq: 7,
    publishedAt: issuedAt,
    scan: { status: "pass" },
  },
  [statementTypes.delegation]: { publisher: "acme", keys: [key.publicJwk], seq: 1, issuedAt },
  [statementTypes.receipt]: {
    installId: "ins_1",
    tenantId: "tnt_1",
    plugin: "acme/shop",
    version: "1.2.3",
    tarballSha512: "ab".repeat(64),
    consent: "cd".repeat(32),
    issuedAt,
  },
  [statementTypes.claim]: { publisher: "acme", audience: "plugboard-registry", issuedAt },
  [statementTypes.order]: {
    publisher: "acme",
    audience: "plugboard-registry",
    issuedAt,
    nonce: "n1",
    action: { type: "yank", plugin: "acme/shop", version: "1.2.3" },
  },
  [statementTypes.root]: {
    version: 1,
    threshold: 1,
    rootKeys: [key.publicJwk],
    onlineKeys: [key.publicJwk],
    issuedAt,
    expiresAt: "2027-01-31T12:00:00.000Z",
  },
  [statementTypes.checkpoint]: {
    seq: 7,
    logHead: "ab".repeat(32),
    indexHash: "cd".repeat(32),
    revocationsHash: "ef".repeat(32),
    rootVersion: 1,
    issuedAt,
    expiresAt: "2026-02-01T12:00:00.000Z",
  },
  [statementTypes.entitlement]: {
    entitlementId: "ent_1",
    tenantId: "tnt_1",
    plugin: "acme/shop",
    revision: 3,
    state: "active",
    terms: "ab".repeat(32),
    seq: 7,
    issuedAt,
  },
  [statementTypes.reply]: {
    publisher: "acme",
    audience: "plugboard-registry",
    issuedAt,
    review: "rev_1",
    body: "Thank you.",
  },
  [statementTypes.hostKey]: { audience: "plugboard-registry", issuedAt, kid: key.kid },
  [statementTypes.usage]: {
    host: "hst_1",
    audience: "plugboard-registry",
    issuedAt,
    windows: [{ installId: "ins_1", meter: "calls", window: issuedAt, units: 3 }],
  },
};
const types = Object.values(statementTypes);

describe("generateSigningKey", () => {
  it("makes an Ed25519 key, whose public half has nothing of the private one", async () => {
    assert.deepEqual(Object.keys(key.publicJwk).sort(), ["crv", "kty", "x"]);
    assert.equal(key.publicJwk.crv, "Ed25519");
    assert.equal(typeof key.privateJwk.d, "string");
    assert.notDeepEqual((await generateSigningKey()).publicJwk, key.publicJwk);
  });

  it("names it by its RFC 7638 thumbprint", async () => {
    // RFC 8037, appendix A.3
    const jwk = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };
    assert.equal(await thumbprint(jwk), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert.equal(await thumbprint(key.privateJwk), key.kid);
  });
});

describe("a signed statement", () => {
  for (const type of types) {
    it(`verifies with its key: ${type}`, async () => {
      const jws = await signStatement(type, payloads[type], key);
      assert.deepEqual(await verifyStatement(type, jws, [key.publicJwk]), payloads[type]);
    });
  }

  it("verifies with its key among others", async () => {
    const others = [await generateSigningKey(), await generateSigningKey()];
    const jws = await signStatement(statementTypes.claim, payloads[statementTypes.claim], key);
    const keys = [...others.map(({ publicJwk }) => publicJwk), key.publicJwk];
    assert.deepEqual(await verifyStatement(statementTypes.claim, jws, keys), payloads[statementTypes.claim]);
  });

  it("is a compact JWS that any JOSE library verifies", async () => {
    const jws = await signStatement(statementTypes.publisher, publisherPayload, key);
    assert.deepEqual(decodeProtectedHeader(jws), {
      alg: "Ed25519",
      kid: key.kid,
      typ: "plugboard-publisher+jws",
    });
    const { payload } = await compactVerify(jws, await importJWK(key.publicJwk, "Ed25519"));
    assert.deepEqual(JSON.parse(new TextDecoder().decode(payload)), publisherPayload);
  });

  it("is the same text for the same payload, in whatever order its members come", async () => {
    const reversed = Object.fromEntries(Object.entries(publisherPayload).reverse());
    const jws = await signStatement(statementTypes.publisher, publisherPayload, key);
    assert.equal(await signStatement(statementTypes.publisher, reversed, key), jws);
  });

  it("of 5,000 files still verifies", async () => {
    const files = Array.from({ length: 5_000 }, (_, index) => [
      `${"a/".repeat(19)}${"x".repeat(100)}${index}`,
      index,
      "cd".repeat(32),
    ]);
    const jws = await signStatement(statementTypes.publisher, { ...publisherPayload, files }, key);
    const read = await verifyStatement<PublisherStatement>(statementTypes.publisher, jws, [key.publicJwk]);
    assert.equal(read.files.length, 5_000);
  });
});

describe("a statement of one type", () => {
  it("is never taken for one of another", async () => {
    for (const signed of types) {
      const jws = await signStatement(signed, payloads[signed], key);
      for (const expected of types.filter((type) => type !== signed)) {
        assert.equal(await refusalOf(expected, jws, [key.publicJwk]), "statement-wrong-type");
      }
    }
  });

  it("must have all that its type says, each of its kind", async () => {
    for (const type of types) {
      for (const member of Object.keys(payloads[type])) {
        const { [member]: _, ...without } = { ...payloads[type] } as { [name: string]: unknown };
        for (const payload of [
          without,
          { ...without, [member]: null },
          { ...without, [member]: "" },
          { ...without, [member]: -1 },
        ]) {
          const jws = await signStatement(type, payload, key);
          assert.equal(
            await refusalOf(type, jws, [key.publicJwk]),
            "statement-malformed",
            `${type} ${member}`,
          );
        }
      }
    }
  });

  it("may not say more, if it is a publisher's", async () => {
    for (const type of [statementTypes.publisher, statementTypes.claim]) {
      const jws = await signStatement(type, { ...payloads[type], more: 1 }, key);
      assert.equal(await refusalOf(type, jws, [key.publicJwk]), "statement-malformed");
    }
  });

  it("may not delegate to private keys or other kinds of keys", async () => {
    for (const odd of [
      key.privateJwk,
      { kty: "RSA", n: "x", e: "AQAB" },
      { ...key.publicJwk, kid: "x" },
      { ...key.publicJwk, x: "short" },
    ]) {
      const jws = await signStatement(
        statementTypes.delegation,
        { publisher: "acme", keys: [odd], seq: 1, issuedAt },
        key,
      );
      assert.equal(await refusalOf(statementTypes.delegation, jws, [key.publicJwk]), "statement-malformed");
    }
  });
});
