import { RegistryUnavailable } from "./errors.ts";

/**
 * Reads a body whole, up to a limit: a registry that was taken over must not fill the memory of its hosts.
 *
 * @throws RegistryUnavailable when it is larger than `maxBytes`
 */
export async function readCapped(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes)
      throw new RegistryUnavailable(`The registry answered with more than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
