import { isDeepStrictEqual } from "node:util";
import { fillUrlTemplate, type Manifest, type RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import {
  authDeclaration,
  authMethodOf,
  type CredentialInput,
  type StoredCredential,
} from "../credentials/index.ts";
import type { Install, Installs } from "../plugins/index.ts";
import { checkAuth, checkConfig, checkOwnRequests } from "./check-input.ts";
import { statusAfter } from "./connection-status.ts";
import type { CredentialBox } from "./credential-box.ts";
import { awaitsSettings, toldSettings } from "./fit.ts";
import type { ConnectionPatch, ConnectionRow } from "./queries.ts";

/** What an owner wishes of a connection. */
export interface ConnectionChange {
  name?: string;
  status?: "active" | "inactive";
  config?: Record<string, unknown>;
  auth?: CredentialInput;
  /** Null takes back what was said. */
  requests?: RequestsDeclaration | null;
}

/** What follows from a wish, as long as the connection is as it was. */
export interface PlannedChange {
  install: Install;
  patch: ConnectionPatch;
  /** It was held against the version that the install runs. */
  isOfVersion: boolean;
  isToBeTried: boolean;
}

/** @throws `auth-not-supported`, `credential-invalid`, `connection-config-invalid`, `connection-has-no-credential` */
export async function planChange(
  { installs, box }: { installs: Pick<Installs, "get" | "manifest">; box: CredentialBox },
  before: ConnectionRow,
  wish: ConnectionChange,
): Promise<PlannedChange> {
  const { id, tenant_id: tenantId } = before;
  const install = await installs.get(tenantId, before.install_id);
  const manifest = await installs.manifest(install);
  if (wish.auth) checkAuth(manifest, wish.auth);
  if (wish.requests) checkOwnRequests(manifest, wish.requests);
  const kept = wish.config && withTold(before, manifest, wish.config);
  const tokensGone = wish.auth || !kept ? undefined : await withoutTokens(box, before, manifest, kept);
  const credential = wish.auth ?? tokensGone;
  const method = wish.auth ? authMethodOf(wish.auth) : before.auth_type;
  // What the vendor told, it told of the account that is left: it is to tell anew where the other one is.
  const config = credential ? (wish.config ?? withoutTold(before, manifest, method)) : kept;
  const isOtherMethod = method !== before.auth_type;
  const configAfter = config ?? before.config;
  if (config || isOtherMethod) checkConfig(manifest, configAfter, method);
  const sealed = credential && (await box.seal({ tenantId, id }, credential));
  return {
    install,
    patch: {
      ...(wish.name !== undefined && { name: wish.name }),
      ...(config !== undefined && { config }),
      ...(wish.requests !== undefined && { requests: wish.requests }),
      ...(sealed && { auth_type: method, ...sealed }),
      ...statusAfter(before, {
        status: wish.status,
        credential,
        awaitsSettings: awaitsSettings(manifest, configAfter, method),
      }),
    },
    isOfVersion: wish.auth !== undefined || wish.config !== undefined,
    isToBeTried: credential !== undefined || wish.status !== undefined,
  };
}

/** All that a change is worked out from. */
export function isAsBefore(row: ConnectionRow, before: ConnectionRow): boolean {
  return (
    row.credential_version === before.credential_version &&
    row.status === before.status &&
    row.status_reason === before.status_reason &&
    isDeepStrictEqual(row.config, before.config)
  );
}

/** What the vendor told stays, unless it is said otherwise: nobody could say it again. */
function withTold(
  { config, auth_type }: ConnectionRow,
  manifest: Manifest,
  wished: Record<string, unknown>,
): Record<string, unknown> {
  const told = toldSettings(manifest, auth_type).filter((name) => Object.hasOwn(config, name));
  return { ...Object.fromEntries(told.map((name) => [name, config[name]])), ...wished };
}

/** The settings but for those that the vendor tells with a credential of this kind. */
function withoutTold({ config }: ConnectionRow, manifest: Manifest, method: string): Record<string, unknown> {
  const told = toldSettings(manifest, method);
  return Object.fromEntries(Object.entries(config).filter(([name]) => !told.includes(name)));
}

/** The credential without its tokens, where the settings lead to another place that gives them; undefined if they do not. */
async function withoutTokens(
  box: CredentialBox,
  row: ConnectionRow,
  manifest: Manifest,
  config: Record<string, unknown>,
): Promise<StoredCredential | undefined> {
  const stored = await box.open(row);
  const declared = authDeclaration(manifest, row.auth_type);
  if (stored?.type !== "oauth2" || declared?.type !== "oauth2") return undefined;
  const [before, after] = [row.config, config].map((of) => fillUrlTemplate(declared.tokenUrl, of)?.href);
  if (before === after) return undefined;
  const { tokens: _, ...rest } = stored;
  return rest;
}
