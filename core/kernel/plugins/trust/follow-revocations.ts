import type { Checkpoint } from "@plugboard/plugin-sdk/trust";
import { changeRevocations, type RevocationChange, type Revocations } from "@plugboard/registry/client";
import type { TrustSource } from "./source.ts";
import { isOf, type RegistryState } from "./state.ts";

/** More than these at once, in pages of a thousand, are not followed: the list is read whole. */
const mostPages = 20;
const pageSize = 1000;
const noRevocations: Revocations = { blocked: [], keys: [] };

/**
 * The list of revocations that a checkpoint names: what is known with what changed since, or, where that is another list,
 * the whole as the registry gives it out. Whatever is kept from this host on the way, the digest is not the checkpoint's.
 *
 * @returns not always the list that the checkpoint names: the caller holds it against that
 * @throws what the client throws
 */
export async function readRevocations(
  source: TrustSource,
  known: RegistryState | undefined,
  checkpoint: Checkpoint,
): Promise<Revocations> {
  const before = known?.revocations ?? noRevocations;
  if (isOf(before, checkpoint)) return before;
  const changes = await readChanges(source, known?.checkpoint.seq ?? 0);
  const after = changes && changeRevocations(before, changes);
  return after && isOf(after, checkpoint) ? after : source.getRevocations();
}

/** @returns undefined where there are too many, or the registry does not tell them */
async function readChanges(source: TrustSource, seq: number): Promise<RevocationChange[] | undefined> {
  const changes: RevocationChange[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    // A registry that does not know the question, or answers in a way that this host does not: the whole list may be had.
    const answer = await source.getRevocationChanges(seq, cursor).catch(() => undefined);
    if (!answer || answer.items.length > pageSize) return undefined;
    changes.push(...answer.items);
    if (answer.nextCursor === null) return changes;
    cursor = answer.nextCursor;
  }
  return undefined;
}
