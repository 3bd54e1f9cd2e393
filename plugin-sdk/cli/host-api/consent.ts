import type { PermissionLine, Permissions } from "../../manifest/index.ts";
import { askYes } from "../ask.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { describeLine, describePermissions } from "../permissions.ts";
import { printableLine, unbroken } from "../printable.ts";
import type { Report } from "../report.ts";
import type { Install } from "./client.ts";

/** What a host says that has to be agreed to. */
interface Asked {
  plugin: string;
  version: string;
  permissions: Permissions;
  removed: PermissionLine[];
  /** The digest that agrees to exactly these permissions. */
  consent: string;
}

/**
 * Installs or moves a version. Where the host asks for consent, the permissions are shown and the person is asked; a
 * script says beforehand, by the digest, what it agrees to. Nothing is ever agreed to by itself.
 *
 * @param o.plugin what is installed or moved: to nothing else is agreed
 * @param o.consent the digest that a script agrees to
 * @param o.change does it, with a consent or without
 * @throws {CliFailure} `consent-required`, with the permissions and the digest, where nobody is there to be asked
 */
export async function withConsent(o: {
  host: CliHost;
  report: Report;
  plugin: string;
  consent: string | undefined;
  change(consent: string | undefined): Promise<Install>;
}): Promise<Install> {
  try {
    return await o.change(o.consent);
  } catch (error) {
    if (!(error instanceof CliFailure) || error.code !== "consent-required") throw error;
    const asked = await readAsked(error, o.plugin);
    const lines = unbroken(await describe(asked));
    // What a script agreed to before is not what is asked for now: nobody is asked over it.
    if (!o.host.interactive || o.consent !== undefined)
      throw new CliFailure(
        "consent-required",
        `${printableLine(error.message)}\n${lines}\nTo agree to exactly this, add --consent ${asked.consent}`,
        { exitCode: error.exitCode, details: error.details },
      );
    o.report.warn(lines);
    if (!(await askYes(o.host, `Agree to this for ${asked.plugin} ${asked.version}?`)))
      throw new CliFailure("cancelled", "Cancelled; nothing was changed.");
    return await o.change(asked.consent);
  }
}

/** A host that shows one set of permissions, or one plugin, and has another agreed to, is found out by the digest. */
async function readAsked(error: CliFailure, wanted: string): Promise<Asked> {
  const { plugin, version, permissions, removed, consent } = error.details as Partial<Asked>;
  const { consentDigest } = await import("../../manifest/index.ts");
  const { default: semver } = await import("semver");
  const isWhole =
    plugin === wanted &&
    typeof version === "string" &&
    semver.valid(version) === version &&
    typeof permissions === "object" &&
    typeof consent === "string" &&
    consentDigest({ id: plugin, permissions }) === consent;
  if (isWhole)
    return { plugin, version, permissions, removed: Array.isArray(removed) ? removed : [], consent };
  throw new CliFailure(
    "consent-unclear",
    "The host asks for a consent to something else than what it shows, or than what was asked of it. Nothing was agreed to; tell whoever runs it.",
  );
}

async function describe({ plugin, version, permissions, removed }: Asked): Promise<string[]> {
  const lines = await describePermissions(permissions);
  return [
    `${plugin} ${version} asks for:`,
    ...(lines.length > 0 ? lines.map((line) => `  ${line}`) : ["  nothing"]),
    ...(removed.length > 0 ? ["and no more for:", ...removed.map((line) => `  ${describeLine(line)}`)] : []),
  ];
}
