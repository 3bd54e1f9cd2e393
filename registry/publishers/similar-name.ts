import { registryError } from "../errors.ts";
import { likeness } from "../scanning/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

/**
 * Nobody takes a name that readers take for that of a verified publisher, or of one whose plugins many have, unless the
 * operator says that they may: under it every plugin would look like that publisher's.
 *
 * @throws `publisher-name-similar`
 */
export async function refuseSimilarName(db: RegistryDatabase, name: string): Promise<void> {
  for (const other of await queries.listWellKnown(db)) {
    const how = likeness(name, other);
    if (how === undefined) continue;
    if (await queries.isAdmitted(db, name)) return;
    throw registryError(
      "publisher-name-similar",
      `Beside the publisher "${other}", "${name}" ${how}. Choose a name that nobody mistakes for it, or ask the registry's operator to let you have it.`,
    );
  }
}
