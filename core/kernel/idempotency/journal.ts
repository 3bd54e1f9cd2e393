import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import * as queries from "./part-queries.ts";

/** What is written down of a request that is made of parts, so that another host can go on with it. */
export interface Journal {
  /** Of attempts before, by place: what became of a part; null where its host went down while it was under way. */
  before: ReadonlyMap<number, unknown>;
  /** Whether any part was begun in this attempt. */
  readonly hasBegun: boolean;
  /** To be called before parts are begun. @returns false where another host goes on with the request by now */
  begin(places: readonly number[]): Promise<boolean>;
  /** Writes down what became of parts; any JSON but null. */
  end(outcomes: ReadonlyMap<number, unknown>): Promise<void>;
}

export async function openJournal(
  db: Kysely<CoreDatabase>,
  claim: { tenantId: string; key: string },
  attempt: number,
): Promise<Journal> {
  const parts = attempt === 1 ? [] : await queries.listParts(db, claim);
  let hasBegun = false;
  return {
    get hasBegun() {
      return hasBegun;
    },
    before: new Map(
      parts.map(({ place, outcome }) => [place, outcome === null ? null : JSON.parse(outcome)]),
    ),
    async begin(places) {
      hasBegun = true;
      return (await queries.beginParts(db, claim, attempt, places)) === places.length;
    },
    end: (outcomes) =>
      queries.endParts(
        db,
        claim,
        [...outcomes].map(([place, outcome]) => ({ place, outcome: JSON.stringify(outcome) })),
      ),
  };
}
