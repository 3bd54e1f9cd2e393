import {
  generateSigningKey,
  type HostKeyProof,
  publicPart,
  signStatement,
  statementTypes,
} from "@plugboard/plugin-sdk/trust";
import type { RegistryClient } from "@plugboard/registry/client";
import { generateDataKey, type KeyManagement, open, seal } from "@plugboard/service-kit/crypto";
import type { JWK } from "jose";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import * as queries from "./queries.ts";

/** Where what a host signs is meant for. */
export const registryAudience = "plugboard-registry";

/**
 * The key by which the registry knows this host, however often its token changes. All processes over one database are
 * one host, and share it.
 */
export interface HostKey {
  /** What to sign with, and what the registry calls this host: shown to it before, by this process. */
  signer(): Promise<HostSigner>;
  /** Shows the key to the registry, together with the token; at first makes it. @throws RegistryProblem, RegistryUnavailable */
  announce(): Promise<HostSigner>;
  /** Puts a new key in the place of the one in use, which the registry takes for another day. Again where it was cut off, it goes on. */
  rotate(): Promise<{ kid: string }>;
}

export interface HostSigner {
  hostId: string;
  kid: string;
  privateJwk: JWK;
}

interface OpenKey {
  kid: string;
  privateJwk: JWK;
}

export function createHostKey(options: {
  db: Kysely<CoreDatabase>;
  keys: KeyManagement;
  registry: Pick<RegistryClient, "announceHost">;
  now: () => number;
}): HostKey {
  const { db, keys, registry, now } = options;
  let announced: { hostId: string; kid: string } | undefined;

  /** Several processes make one at the same time, and all take the one that stands. */
  async function keyOf(state: "current" | "next"): Promise<OpenKey> {
    const row = await queries.findKey(db, state);
    if (row) return openKey(row);
    const { kid, privateJwk } = await generateSigningKey();
    const dataKey = generateDataKey();
    await queries.insertKey(db, {
      kid,
      state,
      wrapped_data_key: await keys.wrap(dataKey),
      sealed_private_jwk: seal(dataKey, JSON.stringify(privateJwk), purposeOf(kid)),
    });
    return keyOf(state);
  }

  async function openKey({
    kid,
    wrapped_data_key,
    sealed_private_jwk,
  }: queries.HostKeyRow): Promise<OpenKey> {
    const dataKey = await keys.unwrap(wrapped_data_key);
    const privateJwk = open(dataKey, sealed_private_jwk, purposeOf(kid)).toString("utf8");
    return { kid, privateJwk: JSON.parse(privateJwk) as JWK };
  }

  function prove(kid: string, by: OpenKey): Promise<string> {
    const issuedAt = new Date(now()).toISOString();
    const proof: HostKeyProof = { audience: registryAudience, issuedAt, kid };
    return signStatement(statementTypes.hostKey, proof, by);
  }

  async function show(key: OpenKey, before?: OpenKey): Promise<HostSigner> {
    const { hostId } = await registry.announceHost({
      key: publicPart(key.privateJwk),
      claim: await prove(key.kid, key),
      ...(before && { vouch: await prove(key.kid, before) }),
    });
    return { hostId, ...key };
  }

  async function announce(): Promise<HostSigner> {
    const signer = await show(await keyOf("current"));
    announced = { hostId: signer.hostId, kid: signer.kid };
    return signer;
  }

  return {
    announce,
    async signer() {
      const key = await keyOf("current");
      // Another process may have changed it.
      return announced?.kid === key.kid ? { ...key, hostId: announced.hostId } : announce();
    },
    async rotate() {
      const before = await keyOf("current");
      // A registry that does not know the present key yet cannot take its word for another one.
      await show(before);
      const next = await keyOf("next");
      await show(next, before);
      await queries.succeed(db, next.kid);
      return { kid: next.kid };
    },
  };
}

/** What the sealed key is bound to. */
function purposeOf(kid: string): string {
  return `host-signing-key:${kid}`;
}
