import { askYes } from "../ask.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { claimFor } from "../orders/index.ts";
import type { Registry } from "../registry/index.ts";
import { findSigningKey } from "../signing/index.ts";

/**
 * Sees to it that the publisher's name is known to the registry, claiming it with the author's agreement.
 *
 * @param o.agreed the author said yes beforehand (`--register`)
 * @returns whether the name was claimed just now
 * @throws {CliFailure} when the name is free and the author did not agree to claim it
 */
export async function ensureRegistered(o: {
  host: CliHost;
  registry: Registry;
  publisher: string;
  agreed: boolean;
}): Promise<boolean> {
  const { host, registry, publisher } = o;
  if (await registry.findPublisher(publisher)) return false;
  const question = `Nobody has the name "${publisher}" at ${registry.url} yet. Claim it with your key?`;
  if (!o.agreed && !(host.interactive && (await askYes(host, question))))
    throw new CliFailure(
      "publisher-unregistered",
      `The publisher "${publisher}" is not registered at ${registry.url}. Add --register to claim the name with your key.`,
    );
  const { privateJwk, publicJwk } = await findSigningKey(host, publisher);
  const claim = await claimFor(publisher, { privateJwk });
  await registry.registerPublisher({ publisher, key: publicJwk, claim });
  return true;
}
