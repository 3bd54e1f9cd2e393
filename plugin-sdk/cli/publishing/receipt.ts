import { readFile } from "node:fs/promises";
import { putFile } from "../made-files.ts";
import type { Publication, Registry } from "../registry/index.ts";

/** What was sent in is noted beside the package, so that a command that was interrupted goes on with it. */
interface Receipt {
  registry: string;
  /** Of the tarball. */
  sha512: string;
  publication: string;
}

const receiptPath = (packagePath: string) => `${packagePath}.publication.json`;

export async function noteReceipt(packagePath: string, receipt: Receipt): Promise<void> {
  await putFile(receiptPath(packagePath), `${JSON.stringify(receipt, null, 2)}\n`);
}

/**
 * The publication of these very bytes at this registry, if they were sent in before and may still be published.
 *
 * @returns undefined where they were not, or were rejected: then they are sent in
 */
export async function findPublication(
  registry: Registry,
  packagePath: string,
  sha512: string,
): Promise<Publication | undefined> {
  const receipt = await readReceipt(packagePath);
  if (receipt?.registry !== registry.url || receipt.sha512 !== sha512 || !receipt.publication)
    return undefined;
  // A registry that was set up anew knows nothing of it.
  const found = await registry.getPublication(receipt.publication).catch(() => undefined);
  return found?.status === "rejected" ? undefined : found;
}

async function readReceipt(packagePath: string): Promise<Partial<Receipt> | undefined> {
  try {
    return JSON.parse(await readFile(receiptPath(packagePath), "utf8"));
  } catch {
    return undefined; // None was written, or somebody made it something else: it is only a note.
  }
}
