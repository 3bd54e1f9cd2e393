import { setTimeout as sleep } from "node:timers/promises";
import { CliFailure, exitCodes } from "../failure.ts";
import type { Publication, Registry } from "../registry/index.ts";

const decided = new Set<string>(["published", "rejected", "quarantined"]);
const firstPauseMs = 100;
const longestPauseMs = 2000;

/**
 * Asks until the registry has decided: `published`, `rejected`, or `quarantined` until its operator has. A registry that
 * is away for a moment is asked again.
 *
 * @param o.onStatus told how far it has come
 * @throws {CliFailure} when it has not within `timeoutMs`; the publication goes on without us
 */
export async function waitForPublication(
  registry: Registry,
  accepted: Publication,
  o: { timeoutMs: number; onStatus(status: Publication["status"]): void },
): Promise<Publication> {
  const endsAt = performance.now() + o.timeoutMs;
  let publication = accepted;
  for (
    let pauseMs = firstPauseMs;
    !decided.has(publication.status);
    pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)
  ) {
    o.onStatus(publication.status);
    if (performance.now() > endsAt)
      throw new CliFailure(
        "publication-pending",
        `The registry has not decided on ${accepted.id} within ${o.timeoutMs / 1000} s. It goes on; the same command goes on waiting, and "plugboard publications show ${accepted.id}" says how far it is.`,
        { details: { publication: { ...publication } } },
      );
    await sleep(pauseMs);
    publication = await registry.getPublication(accepted.id).catch((error: unknown) => {
      if (error instanceof CliFailure && error.exitCode === exitCodes.network) return publication;
      throw error;
    });
  }
  return publication;
}
