import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import {
  type SigningKeyPair,
  type StatementType,
  TrustError,
  verifyStatement,
} from "@plugboard/plugin-sdk/trust";
import type { JWK } from "jose";

export const publisherPayload = {
  id: "acme/shop",
  version: "1.2.3",
  size: 318,
  sha512: "ab".repeat(64),
  files: [["plugin.json", 198, "cd".repeat(32)]],
  permissions: { network: [{ hosts: ["api.acme.com"], methods: ["GET"], reason: "Call" }] },
  manifestSha512: "ef".repeat(64),
};

export function encode(text: string | Uint8Array): string {
  return Buffer.from(text).toString("base64url");
}

/** Signs header and payload, as texts, with the key: what an attacker who has a key can make. */
export function forge(
  header: string | object,
  payload: string | object | Uint8Array,
  key: SigningKeyPair,
): string {
  const signed = `${encode(asText(header))}.${encode(payload instanceof Uint8Array ? payload : asText(payload))}`;
  const privateKey = createPrivateKey({ key: { ...key.privateJwk }, format: "jwk" });
  return `${signed}.${encode(sign(null, Buffer.from(signed), privateKey))}`;
}

function asText(value: string | object): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Verifies what must not verify. */
export async function refusalOf(type: StatementType, jws: string, keys: JWK[]): Promise<string> {
  const error: unknown = await verifyStatement(type, jws, keys).then(
    () => assert.fail("the statement was believed"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof TrustError)) throw error;
  return error.code;
}
