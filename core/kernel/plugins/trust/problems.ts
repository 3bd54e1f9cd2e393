import { TrustError } from "@plugboard/plugin-sdk/trust";
import { httpErrors } from "@plugboard/service-kit/http";
import { coreError } from "../../../errors.ts";

/** What callers and installers of a version get that the registry has blocked. */
export function releaseBlocked({ plugin, version }: { plugin: string; version: string }, reason: string) {
  return coreError(
    "release-blocked",
    `The registry has blocked ${plugin} ${version}, so it is neither installed nor run: ${reason} Move the install to another version.`,
    { plugin, version, reason },
  );
}

export function notTrusted(why: string, cause?: unknown) {
  return coreError("registry-not-trusted", `The registry is not believed: ${why}`, {}, { cause });
}

export function registryStale(what: "root" | "checkpoint", expiresAt: string) {
  return coreError(
    "registry-stale",
    `The registry's ${what} ran out at ${expiresAt}, so nothing new is taken from it. What is installed keeps running. Whoever runs the registry has to see why it is not renewed.`,
  );
}

/** What somebody gave as a checkpoint of this host's registry, and none of its keys signed. */
export function notOfThisRegistry(error: unknown): unknown {
  if (!(error instanceof TrustError)) return error;
  const problems = [{ in: "body", pointer: "/checkpoint", message: error.message }];
  return httpErrors.error("invalid-request", `This is no checkpoint of this registry: ${error.message}`, {
    problems,
  });
}
