import { ShopifyHttpError } from "../errors.ts";

const maxBodyBytes = 1024 * 1024;

/** @throws ShopifyHttpError 413 */
export async function readText(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new ShopifyHttpError(413, "Request Entity Too Large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
