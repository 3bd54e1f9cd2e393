import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { FileLimits, Files, FileWriter, StoredFile } from "../../kernel/capabilities/index.ts";
import type { Range } from "./range.ts";

/** Node holds so much of it ready; the rest stays in the database until the client has taken that. */
const aheadBytes = 256 * 1024;

/**
 * Takes a file in as it comes. Of one that does not come whole nothing is left.
 * @throws CapabilityError of the store; what `content` throws
 */
export async function takeIn(
  files: Files,
  file: { tenantId: string; name: string | null; contentType: string },
  content: AsyncIterable<Uint8Array>,
  limits: FileLimits,
): Promise<StoredFile> {
  const { tenantId, ...about } = file;
  const end = files.transfers.begin(tenantId);
  let writer: FileWriter | undefined;
  try {
    writer = await files.begin({ tenantId }, about, { limits });
    for await (const piece of content) await writer.write(piece);
    return await writer.finish();
  } finally {
    end();
    await writer?.discard();
  }
}

/** Gives a file out as fast as the client takes it; one that is too slow the server ends. @throws CapabilityError `files-busy` */
export function giveOut(
  files: Files,
  file: { tenantId: string; id: string },
  range: Range,
  response: ServerResponse,
): Readable {
  const { tenantId, id } = file;
  const end = files.transfers.begin(tenantId);
  // A client may be gone already.
  if (response.closed) end();
  response.once("close", end);
  const content = files.read({ tenantId }, id, range);
  return Readable.from(content, { objectMode: false, highWaterMark: aheadBytes });
}
