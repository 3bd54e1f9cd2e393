import { basename } from "node:path";
import { CliFailure, formatProblem } from "../failure.ts";
import type { CliHost } from "../host.ts";
import type { Publication, Registry } from "../registry/index.ts";
import type { Report } from "../report.ts";
import { findPackage, publisherOf, readStatement, signPackage } from "../signing/index.ts";
import { findPublication, noteReceipt } from "./receipt.ts";
import { ensureRegistered } from "./register.ts";
import { waitForPublication } from "./wait.ts";

export interface PublishRequest {
  host: CliHost;
  registry: Registry;
  /** The .tgz; `undefined` for what was built last. */
  named: string | undefined;
  /** The author agreed beforehand to claim the publisher's name. */
  agreed: boolean;
  /** How long to wait for the registry's verdict; 0: not at all. */
  timeoutMs: number;
  report: Report;
}

/** What became of it; without an id where the registry had published these very bytes before. */
type Outcome = Omit<Publication, "id"> & { id?: string };

type Signed = NonNullable<Awaited<ReturnType<typeof readStatement>>>;

/**
 * Publishes a package: signs it if it is not yet, claims the publisher's name if that is new and the author agrees,
 * uploads, and waits for the registry's verdict. What was sent in before, and is not decided or published, is not sent
 * again: the wait goes on.
 *
 * @throws {CliFailure} when any of it is refused, with the registry's problems
 */
export async function publishPackage(o: PublishRequest): Promise<Outcome> {
  const { host, registry, report } = o;
  const path = await findPackage(host.cwd, o.named);
  const signed = (await readStatement(path)) ?? (await signPackage(host, path));
  const { id, version } = signed.contents.manifest;
  const earlier = await findPublication(registry, path, signed.contents.sha512);
  if (earlier) report.note(`${id} ${version} was sent to ${registry.url} before (${earlier.id}).`);
  const accepted = earlier ?? (await sendIn(o, path, signed));
  if (!accepted || o.timeoutMs === 0) return accepted ?? { plugin: id, version, status: "published" };

  const progress = report.progress(`${id} ${version} is ${accepted.status} …`);
  try {
    const onStatus = (status: string) => progress.update(`${id} ${version} is ${status} …`);
    return judge(await waitForPublication(registry, accepted, { timeoutMs: o.timeoutMs, onStatus }), report);
  } finally {
    progress.end();
  }
}

/** @returns undefined where the registry has published these very bytes: the answer to an earlier upload got lost */
async function sendIn(o: PublishRequest, path: string, signed: Signed): Promise<Publication | undefined> {
  const { host, registry, agreed, report } = o;
  const { tarball, contents, statement } = signed;
  const { id, version } = contents.manifest;
  const publisher = publisherOf(id);
  if (await ensureRegistered({ host, registry, publisher, agreed }))
    report.note(`Registered ${publisher} at ${registry.url}.`);
  const progress = report.progress(`Sending ${id} ${version} to ${registry.url} …`);
  try {
    const accepted = await registry.publish({ statement, tarball, fileName: basename(path) });
    await noteReceipt(path, { registry: registry.url, sha512: contents.sha512, publication: accepted.id });
    return accepted;
  } catch (error) {
    if (await isPublished(registry, signed, error)) return undefined;
    throw error;
  } finally {
    progress.end();
  }
}

async function isPublished(registry: Registry, { contents }: Signed, error: unknown): Promise<boolean> {
  if (!(error instanceof CliFailure) || error.code !== "version-exists") return false;
  const { id, version } = contents.manifest;
  const there = await registry.getVersion(id, version).catch(() => undefined);
  return there?.sha512 === contents.sha512;
}

/** @throws {CliFailure} unless it is published */
function judge(publication: Publication, report: Report): Publication {
  const { id, plugin, version, status, problems = [], decision } = publication;
  if (status === "rejected")
    throw new CliFailure(
      "rejected",
      `The registry rejected ${plugin} ${version}${decision ? `: ${decision.reason}` : "."} Mend it, and publish the same version again.`,
      { problems, details: { publication: id } },
    );
  if (status === "quarantined")
    throw new CliFailure(
      "quarantined",
      `The registry holds ${plugin} ${version} back until its operator has looked at it. The same command, and "plugboard publications show ${id}", tell later what became of it.`,
      { problems, details: { publication: id } },
    );
  for (const noted of publication.notes ?? []) report.note(`note: ${formatProblem(noted)}`);
  return publication;
}
