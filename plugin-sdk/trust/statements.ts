import type { JWK } from "jose";
import type { Permissions } from "../manifest/index.ts";

/** The `typ` of each kind of statement: one can never be passed off as another. */
export const statementTypes = {
  publisher: "plugboard-publisher+jws",
  registry: "plugboard-registry+jws",
  delegation: "plugboard-delegation+jws",
  receipt: "plugboard-receipt+jws",
  claim: "plugboard-claim+jws",
} as const;

export type StatementType = (typeof statementTypes)[keyof typeof statementTypes];

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
  seq: number;
  /** ISO 8601, UTC; as all times in statements. */
  publishedAt: string;
  scan: { [name: string]: unknown };
}

/** The registry's word on which keys are a publisher's, and whether its operator vouches for who that is. */
export interface Delegation {
  publisher: string;
  keys: JWK[];
  /** Absent: false. */
  verified?: boolean;
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
  issuedAt: string;
}

/** Proof that whoever claims a publisher's name holds the key. */
export interface Claim {
  publisher: string;
  audience: string;
  issuedAt: string;
}
