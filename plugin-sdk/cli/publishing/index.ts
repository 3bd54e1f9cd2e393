import { basename } from "node:path";
import { CliFailure, formatProblem } from "../failure.ts";
import type { CliHost } from "../host.ts";
import type { Publication, Registry } from "../registry/index.ts";
import { findPackage, publisherOf, readStatement, signPackage } from "../signing/index.ts";
import { ensureRegistered } from "./register.ts";
import { waitForPublication } from "./wait.ts";

/**
 * Publishes a package: signs it if it is not yet, claims the publisher's name if that is new and the author agrees,
 * uploads, and waits for the registry's verdict.
 *
 * @param o.named the .tgz; `undefined` for what was built last
 * @param o.agreed the author agreed beforehand to claim the name
 * @param o.note told what is being done
 * @throws {CliFailure} when any of it is refused, with the registry's problems
 */
export async function publishPackage(o: {
  host: CliHost;
  registry: Registry;
  named: string | undefined;
  agreed: boolean;
  timeoutMs: number;
  note(text: string): void;
}): Promise<Publication> {
  const { host, registry, agreed, note } = o;
  const path = await findPackage(host.cwd, o.named);
  const { tarball, contents, statement } = (await readStatement(path)) ?? (await signPackage(host, path));
  const { id, version } = contents.manifest;
  const publisher = publisherOf(id);

  if (await ensureRegistered({ host, registry, publisher, agreed }))
    note(`Registered ${publisher} at ${registry.url}.`);

  note(`Publishing ${id} ${version} to ${registry.url} …`);
  const accepted = await registry.publish({ statement, tarball, fileName: basename(path) });
  const publication = await waitForPublication(registry, accepted, o.timeoutMs);
  if (publication.status === "rejected")
    throw new CliFailure("rejected", `The registry rejected ${id} ${version}.`, {
      problems: publication.problems ?? [],
    });
  if (publication.status === "quarantined")
    throw new CliFailure(
      "quarantined",
      `The registry holds ${id} ${version} back until its operator has looked at it. Look at ${registry.url}/registry/v1/publications/${publication.id} again later.`,
      { problems: publication.problems ?? [] },
    );
  for (const noted of publication.notes ?? []) note(`note: ${formatProblem(noted)}`);
  return publication;
}
