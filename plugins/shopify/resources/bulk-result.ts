import { type FileInfo, type Files, InvalidInputError, type Json, VendorError } from "@plugboard/plugin-sdk";

/** Where Shopify keeps results; plugin.json permits no other host besides the store's. */
const storage = "https://storage.googleapis.com/";

/** A page that has been read ends here in the file, or begins it. */
interface Place {
  file: string;
  offset: number;
}

const placeForm = /^(fil_[0-9a-z]{1,60}):(\d{1,15})$/;

/**
 * Objects of a JSON Lines file, of which Shopify may have made gigabytes: it goes into a file of the host's once, and each
 * page is read from there. When that file's time is over it is got again; what Shopify wrote stays the same.
 *
 * @throws InvalidInputError for a cursor that is none, and a result that is larger than a file may be
 */
export async function readPage(
  files: Files,
  url: string,
  { cursor, limit }: { cursor: string | undefined; limit: number },
): Promise<{ items: { [field: string]: Json }[]; nextCursor: string | null }> {
  const place = cursor === undefined ? undefined : placeOf(cursor);
  const kept = place && (await files.get(place.file));
  const file = kept ?? (await saveResult(files, url));
  const { lines, next } = await files.lines(file.id, { offset: place?.offset ?? 0, limit });
  if (next === null) await files.delete(file.id);
  return { items: lines.map(parse), nextCursor: next === null ? null : `${file.id}:${next}` };
}

/** The whole result, as a file. @throws InvalidInputError for one that is larger than a file may be */
export async function saveResult(files: Files, url: string): Promise<FileInfo> {
  if (!url.startsWith(storage))
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

function placeOf(cursor: string): Place {
  const [, file, offset] = placeForm.exec(cursor) ?? [];
  if (file === undefined) throw new InvalidInputError("The cursor is not one that this action has given.");
  return { file, offset: Number(offset) };
}

function parse(line: string): { [field: string]: Json } {
  try {
    return JSON.parse(line) as { [field: string]: Json };
  } catch {
    throw new VendorError("The result has a line that is no JSON.");
  }
}
