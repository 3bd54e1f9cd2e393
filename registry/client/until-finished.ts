import { setTimeout as delay } from "node:timers/promises";
import { RegistryUnavailable } from "./errors.ts";

const underWay = new Set(["validating", "scanning"]);
const firstPauseMs = 20;
const longestPauseMs = 500;

/**
 * Asks again, after pauses that grow, until the publication is decided.
 *
 * @throws RegistryUnavailable when it takes longer than `timeoutMs` (default 60 s)
 */
export async function untilFinished<Publication extends { id: string; status: string }>(
  ask: () => Promise<Publication>,
  { timeoutMs = 60_000 }: { timeoutMs?: number } = {},
): Promise<Publication> {
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 1.5, longestPauseMs)) {
    const publication = await ask();
    if (!underWay.has(publication.status)) return publication;
    if (performance.now() + pauseMs > deadline) {
      throw new RegistryUnavailable(`Publication ${publication.id} was not decided within ${timeoutMs} ms.`);
    }
    await delay(pauseMs);
  }
}
