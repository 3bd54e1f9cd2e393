import type { Logger } from "@plugboard/service-kit/observe";
import { coreError } from "../../errors.ts";
import type { Journal } from "../idempotency/index.ts";
import { type Failure, problemOf } from "./outcome.ts";

/** What became of a batch's parts, by place; written down as it goes, where there is a journal. */
export interface Outcomes<Outcome> {
  get(place: number): Outcome | undefined;
  set(place: number, outcome: Outcome): void;
  /** Before parts are begun. @returns false where they must not be */
  begin(places: readonly number[]): Promise<boolean>;
  /** Once their outcomes are set. What cannot be written down is not known, if the host goes down before its answer is kept. */
  end(places: readonly number[]): Promise<void>;
}

/** @param inBrief what is written down of an outcome */
export function createOutcomes<Outcome extends { status: string }>(
  journal: Journal | undefined,
  inBrief: (outcome: Outcome) => Outcome,
  logger: Pick<Logger, "warn">,
): Outcomes<Outcome | Failure> {
  const outcomes = new Map<number, Outcome | Failure>(
    [...(journal?.before ?? [])].map(([place, before]) => [
      place,
      (before as Outcome | null) ?? interrupted(),
    ]),
  );
  return {
    get: (place) => outcomes.get(place),
    set: (place, outcome) => void outcomes.set(place, outcome),
    async begin(places) {
      try {
        return (await journal?.begin(places)) ?? true;
      } catch (err) {
        logger.warn({ err }, "a part of a batch could not be written down, and was not begun");
        return false;
      }
    },
    async end(places) {
      const told = places.flatMap((place): [number, unknown][] => {
        const outcome = outcomes.get(place);
        return outcome ? [[place, inBrief(outcome as Outcome)]] : [];
      });
      await journal
        ?.end(new Map(told))
        .catch((err: unknown) => logger.warn({ err }, "outcomes of a batch could not be written down"));
    },
  };
}

function interrupted(): Failure {
  const detail = "The host went down while this was under way; whether it was done is not known.";
  return { status: "unknown", problem: problemOf(coreError("batch-interrupted", detail)) };
}
