import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { type ProfileKey, readProfile } from "./profile.ts";

/** @param name a publisher, for its newest key, or a key's id. @throws {CliFailure} when there is none */
export async function findKey(host: CliHost, name: string): Promise<ProfileKey> {
  const { keys } = await readProfile(host.env);
  const key = keys.findLast(({ publisher, kid }) => publisher === name || kid === name);
  if (key) return key;
  throw new CliFailure(
    "key-missing",
    `There is no key "${name}". See "plugboard keys list" for those there are.`,
  );
}
