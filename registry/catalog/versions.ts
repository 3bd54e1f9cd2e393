import semver from "semver";

/** Newest first, by semver precedence. */
export function newestFirst(versions: string[]): string[] {
  return semver.rsort([...versions]);
}

/** Whether ranges may choose it: yanked and blocked versions are for those who have them. */
export function isOffered(version: { yanked_at: Date | null; block: unknown }): boolean {
  return version.yanked_at === null && version.block === null;
}

/**
 * The highest version that satisfies the range; a prerelease only where the range itself names a prerelease of
 * the same version (semver's own rule).
 */
export function chooseVersion(versions: string[], range: string): string | undefined {
  return semver.maxSatisfying(versions, range) ?? undefined;
}

/** As `chooseVersion` has it. */
export function isWithin(version: string, range: string): boolean {
  return semver.satisfies(version, range);
}

/** The highest stable version; of a plugin that has none yet, the highest prerelease. */
export function latestVersion(versions: string[]): string | undefined {
  return chooseVersion(versions, "*") ?? newestFirst(versions)[0];
}

/** The one version that the range means, if it names one and no more. */
export function pinnedVersion(range: string): string | undefined {
  return semver.valid(range) ?? undefined;
}

export function isRange(text: string): boolean {
  return semver.validRange(text) !== null;
}
