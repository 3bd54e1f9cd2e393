import type { JWK } from "jose";
import type { Permissions } from "../manifest/index.ts";

/** The `typ` of each kind of statement: one can never be passed off as another. */
export const statementTypes = {
  publisher: "plugboard-publisher+jws",
  registry: "plugboard-registry+jws",
  delegation: "plugboard-delegation+jws",
  receipt: "plugboard-receipt+jws",
  claim: "plugboard-claim+jws",
  order: "plugboard-order+jws",
  root: "plugboard-root+jws",
  checkpoint: "plugboard-checkpoint+jws",
  reply: "plugboard-review-reply+jws",
  entitlement: "plugboard-entitlement+jws",
  hostKey: "plugboard-host-key+jws",
  usage: "plugboard-usage+jws",
} as const;

export type StatementType = (typeof statementTypes)[keyof typeof statementTypes];

/**
 * A key whose word counts for statements up to a place in the registry's log. `until` absent: for all there will be.
 * What it signed before stays good, so that keys change without anything having to be signed again.
 */
export type SequencedKey = JWK & { until?: number };

/**
 * A key of the registry's for everyday use. `stolen`: what it signed counts only where a checkpoint of another key
 * says so, since who has it can sign what is dated as they like.
 */
export type OnlineKey = SequencedKey & { stolen?: true };

/**
 * Whom to believe about a registry. Root N+1 is signed by the threshold of N and by its own; the file form is a list of
 * compact JWS over the very same payload.
 */
export interface Root {
  version: number;
  /** Of the root keys, how many have to sign. */
  threshold: number;
  rootKeys: JWK[];
  onlineKeys: OnlineKey[];
  issuedAt: string;
  expiresAt: string;
}

/** The registry's word on what there is up to a place in its log. Digests are lowercase hex SHA-256. */
export interface Checkpoint {
  /** Of the last entry of the log; 0 before the first. */
  seq: number;
  /** Digest of that entry, which names the one before, and so all of them. */
  logHead: string;
  /** Root of the Merkle tree over all plugins' records. */
  indexHash: string;
  /** Of the canonical JSON of the list of what was blocked and revoked. */
  revocationsHash: string;
  rootVersion: number;
  issuedAt: string;
  expiresAt: string;
}

/** What a publisher tells the registry to do with its keys and versions. */
export type OrderAction =
  | { type: "add-key"; key: JWK /** Compact JWS of type claim, signed with that key. */; claim: string }
  | { type: "retire-key"; kid: string }
  | {
      type: "revoke-key";
      kid: string /** The first place in the log that it no longer counts for. */;
      from?: number;
    }
  | { type: "yank" | "unyank"; plugin: string; version: string }
  | {
      type: "deprecate";
      plugin: string /** Absent: all. */;
      version?: string;
      message: string;
      replacement?: string;
    }
  | { type: "undeprecate"; plugin: string; version?: string };

/** An order of a publisher's, signed with one of its keys. It is carried out once. */
export interface Order {
  publisher: string;
  audience: string;
  issuedAt: string;
  /** Random, so that no two orders are the same. */
  nonce: string;
  action: OrderAction;
}

/** A publisher's word on what a package is, to the last file. Digests are lowercase hex. */
export interface PublisherStatement {
  id: string;
  version: string;
  /** Bytes of the tarball. */
  size: number;
  /** Of the tarball. */
  sha512: string;
  files: [path: string, size: number, sha256: string][];
  permissions: Permissions;
  /** Of the bytes of plugin.json. */
  manifestSha512: string;
}

/** The registry's word that it published what a publisher signed. */
export interface RegistryStatement {
  /** Lowercase hex SHA-256 of the publisher's compact JWS. */
  publisherJwsSha256: string;
  id: string;
  version: string;
  /** Its place in the registry's log. */
  seq: number;
  /** ISO 8601, UTC; as all times in statements. */
  publishedAt: string;
  scan: { [name: string]: unknown };
}

/** The registry's word on which keys are a publisher's, and whether its operator vouches for who that is. */
export interface Delegation {
  publisher: string;
  keys: SequencedKey[];
  /** Absent: false. */
  verified?: boolean;
  /** Its place in the registry's log. */
  seq: number;
  issuedAt: string;
}

/** The registry's word that a tenant installed a version under a consent. */
export interface Receipt {
  installId: string;
  tenantId: string;
  plugin: string;
  version: string;
  /** Lowercase hex. */
  tarballSha512: string;
  /** The consent digest. */
  consent: string;
  /** How long the registry's log was by then. */
  seq?: number;
  issuedAt: string;
}

/** Proof that whoever claims a publisher's name holds the key. */
export interface Claim {
  publisher: string;
  audience: string;
  issuedAt: string;
}

/** What a publisher answers to a review of its plugin, or that it takes its answer back; signed with one of its keys. */
export type ReviewReply = {
  publisher: string;
  audience: string;
  issuedAt: string;
  /** The id of the review. */
  review: string;
} & ({ body: string } | { withdraw: true });

/** The registry's word on whether a tenant may run what costs something. Of two, the higher revision counts. */
export interface EntitlementStatement {
  entitlementId: string;
  tenantId: string;
  plugin: string;
  revision: number;
  state: "active" | "ended";
  /** The digest of the prices agreed to. */
  terms: string;
  /** Nothing is owed for what is used under it. */
  trial?: true;
  /** Absent: it does not end by itself. */
  expiresAt?: string;
  /** How long the registry's log was by then. */
  seq: number;
  issuedAt: string;
}

/**
 * That a key is a host's: said by that key itself, or of a new key by the one before it.
 */
export interface HostKeyProof {
  audience: string;
  issuedAt: string;
  /** RFC 7638 thumbprint of the key that it is about. */
  kid: string;
}

/** A host's word on what its tenants have used. Said again it changes nothing. */
export interface UsageReport {
  /** As the registry calls it. */
  host: string;
  audience: string;
  issuedAt: string;
  windows: UsageWindow[];
}

/** How many units of a meter an install used in one hour. */
export interface UsageWindow {
  installId: string;
  meter: string;
  /** Its first moment: a whole hour, UTC. */
  window: string;
  units: number;
}
