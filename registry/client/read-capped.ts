import { gatherBytes } from "@plugboard/service-kit/bytes";
import { RegistryUnavailable } from "./errors.ts";

/**
 * Reads a body whole, up to a limit: a registry that was taken over must not fill the memory of its hosts.
 *
 * @throws RegistryUnavailable when it is larger than `maxBytes`
 */
export async function readCapped(response: Response, maxBytes: number): Promise<Buffer> {
  const body = gatherBytes(maxBytes);
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes)
      throw new RegistryUnavailable(`The registry answered with more than ${maxBytes} bytes.`);
    body.add(chunk);
  }
  return body.whole();
}
