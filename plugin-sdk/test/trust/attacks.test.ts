import assert from "node:assert/strict";
import { createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { describe, it } from "node:test";
import {
  generateSigningKey,
  signStatement,
  statementTypes,
  TrustError,
  verifyStatement,
} from "@plugboard/plugin-sdk/trust";
import fc from "fast-check";
import type { JWK } from "jose";
import { encode, forge, publisherPayload, refusalOf } from "./forge.ts";

const type = statementTypes.publisher;
const key = await generateSigningKey();
const attacker = await generateSigningKey();
const trusted = [key.publicJwk];
const header = { alg: "Ed25519", kid: key.kid, typ: type };
const jws = await signStatement(type, publisherPayload, key);
const [headerPart = "", payloadPart = "", signaturePart = ""] = jws.split(".");

it("the forger makes statements that verify, if nothing is wrong with them", async () => {
  assert.deepEqual(
    await verifyStatement(type, forge(header, publisherPayload, key), trusted),
    publisherPayload,
  );
});

describe("a statement is not believed", () => {
  it("when its payload was changed", async () => {
    const payload = encode(JSON.stringify({ ...publisherPayload, version: "6.6.6" }));
    assert.equal(
      await refusalOf(type, `${headerPart}.${payload}.${signaturePart}`, trusted),
      "signature-invalid",
    );
  });

  it("when it has no algorithm", async () => {
    for (const alg of ["none", "None", "NONE", "", null, undefined]) {
      const unsigned = `${encode(JSON.stringify({ ...header, alg }))}.${payloadPart}.`;
      assert.equal(await refusalOf(type, unsigned, trusted), "statement-malformed");
      assert.equal(await refusalOf(type, `${unsigned}AA`, trusted), "signature-invalid");
    }
  });

  it("when it is a HMAC with the public key as the secret", async () => {
    const publicKey = createPublicKey({ key: { ...key.publicJwk }, format: "jwk" });
    const secrets = [
      Buffer.from(key.publicJwk.x ?? "", "base64url"),
      Buffer.from(key.publicJwk.x ?? ""),
      publicKey.export({ format: "der", type: "spki" }),
      publicKey.export({ format: "pem", type: "spki" }),
      Buffer.from(JSON.stringify(key.publicJwk)),
    ];
    for (const secret of secrets) {
      for (const alg of ["HS256", "Ed25519"]) {
        const signed = `${encode(JSON.stringify({ ...header, alg }))}.${payloadPart}`;
        const mac = createHmac("sha256", secret).update(signed).digest();
        assert.equal(await refusalOf(type, `${signed}.${encode(mac)}`, trusted), "signature-invalid");
      }
    }
  });

  it("when the algorithm is another, also another name of this one", async () => {
    for (const alg of ["EdDSA", "ed25519", "Ed448", "ES256", "RS256", ["Ed25519"], 1]) {
      assert.equal(
        await refusalOf(type, forge({ ...header, alg }, publisherPayload, key), trusted),
        "signature-invalid",
      );
    }
  });

  it("when somebody else signed it, whatever the header says of keys", async () => {
    assert.equal(
      await refusalOf(type, forge(header, publisherPayload, attacker), trusted),
      "signature-invalid",
    );
    assert.equal(
      await refusalOf(type, forge({ ...header, kid: attacker.kid }, publisherPayload, attacker), trusted),
      "key-unknown",
    );
    const claims = [
      { jwk: attacker.publicJwk },
      { jku: "https://evil.com/keys.json" },
      { x5c: ["MIIB"] },
      { x5u: "https://evil.com/cert.pem" },
      { x5t: "x" },
      { "x5t#S256": "x" },
    ];
    for (const claim of claims) {
      for (const kid of [key.kid, attacker.kid]) {
        const forged = forge({ ...header, kid, ...claim }, publisherPayload, attacker);
        assert.equal(await refusalOf(type, forged, trusted), "statement-malformed");
      }
    }
  });

  it("when its key is that of another publisher, or no key is given", async () => {
    assert.equal(await refusalOf(type, jws, [attacker.publicJwk]), "key-unknown");
    assert.equal(await refusalOf(type, jws, []), "key-unknown");
  });

  it("when the key is not named by its thumbprint", async () => {
    for (const kid of [
      undefined,
      "",
      "key-1",
      key.publicJwk.x,
      ` ${key.kid}`,
      `${key.kid}=`,
      0,
      [key.kid],
      { toString: "x" },
      null,
    ]) {
      assert.equal(
        await refusalOf(type, forge({ ...header, kid }, publisherPayload, key), trusted),
        "key-unknown",
      );
    }
    const named: JWK[] = [{ ...key.publicJwk, kid: "key-1" }];
    assert.equal(
      await refusalOf(type, forge({ ...header, kid: "key-1" }, publisherPayload, key), named),
      "key-unknown",
    );
  });

  it("when its type is missing or only similar", async () => {
    for (const typ of [
      undefined,
      "",
      "JWT",
      "JOSE",
      type.toUpperCase(),
      `application/${type}`,
      `${type} `,
      [type],
      "plugboard-receipt+jws",
    ]) {
      assert.equal(
        await refusalOf(type, forge({ ...header, typ }, publisherPayload, key), trusted),
        "statement-wrong-type",
      );
    }
  });

  it("when the header says anything else: critical extensions, unencoded payload, content type, …", async () => {
    for (const more of [
      { crit: ["x"], x: 1 },
      { crit: [] },
      { crit: ["b64"], b64: false },
      { b64: false },
      { b64: true },
      { cty: "JWT" },
      { zip: "DEF" },
      { enc: "A256GCM" },
      { iat: 1 },
      { "": 1 },
    ]) {
      assert.equal(
        await refusalOf(type, forge({ ...header, ...more }, publisherPayload, key), trusted),
        "statement-malformed",
      );
    }
  });

  it("when its payload is not encoded (RFC 7797)", async () => {
    const text = JSON.stringify(publisherPayload);
    const unencodedHeader = encode(JSON.stringify({ ...header, crit: ["b64"], b64: false }));
    assert.equal(
      await refusalOf(type, `${unencodedHeader}.${text}.${signaturePart}`, trusted),
      "statement-malformed",
    );
    assert.equal(await refusalOf(type, `${headerPart}..${signaturePart}`, trusted), "statement-malformed");
  });

  it("when a name stands twice in the header", async () => {
    for (const text of [
      `{"alg":"none","alg":"Ed25519","kid":"${key.kid}","typ":"${type}"}`,
      `{"alg":"Ed25519","kid":"x","kid":"${key.kid}","typ":"${type}"}`,
      `{"alg":"Ed25519","kid":"${key.kid}","typ":"JWT","\\u0074yp":"${type}"}`,
      `{"__proto__":{"alg":"none"},"alg":"Ed25519","kid":"${key.kid}","typ":"${type}"}`,
    ]) {
      assert.equal(await refusalOf(type, forge(text, publisherPayload, key), trusted), "statement-malformed");
    }
  });

  it("when a name stands twice in the payload, at any depth", async () => {
    const text = JSON.stringify(publisherPayload);
    for (const odd of [
      text.replace('"version"', '"version":"0.0.1","version"'),
      text.replace('"version"', '"versio\\u006e":"0.0.1","version"'),
      text.replace('"hosts"', '"hosts":["evil.com"],"hosts"'),
      text.replace('"version"', '"__proto__":{},"version"'),
    ]) {
      assert.notEqual(odd, text);
      assert.equal(await refusalOf(type, forge(header, odd, key), trusted), "statement-malformed");
    }
  });

  it("when its payload is not a JSON object in UTF-8", async () => {
    const utf16 = Buffer.from(JSON.stringify(publisherPayload), "utf16le");
    const latin1 = Buffer.from('{"id":"\u00e9"}', "latin1");
    const bom = Buffer.from(`\ufeff${JSON.stringify(publisherPayload)}`);
    for (const payload of [
      "x",
      "[]",
      '"x"',
      "null",
      "1",
      "{",
      "{} {}",
      "// \n{}",
      "{'a':1}",
      '{"a":1,}',
      utf16,
      latin1,
      bom,
    ]) {
      assert.equal(await refusalOf(type, forge(header, payload, key), trusted), "statement-malformed");
    }
  });

  it("when it is written in another form than compact", async () => {
    const flattened = JSON.stringify({
      protected: headerPart,
      payload: payloadPart,
      signature: signaturePart,
    });
    const general = JSON.stringify({
      payload: payloadPart,
      signatures: [{ protected: headerPart, signature: signaturePart }],
    });
    const others = [
      flattened,
      general,
      "",
      ".",
      "..",
      "...",
      headerPart,
      `${headerPart}.${payloadPart}`,
      `${headerPart}.${payloadPart}.`,
      `${jws}.`,
      `.${jws}`,
      `${jws}.x`,
      `${jws}.${signaturePart}`,
    ];
    for (const other of others)
      assert.equal(await refusalOf(type, other, trusted), "statement-malformed", other.slice(0, 40));
    for (const other of [undefined, null, 1, {}, [jws]]) {
      await assert.rejects(verifyStatement(type, other as unknown as string, trusted), {
        code: "statement-malformed",
      });
    }
  });

  it("when its base64url has another spelling: padding, white space, the other alphabet, spare bits", async () => {
    const replaceLast = (part: string) => {
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      const last = alphabet.indexOf(part.at(-1) ?? "");
      return `${part.slice(0, -1)}${alphabet[last ^ 1]}`;
    };
    assert.deepEqual(
      Buffer.from(replaceLast(signaturePart), "base64url"),
      Buffer.from(signaturePart, "base64url"),
    );
    const standard = signaturePart.replaceAll("-", "+").replaceAll("_", "/");
    for (const other of [
      `${jws}=`,
      `${jws}==`,
      `${headerPart}=.${payloadPart}.${signaturePart}`,
      ` ${jws}`,
      `${jws} `,
      `${jws}\n`,
      `${jws}\0`,
      `${headerPart}.${payloadPart.slice(0, 8)}\n${payloadPart.slice(8)}.${signaturePart}`,
      `${headerPart}.${payloadPart}.${replaceLast(signaturePart)}`,
      ...(standard === signaturePart ? [] : [`${headerPart}.${payloadPart}.${standard}`]),
      `${headerPart}.${payloadPart}.${signaturePart}AAA`,
      jws.replaceAll(".", "。"),
    ]) {
      assert.equal(
        await refusalOf(type, other, trusted),
        "statement-malformed",
        JSON.stringify(other.slice(-40)),
      );
    }
  });

  it("when its signature is malleated: s + L (RFC 8032, 5.1.7), zeros, wrong length", async () => {
    const order = (1n << 252n) + 27742317777372353535851937790883648493n;
    const bytes = Buffer.from(signaturePart, "base64url");
    let s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString("hex")}`) + order;
    const shifted = Buffer.from(bytes);
    for (let index = 32; index < 64; index += 1, s >>= 8n) shifted[index] = Number(s & 255n);
    for (const signature of [
      shifted,
      Buffer.alloc(64),
      bytes.subarray(0, 63),
      Buffer.concat([bytes, bytes]),
    ]) {
      assert.equal(
        await refusalOf(type, `${headerPart}.${payloadPart}.${encode(signature)}`, trusted),
        "signature-invalid",
      );
    }
  });

  it("when the key that is trusted is not an Ed25519 key", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const ec = publicKey.export({ format: "jwk" });
    const signed = `${encode(JSON.stringify(header))}.${payloadPart}`;
    const forged = `${signed}.${encode(sign("sha256", Buffer.from(signed), privateKey))}`;
    await assert.rejects(verifyStatement(type, forged, [{ ...ec } as JWK]), TypeError);
    await assert.rejects(verifyStatement(type, jws, [{ kty: "oct", k: "AAAA" }]), TypeError);
  });

  it("when it is too large", async () => {
    const large = `${headerPart}.${"A".repeat(5 * 1024 * 1024)}.${signaturePart}`;
    assert.equal(await refusalOf(type, large, trusted), "statement-malformed");
    await assert.rejects(
      signStatement(type, { ...publisherPayload, id: "x".repeat(4 * 1024 * 1024) }, key),
      RangeError,
    );
  });

  it("when it is nested without end", async () => {
    const deep = `{"permissions":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
    assert.equal(await refusalOf(type, forge(header, deep, key), trusted), "statement-malformed");
  });

  it("when any of its characters is another", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(jws.length - 1),
        fc.string({ minLength: 1, maxLength: 1 }),
        async (at, character) => {
          const changed = jws.slice(0, at) + character + jws.slice(at + 1);
          if (changed === jws) return;
          await assert.rejects(verifyStatement(type, changed, trusted), TrustError);
        },
      ),
      { numRuns: 500 },
    );
  });
});
