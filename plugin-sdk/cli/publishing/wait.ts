import { setTimeout as sleep } from "node:timers/promises";
import { CliFailure } from "../failure.ts";
import type { Publication, Registry } from "../registry/index.ts";

const decided = new Set<string>(["published", "rejected", "quarantined"]);
const firstPauseMs = 100;
const longestPauseMs = 2000;

/**
 * Asks until the registry has decided: `published`, `rejected`, or `quarantined` until its operator has.
 *
 * @throws {CliFailure} when it has not within `timeoutMs`; the publication goes on without us
 */
export async function waitForPublication(
  registry: Registry,
  accepted: Publication,
  timeoutMs: number,
): Promise<Publication> {
  const endsAt = performance.now() + timeoutMs;
  let publication = accepted;
  for (
    let pauseMs = firstPauseMs;
    !decided.has(publication.status);
    pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)
  ) {
    if (performance.now() > endsAt)
      throw new CliFailure(
        "publication-pending",
        `The registry has not decided on ${accepted.id} within ${timeoutMs / 1000} s. It goes on; look at ${registry.url}/registry/v1/publications/${accepted.id}.`,
      );
    await sleep(pauseMs);
    publication = await registry.getPublication(accepted.id);
  }
  return publication;
}
