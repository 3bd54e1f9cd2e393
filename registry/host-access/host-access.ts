import { hashToken, newId, sameToken, secretToken } from "@plugboard/service-kit/crypto";
import type { RequestHead } from "@plugboard/service-kit/http";
import { bearerOf } from "../bearer.ts";
import { registryError } from "../errors.ts";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

/** The host in the registry's own process, or whoever has the token that the registry was started with. */
const defaultHost = "default";

/** Who shows a host's token. */
export interface HostIdentity {
  /** What the operator calls it: whose tenants it may speak for. */
  host: string;
  /** Tells one token from another, and gives none of it away. */
  caller: string;
}

export interface HostToken {
  id: string;
  /** Its beginning, by which a person tells tokens apart. */
  prefix: string;
  createdAt: string;
  revokedAt: string | null;
}

/** Which hosts are let in. Each has a name that stays, and tokens that change. */
export interface HostAccess {
  /** The host whose token a request shows, if it shows one. */
  recognise(request: Pick<RequestHead, "headers">): Promise<HostIdentity | undefined>;
  /** Lets a host in. @returns its first token, which is shown this once. @throws `host-name-taken` */
  add(name: string): Promise<{ name: string; id: string; token: string }>;
  /** Another token, to change to while the one before still counts. @throws `host-not-found` */
  addToken(name: string): Promise<{ name: string; id: string; token: string }>;
  /** From now on. @throws `host-token-not-found` */
  revokeToken(name: string, id: string): Promise<void>;
  list(): Promise<{ name: string; createdAt: string; tokens: HostToken[] }[]>;
}

/** @param ownTokens let the default host in; they stand in no database */
export function createHostAccess({
  db,
  ownTokens,
  now,
}: {
  db: RegistryDatabase;
  ownTokens: string[];
  now: () => Date;
}): HostAccess {
  async function makeToken(on: RegistryDatabase, name: string) {
    const { token, prefixShown, hash } = secretToken("pbh_");
    const id = newId("hat");
    await queries.insertToken(on, { id, host: name, hash, prefix: prefixShown, created_at: now() });
    return { name, id, token };
  }

  return {
    async recognise(request) {
      const given = bearerOf(request);
      if (given === undefined) return undefined;
      const hash = hashToken(given);
      const caller = hash.slice(0, 16);
      // Every token is compared, so that the time tells nothing of which one matched.
      if (ownTokens.map((token) => sameToken(given, token)).includes(true)) {
        return { host: defaultHost, caller };
      }
      const host = await queries.findHostByToken(db, hash);
      return host === undefined ? undefined : { host, caller };
    },

    async add(name) {
      return db.transaction().execute(async (transaction) => {
        if (await queries.insertHost(transaction, name, now())) return makeToken(transaction, name);
        const detail = `There is a host "${name}" already. Give it a further token, or choose another name.`;
        throw registryError("host-name-taken", detail);
      });
    },

    async addToken(name) {
      if (!(await queries.findHost(db, name))) throw hostNotFound(name);
      return makeToken(db, name);
    },

    async revokeToken(name, id) {
      if (await queries.revokeToken(db, name, id, now())) return;
      throw registryError("host-token-not-found", `The host "${name}" has no token "${id}".`);
    },

    async list() {
      const tokens = Map.groupBy(await queries.listTokens(db), ({ host }) => host);
      return (await queries.listHosts(db)).map(({ name, created_at }) => ({
        name,
        createdAt: created_at.toISOString(),
        tokens: (tokens.get(name) ?? []).map((token) => ({
          id: token.id,
          prefix: token.prefix,
          createdAt: token.created_at.toISOString(),
          revokedAt: token.revoked_at?.toISOString() ?? null,
        })),
      }));
    },
  };
}

export function hostNotFound(name: string) {
  return registryError("host-not-found", `The registry knows no host "${name}".`);
}
