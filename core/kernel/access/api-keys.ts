import { newId, secretToken } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import { coreError } from "../../errors.ts";
import type { CoreDatabase } from "../../tables.ts";
import { type Changes, createCachedLookup } from "../changes/index.ts";
import type { PageRequest } from "../paging.ts";
import { holdTenant } from "./hold-tenant.ts";
import type { TenantIdentity } from "./identity.ts";
import * as queries from "./queries.ts";
import { coversScope, grantableScopes } from "./scopes.ts";

/** An API key as its owner sees it: never the key itself, only its first characters. */
export interface ApiKey {
  id: string;
  tenantId: string;
  name: string;
  prefix: string;
  scopes: string[];
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
}

export interface NewApiKey {
  tenantId: string;
  name: string;
  scopes: string[];
  expiresAt: Date | null;
  /** The key that asks; it never creates one that may do more, or for longer. `undefined` for the operator. */
  creator: Pick<TenantIdentity, "scopes" | "expiresAt"> | undefined;
}

export interface ApiKeys {
  /** Creates a key. `key` is the secret, shown in this answer and never again. @throws `tenant-not-found` */
  create(input: NewApiKey): Promise<ApiKey & { key: string }>;
  list(tenantId: string, page: PageRequest): Promise<ApiKey[]>;
  /** Ends a key at once, on every host. Revoking twice is no error. @throws `api-key-not-found` */
  revoke(tenantId: string, id: string): Promise<ApiKey>;
  /** @throws `unauthorized` when there is no key with this SHA-256, or it expired or was revoked */
  findByHash(hash: string): Promise<TenantIdentity>;
}

/** What every key starts with, so that secret scanners and people recognise one. */
const tokenPrefix = "pbk_";

const lastExpiry = new Date("9999-12-31T23:59:59.999Z");

export function createApiKeys(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  now?: () => Date;
}): ApiKeys {
  const { db, changes, now = () => new Date() } = options;
  const byHash = createCachedLookup({
    changes,
    topic: "api-key",
    load: (hash) => queries.findApiKeyByHash(db, hash),
    changeKey: (row) => row.id,
  });

  return {
    async create({ tenantId, name, scopes, expiresAt, creator }) {
      refuseUnknownScopes(scopes);
      refuseUnusableExpiry(expiresAt, now());
      if (creator) {
        refuseWiderScopes(scopes, creator.scopes);
        refuseLongerLife(expiresAt, creator.expiresAt);
      }
      const secret = secretToken(tokenPrefix);
      const row = await db.transaction().execute(async (tx) => {
        await holdTenant(tx, tenantId);
        return queries.insertApiKey(tx, {
          id: newId("key"),
          tenant_id: tenantId,
          name,
          prefix: secret.prefixShown,
          hash: secret.hash,
          scopes: [...new Set(scopes)],
          expires_at: expiresAt,
        });
      });
      return { ...toApiKey(row), key: secret.token };
    },

    async list(tenantId, page) {
      return (await queries.listApiKeys(db, tenantId, page)).map(toApiKey);
    },

    async revoke(tenantId, id) {
      const row = await changes.transaction(db, async (tx, announce) => {
        const revoked = await queries.revokeApiKey(tx, tenantId, id);
        if (revoked) await announce("api-key", id);
        return revoked;
      });
      if (!row) throw coreError("api-key-not-found", `This tenant has no API key "${id}".`);
      return toApiKey(row);
    },

    async findByHash(hash) {
      const row = await byHash.get(hash);
      if (!row) throw coreError("unauthorized", "This API key is not known. Check that it was copied whole.");
      if (row.revoked_at) throw coreError("unauthorized", "This API key was revoked. Create a new one.");
      if (row.expires_at && row.expires_at <= now()) {
        throw coreError(
          "unauthorized",
          `This API key expired at ${row.expires_at.toISOString()}. Create a new one.`,
        );
      }
      return {
        kind: "tenant",
        tenantId: row.tenant_id,
        keyId: row.id,
        scopes: row.scopes,
        expiresAt: row.expires_at,
      };
    },
  };
}

function refuseUnknownScopes(scopes: string[]): void {
  const problems = scopes.flatMap((scope, index) =>
    grantableScopes.includes(scope)
      ? []
      : [
          {
            pointer: `/scopes/${index}`,
            message: `"${scope}" is not a scope; expected one of ${grantableScopes.join(", ")}`,
          },
        ],
  );
  if (problems.length === 0) return;
  throw coreError("invalid-request", "The key asks for scopes that do not exist.", { problems });
}

function refuseWiderScopes(scopes: string[], creatorScopes: readonly string[]): void {
  const wider = scopes.filter((scope) => !coversScope(creatorScopes, scope));
  if (wider.length === 0) return;
  throw coreError(
    "forbidden",
    `A key can only create keys that may do as much as itself; this one lacks ${wider.join(", ")}.`,
  );
}

/** RFC 3339 writes more than there is: leap seconds, which a Date has not, and offsets that lead into the year 10000. */
function refuseUnusableExpiry(expiresAt: Date | null, now: Date): void {
  if (!expiresAt || (expiresAt > now && expiresAt <= lastExpiry)) return;
  const expected = `a time after ${now.toISOString()} and not after ${lastExpiry.toISOString()}, without leap seconds`;
  const wrong = expiresAt <= now ? "lies in the past" : "is not a time that a key can end at";
  throw coreError("invalid-request", `"expiresAt" ${wrong}; give ${expected}.`, {
    problems: [{ pointer: "/expiresAt", message: `must be ${expected}` }],
  });
}

/** A key that ends must not live on in the keys it made. */
function refuseLongerLife(expiresAt: Date | null, creatorExpiresAt: Date | null): void {
  if (!creatorExpiresAt || (expiresAt && expiresAt <= creatorExpiresAt)) return;
  throw coreError(
    "forbidden",
    `A key can only create keys that live no longer than itself; give an "expiresAt" up to ${creatorExpiresAt.toISOString()}.`,
  );
}

function toApiKey(row: Awaited<ReturnType<typeof queries.insertApiKey>>): ApiKey {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}
