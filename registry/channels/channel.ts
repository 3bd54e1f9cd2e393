import semver from "semver";
import { type Static, Type } from "typebox";

/** How far an install follows its plugin by itself. */
export const UpdateChannel = Type.Union([
  Type.Literal("pinned"),
  Type.Literal("patch"),
  Type.Literal("minor"),
  Type.Literal("latest"),
]);
export type UpdateChannel = Static<typeof UpdateChannel>;

/**
 * The versions that a channel leads to from `current`, as npm reads `~` and `^`: before 1.0.0 each minor version may
 * break. A prerelease only where `current` is one of the same version.
 */
function rangeOf(channel: Exclude<UpdateChannel, "pinned">, current: string): string {
  if (channel === "latest") return `>${current}`;
  // `^0.0.3` is narrower than `~0.0.3`, and the wider channel must lead at least as far.
  return channel === "patch" ? `~${current}` : `~${current} || ^${current}`;
}

/** Whether the channel leads from one version to the other. */
export function leadsTo(channel: UpdateChannel, current: string, version: string): boolean {
  return (
    channel !== "pinned" && isNewer(current, version) && semver.satisfies(version, rangeOf(channel, current))
  );
}

/** Whether whoever has `current` would be shown `version` as newer. */
export function isNewer(current: string, version: string): boolean {
  return semver.gt(version, current) && semver.satisfies(version, rangeOf("latest", current));
}
