import { homedir } from "node:os";
import { join } from "node:path";
import type { JWK } from "jose";
import { Low } from "lowdb";
import type { CliHost } from "../host.ts";
import { PrivateJsonFile } from "./private-json-file.ts";
import type { StoredPrivateKey } from "./stored-private-key.ts";

/** What the command remembers on this machine. Small, local, and may be edited by hand. */
export interface Profile {
  /** The registry to use where neither --registry nor PLUGBOARD_REGISTRY_URL says another. */
  registryUrl?: string;
  /** The newest last. */
  keys: ProfileKey[];
}

export interface ProfileKey {
  publisher: string;
  /** RFC 7638 thumbprint of the public key. */
  kid: string;
  publicJwk: JWK;
  createdAt: string;
  privateKey: StoredPrivateKey;
}

/** `profile.json` in PLUGBOARD_HOME, else in plugboard/ of the XDG configuration folder. */
export function profilePath(env: CliHost["env"]): string {
  const configHome = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), ".config");
  return join(env.PLUGBOARD_HOME || join(configHome, "plugboard"), "profile.json");
}

export async function openProfile(env: CliHost["env"]): Promise<Low<Profile>> {
  const profile = new Low<Profile>(new PrivateJsonFile(profilePath(env)), { keys: [] });
  await profile.read();
  return profile;
}
