import { type HostKeyProof, publicPart, statementTypes, thumbprint } from "@plugboard/plugin-sdk/trust";
import { newId } from "@plugboard/service-kit/crypto";
import { decodeProtectedHeader, type JWK } from "jose";
import { registryError } from "../errors.ts";
import type { RegistryDatabase } from "../tables.ts";
import { verifySigned } from "../trust/index.ts";
import * as queries from "./queries.ts";

const registryAudience = "plugboard-registry";
/** How far the clocks of host and registry may be apart, and how long what a host signed may lie about. */
const toleranceMs = 10 * 60 * 1000;
/** How long the key before counts on, for what was signed with it and is still on its way. */
const overlapMs = 24 * 60 * 60 * 1000;

/** A host, and which of its keys it spoke with. */
export interface KnownHost {
  hostId: string;
  kid: string;
  key: JWK;
  /** Every token that it has shown, as `Identity.caller`. */
  tokens: string[];
}

/**
 * The hosts that sign what they say. A token lets any of them in, and changes; what makes a host the same as before is
 * its key.
 */
export interface Hosts {
  /**
   * A host shows its key under its token. An unknown key is a new host's, unless the key before it vouches for it; that
   * one then counts for another day.
   *
   * @throws `host-proof-invalid`, `host-key-unknown`, `signature-invalid`, `statement-wrong-type`, `statement-malformed`
   */
  announce(
    caller: string,
    shown: { key: JWK; claim: string; vouch?: string | undefined },
  ): Promise<{ hostId: string }>;
  /** Whose key a statement says it is by; nothing is verified yet. @throws `host-key-unknown` unless it came with a token of that host's */
  find(caller: string, jws: string): Promise<KnownHost>;
  /** @throws `host-proof-invalid` unless a statement is for this registry and was signed about now */
  requireFresh(statement: { audience: string; issuedAt: string }): void;
  /** A key that was stolen: it counts for nothing from now on. @throws `host-key-not-found` */
  endKey(hostId: string, kid: string): Promise<{ kid: string; createdAt: string; endsAt: string }>;
}

export function createHosts({ db, now }: { db: RegistryDatabase; now: () => Date }): Hosts {
  function counts({ ends_at }: queries.HostKeyRow): boolean {
    return ends_at === null || ends_at > now();
  }

  function requireFresh({ audience, issuedAt }: { audience: string; issuedAt: string }): void {
    if (audience !== registryAudience) {
      throw registryError(
        "host-proof-invalid",
        `It is meant for "${audience}", not for "${registryAudience}".`,
      );
    }
    if (Math.abs(now().getTime() - Date.parse(issuedAt)) <= toleranceMs) return;
    throw registryError("host-proof-invalid", "It was not signed within the last ten minutes. Sign it anew.");
  }

  async function verifyProof(jws: string, by: JWK, kid: string): Promise<void> {
    const proof = await verifySigned<HostKeyProof>(statementTypes.hostKey, jws, [by], "host-key-unknown");
    requireFresh(proof);
    if (proof.kid === kid) return;
    throw registryError("host-proof-invalid", `It is about the key ${proof.kid}, not about ${kid}.`);
  }

  /** Only the key in use makes another one: who stole one that is on its way out makes none. */
  async function heirOf(transaction: RegistryDatabase, vouch: string, kid: string): Promise<string> {
    const before = await queries.lockKey(transaction, kidOf(vouch));
    if (!before || before.ends_at !== null) throw unknownKey();
    await verifyProof(vouch, before.public_jwk, kid);
    await queries.endKey(transaction, before.kid, new Date(now().getTime() + overlapMs));
    return before.host_id;
  }

  async function newHost(transaction: RegistryDatabase): Promise<string> {
    const id = newId("hst");
    await queries.insertHost(transaction, id, now());
    return id;
  }

  async function announce(caller: string, { key, claim, vouch }: Parameters<Hosts["announce"]>[1]) {
    const publicJwk = publicPart(key);
    const kid = await thumbprint(publicJwk);
    await verifyProof(claim, publicJwk, kid);
    const hostId = await db.transaction().execute(async (transaction) => {
      // Several processes of one host show its first key at the same time.
      await queries.holdKey(transaction, kid);
      const known = await queries.findKey(transaction, kid);
      if (known && !counts(known)) throw unknownKey();
      let id = known?.host_id;
      if (id === undefined) {
        id = vouch === undefined ? await newHost(transaction) : await heirOf(transaction, vouch, kid);
        await queries.insertKey(transaction, { kid, hostId: id, publicJwk, at: now() });
      }
      await queries.rememberToken(transaction, { caller, host_id: id, created_at: now() });
      return id;
    });
    return { hostId };
  }

  return {
    announce,
    requireFresh,

    async find(caller, jws) {
      const row = await queries.findKey(db, kidOf(jws));
      if (!row || !counts(row)) throw unknownKey();
      const tokens = await queries.tokensOf(db, row.host_id);
      // Whoever got hold of another host's report cannot send it in its own name.
      if (!tokens.includes(caller)) throw unknownKey();
      return { hostId: row.host_id, kid: row.kid, key: row.public_jwk, tokens };
    },

    async endKey(hostId, kid) {
      const row = await queries.findKey(db, kid);
      if (row?.host_id !== hostId)
        throw registryError("host-key-not-found", `The host ${hostId} has no key ${kid}.`);
      await queries.endKey(db, kid, now());
      const ended = await queries.findKey(db, kid);
      const endsAt = (ended?.ends_at ?? now()).toISOString();
      return { kid, createdAt: row.created_at.toISOString(), endsAt };
    },
  };
}

function kidOf(jws: string): string {
  try {
    return decodeProtectedHeader(jws).kid ?? "";
  } catch (cause) {
    throw registryError("statement-malformed", "The statement is not a compact JWS.", {}, { cause });
  }
}

function unknownKey() {
  return registryError(
    "host-key-unknown",
    "No host has announced this key with this token, or the key has ended.",
  );
}
