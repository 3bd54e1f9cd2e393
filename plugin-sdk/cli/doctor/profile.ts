import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { profilePath, readProfile } from "../keys/index.ts";
import { type Check, failed, messageOf, ok, skipped, warning } from "./check.ts";

export const profileIsPrivate: Check = {
  name: "profile",
  async look({ host: { env } }) {
    const path = profilePath(env);
    try {
      const { keys, logins = [] } = await readProfile(env);
      if (keys.length === 0 && logins.length === 0) return skipped(`nothing is kept in ${path} yet`);
      const folder = dirname(path);
      const { mode } = await stat(folder);
      if (process.platform !== "win32" && (mode & 0o022) !== 0)
        return warning(`others may write to ${folder}`, `Run: chmod 700 '${folder}'`);
      return ok(`${path}, which only you may read: ${keys.length} keys, ${logins.length} logins`);
    } catch (error) {
      return failed(messageOf(error), "The profile is not used as it is.");
    }
  },
};

export const keysAreLocked: Check = {
  name: "keys",
  async look({ host: { env } }) {
    const keys = await readProfile(env).then(
      (profile) => profile.keys,
      () => [],
    );
    if (keys.length === 0) return skipped("no publisher keys are here");
    const open = keys.filter(({ privateKey }) => !privateKey.sealed).map(({ kid }) => kid);
    if (open.length === 0) return ok(`all ${keys.length} are locked with a passphrase`);
    return warning(
      `without a passphrase: ${open.join(", ")}`,
      `Lock each with "plugboard keys passphrase <key>".`,
    );
  },
};
