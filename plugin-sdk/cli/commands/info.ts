import type { Command } from "commander";
import type { Permissions } from "../../manifest/index.ts";
import { addExamples } from "../examples.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { withRegistry } from "../options.ts";
import { describePermissions } from "../permissions.ts";
import { unbroken } from "../printable.ts";
import { type Listing, openRegistry } from "../registry/index.ts";
import { reportOf } from "../report.ts";
import { parseTarget } from "../target.ts";

const shownVersions = 10;

export function addInfoCommand(program: Command, host: CliHost): void {
  const info = withRegistry(program.command("info"))
    .description("show a plugin, or one version of it: what it offers, what it asks for, what became of it")
    .argument("<publisher/name[@range]>", "the latest version, or the highest that satisfies the range")
    .action(async (named: string, options: { registry?: string }, command: Command) => {
      const report = reportOf(host, command);
      const target = parseTarget(named);
      const registry = await openRegistry(host, options.registry);
      const listing = await registry.getPlugin(target.plugin);
      const version = await choose(listing, target.version);
      const release = await registry.getVersion(target.plugin, version);
      const { manifest } = release;
      const { contributes = {}, permissions = {} } = manifest as {
        contributes?: Record<string, unknown>;
        permissions?: Permissions;
      };
      const asked = await describePermissions(permissions);
      report.done(
        { listing, release },
        unbroken([
          `${listing.id} ${version}${listing.verified ? " (verified)" : ""}: ${listing.displayName}`,
          `  ${listing.description}`,
          ...standingOf(release),
          ...offers(contributes),
          "  asks for:",
          ...(asked.length > 0 ? asked.map((line) => `    ${line}`) : ["    nothing"]),
          `  consent   ${release.consent}`,
          `  sha512    ${release.sha512}`,
          `  published ${release.publishedAt}, ${release.size} bytes, place ${release.seq} in the log`,
          `  license   ${listing.license}; ${listing.pricing}; ${listing.installs} installs${ratingOf(listing)}`,
          ...Object.entries(listing.links).map(([name, url]) => `  ${name.padEnd(9)} ${url}`),
          `  versions  ${versionsOf(listing)}`,
        ]),
      );
    });
  addExamples(
    info,
    ["plugboard info plugboard/stripe", "The latest version."],
    ["plugboard info plugboard/stripe@^1.0.0 --json", "The highest that 1.x offers, whole."],
  );
}

/** As a host chooses: what was withdrawn or blocked is named only where it is named exactly. */
async function choose({ id, version, versions }: Listing, range: string | undefined): Promise<string> {
  if (range === undefined) return version;
  const { default: semver } = await import("semver");
  if (versions.some((one) => one.version === range)) return range;
  if (semver.validRange(range) === null)
    throw new CliFailure(
      "version-malformed",
      `"${range}" is neither a version nor a range, such as 1.2.3 or ^1.2.0.`,
    );
  const offered = versions.filter(({ yanked, blocked }) => !yanked && blocked === null);
  const found = semver.maxSatisfying(
    offered.map((one) => one.version),
    range,
  );
  if (found) return found;
  throw new CliFailure("no-matching-version", `No version of ${id} that is offered satisfies "${range}".`);
}

function standingOf(release: {
  yanked: boolean;
  deprecated: { message: string; replacement?: string } | null;
  blocked: { reason: string } | null;
}): string[] {
  const { yanked, deprecated, blocked } = release;
  const instead = deprecated?.replacement ? ` Use ${deprecated.replacement} instead.` : "";
  return [
    ...(blocked ? [`  BLOCKED: ${blocked.reason}`] : []),
    ...(yanked ? ["  yanked: ranges pass it over"] : []),
    ...(deprecated ? [`  deprecated: ${deprecated.message}${instead}`] : []),
  ];
}

/** `actions   create-item, get-item` for each kind of thing that the plugin offers. */
function offers(contributes: Record<string, unknown>): string[] {
  return Object.entries(contributes).flatMap(([kind, offered]) => {
    if (typeof offered !== "object" || offered === null) return [];
    const names = Array.isArray(offered) ? offered.map(nameOf) : Object.keys(offered);
    return names.length > 0 ? [`  ${kind.padEnd(9)} ${names.join(", ")}`] : [];
  });
}

function nameOf(offered: unknown): string {
  return typeof offered === "object" && offered !== null && "name" in offered ? String(offered.name) : "?";
}

function ratingOf({ rating }: Listing): string {
  return rating.count > 0 ? `; ★ ${rating.mean?.toFixed(1)} of ${rating.count} reviews` : "";
}

function versionsOf({ versions }: Listing): string {
  const shown = versions.slice(0, shownVersions).map(({ version, yanked, blocked, deprecated }) => {
    const mark = blocked ? " (blocked)" : yanked ? " (yanked)" : deprecated ? " (deprecated)" : "";
    return `${version}${mark}`;
  });
  const rest = versions.length - shown.length;
  return `${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
