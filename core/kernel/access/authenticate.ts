import { timingSafeEqual } from "node:crypto";
import { hashToken } from "@plugboard/service-kit/crypto";
import { coreError } from "../../errors.ts";
import type { ApiKeys } from "./api-keys.ts";
import type { Access, Identity } from "./identity.ts";
import { coversScope } from "./scopes.ts";

export interface AuthenticateOptions {
  adminKey: string;
  apiKeys: Pick<ApiKeys, "findByHash">;
}

export type Authenticate = (authorization: string | undefined, access: Access) => Promise<Identity>;

/** Turns an `Authorization` header into an identity that satisfies the route's access, or throws 401 / 403. */
export function createAuthenticate({ adminKey, apiKeys }: AuthenticateOptions): Authenticate {
  const adminHash = Buffer.from(hashToken(adminKey));

  /** Comparing digests keeps the comparison constant in time and in length. */
  const isAdmins = (hash: string): boolean => timingSafeEqual(Buffer.from(hash), adminHash);

  return async function authenticate(authorization, access) {
    if (access === "public") return { kind: "anonymous" };
    const hash = hashToken(bearerToken(authorization));
    const identity: Identity = isAdmins(hash) ? { kind: "admin" } : await apiKeys.findByHash(hash);
    if (!satisfies(identity, access)) throw refusal(identity, access);
    return identity;
  };
}

function bearerToken(authorization: string | undefined): string {
  const match = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization ?? "");
  if (match?.[1]) return match[1];
  throw coreError(
    "unauthorized",
    "This request needs an API key: send it as `Authorization: Bearer <API key>`.",
    {},
    { headers: { "WWW-Authenticate": 'Bearer realm="plugboard"' } },
  );
}

function satisfies(identity: Identity, access: Exclude<Access, "public">): boolean {
  if (identity.kind === "admin") return access === "admin" || "orAdmin" in access;
  return identity.kind === "tenant" && access !== "admin" && coversScope(identity.scopes, access.scope);
}

function refusal(identity: Identity, access: Exclude<Access, "public">) {
  if (access === "admin") {
    return coreError(
      "forbidden",
      "Only the admin key may do this. A tenant's API key cannot be given this right.",
    );
  }
  if (identity.kind === "admin") {
    return coreError(
      "forbidden",
      `This acts inside one tenant, so it needs an API key of that tenant with the scope "${access.scope}". The admin key can create one: POST /api/v1/api-keys.`,
    );
  }
  return coreError(
    "forbidden",
    `This API key lacks the scope "${access.scope}". Create a key that has it, or use another one.`,
    { requiredScope: access.scope },
  );
}
