import {
  type FileInfo,
  type Files,
  InvalidInputError,
  type Json,
  type Storage,
  VendorError,
} from "@plugboard/plugin-sdk";

/** Where Shopify keeps results; plugin.json permits no other host besides the store's. */
const results = "https://storage.googleapis.com/";

/** Results that are kept at once: each may be as large as a file, and all files of an install have a limit together. */
const mostKept = 5;
const keptKey = "bulk-results";

/** The operation whose result it is, and where in it a page begins. */
const placeForm = /^(\d{1,20}):(\d{1,15})$/;

/**
 * Objects of a JSON Lines file, of which Shopify may have made gigabytes: it goes into a file of the host's once, and each
 * page is read from there. When that file is no longer there it is got again; what Shopify wrote stays the same.
 *
 * @throws InvalidInputError for a cursor that is none of this operation, and a result that is larger than a file may be
 */
export async function readPage(
  { files, storage }: Keeper,
  { id, url }: { id: string; url: string },
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: { [field: string]: Json }[]; nextCursor: string | null }> {
  const operation = id.slice(id.lastIndexOf("/") + 1);
  const offset = cursor === undefined ? 0 : offsetOf(cursor, operation);
  const file = await openResult({ files, storage }, operation, url);
  const { lines, next } = await files.lines(file, { offset, limit });
  if (next === null) await files.delete(file);
  return { items: lines.map(parse), nextCursor: next === null ? null : `${operation}:${next}` };
}

/** What results are kept in, and how they are found again. */
interface Keeper {
  files: Files;
  storage: Storage;
}

/** The file with an operation's result: the one that is there, or a new one, for which the oldest of too many goes. */
async function openResult({ files, storage }: Keeper, operation: string, url: string): Promise<string> {
  const kept = ((await storage.get(keptKey)) ?? []) as [operation: string, file: string][];
  const known = kept.find(([one]) => one === operation)?.[1];
  if (known !== undefined && (await files.get(known))) return known;
  const { id } = await saveResult(files, url);
  const all = [[operation, id] as const, ...kept.filter(([one]) => one !== operation)];
  await storage.set(
    keptKey,
    all.slice(0, mostKept).map((one) => [...one]),
  );
  for (const [, file] of all.slice(mostKept)) await files.delete(file);
  return id;
}

/** The whole result, as a file. @throws InvalidInputError for one that is larger than a file may be */
export async function saveResult(files: Files, url: string): Promise<FileInfo> {
  if (!url.startsWith(results))
    throw new VendorError("Shopify keeps the result where this plugin may not read.");
  const into = { name: "bulk-result.jsonl", contentType: "application/jsonl" };
  try {
    const { status, file } = await files.fetch(url, { into });
    if (!file) throw new VendorError(`Shopify did not give the result: it answered ${status}.`);
    return file;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "file-too-large")
      throw new InvalidInputError(
        "The result is larger than a file of this host may be. Ask for less: fewer fields, or a part of the records (created_at:>=… created_at:<…) in each bulk query.",
        { cause: error },
      );
    throw error;
  }
}

function offsetOf(cursor: string, operation: string): number {
  const [, of, offset] = placeForm.exec(cursor) ?? [];
  if (of !== operation)
    throw new InvalidInputError("The cursor is not one that this action has given for this operation.");
  return Number(offset);
}

function parse(line: string): { [field: string]: Json } {
  try {
    return JSON.parse(line) as { [field: string]: Json };
  } catch {
    throw new VendorError("The result has a line that is no JSON.");
  }
}
