import { homedir } from "node:os";
import { join } from "node:path";
import type { JWK } from "jose";
import { Low } from "lowdb";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { PrivateJsonFile } from "./private-json-file.ts";
import type { StoredPrivateKey } from "./stored-private-key.ts";

/** What the command remembers on this machine. Small, local, and may be edited by hand. */
export interface Profile {
  /** The registry to use where neither --registry nor PLUGBOARD_REGISTRY_URL says another. */
  registryUrl?: string;
  /** The host to use where neither --host nor PLUGBOARD_HOST_URL says another. */
  hostUrl?: string;
  /** The newest last. */
  keys: ProfileKey[];
  /** What `login` kept, one for each registry and host: a token is sent to the address it is for and to no other. */
  logins?: Login[];
}

export interface ProfileKey {
  publisher: string;
  /** RFC 7638 thumbprint of the public key. */
  kid: string;
  publicJwk: JWK;
  createdAt: string;
  privateKey: StoredPrivateKey;
}

export interface Login {
  /** `account`: a token of an account at a registry; `api-key`: a tenant's key at a host. */
  kind: "account" | "api-key";
  /** As `normalUrl` has it. */
  url: string;
  secret: string;
  /** Of the token, where it is known: what it is revoked by. */
  tokenId?: string;
}

/** `profile.json` in PLUGBOARD_HOME, else in plugboard/ of the XDG configuration folder. */
export function profilePath(env: CliHost["env"]): string {
  const configHome = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config");
  return join(env.PLUGBOARD_HOME || join(configHome, "plugboard"), "profile.json");
}

/** The profile as it is now. @throws {CliFailure} when others may read it, or it is none */
export async function readProfile(env: CliHost["env"]): Promise<Profile> {
  return (await open(env)).data;
}

/** Changes the profile as it is at this moment: questions are to be asked before. */
export async function changeProfile(env: CliHost["env"], change: (profile: Profile) => void): Promise<void> {
  await (await open(env)).update(change);
}

async function open(env: CliHost["env"]): Promise<Low<Profile>> {
  const profile = new Low<Profile>(new PrivateJsonFile(profilePath(env)), { keys: [] });
  await profile.read();
  if (!isProfile(profile.data))
    throw new CliFailure(
      "profile-malformed",
      `${profilePath(env)} is not a profile; expected an object with a list of "keys". Repair or remove it.`,
    );
  return profile;
}

function isProfile(data: unknown): data is Profile {
  if (typeof data !== "object" || data === null) return false;
  const { keys, logins = [] } = data as Partial<Profile>;
  return Array.isArray(keys) && keys.every(isKey) && Array.isArray(logins) && logins.every(isLogin);
}

function isKey(key: Partial<ProfileKey> | null): boolean {
  return (
    typeof key?.publisher === "string" && typeof key.kid === "string" && typeof key.privateKey === "object"
  );
}

function isLogin(login: Partial<Login> | null): boolean {
  return typeof login?.url === "string" && typeof login.secret === "string";
}
