import type { Static } from "typebox";
import { RevocationChanges } from "../revocations/schemas.ts";
import { Revocations } from "../transparency/index.ts";
import type { Ask } from "./ask.ts";
import { toQuery } from "./paths.ts";

export interface RevocationClient {
  /** The whole list. */
  getRevocations(): Promise<Revocations>;
  /** A page of what changed in it after a place in the log. */
  getRevocationChanges(after: number, cursor?: string): Promise<Static<typeof RevocationChanges>>;
}

/** Hosts read the list whole, and stop for what they cannot read: it has more room than other answers. */
const revocationsMaxBytes = 64 * 1024 * 1024;

export function createRevocationClient(ask: Ask): RevocationClient {
  return {
    getRevocations: () =>
      ask(Revocations, { method: "GET", path: "/revocations", maxBytes: revocationsMaxBytes, long: true }),
    getRevocationChanges: (after, cursor) =>
      ask(RevocationChanges, {
        method: "GET",
        path: `/revocations/changes${toQuery({ after, cursor })}`,
      }),
  };
}
