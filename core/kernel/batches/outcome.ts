import { saysRefused } from "@plugboard/plugin-sdk/manifest";
import { httpErrors, PlugboardError } from "@plugboard/service-kit/http";
import { type TSchema, Type } from "typebox";
import type { CallEffects } from "../plugins/index.ts";

/** Why something of a batch did not succeed, as an answer of its own would say it (RFC 9457). */
export interface BatchProblem {
  code: string;
  title: string;
  status: number;
  detail: string;
  [member: string]: unknown;
}

/**
 * What became of something that did not succeed:
 * - `failed`: it was not done;
 * - `unknown`: nobody can tell whether it was done;
 * - `not-started`: it was not tried.
 */
export interface Failure {
  status: "failed" | "unknown" | "not-started";
  problem: BatchProblem;
}

const problem = Type.Object(
  {
    code: Type.String(),
    title: Type.String(),
    status: Type.Integer({ description: "What it would be answered with alone." }),
    detail: Type.String(),
  },
  { additionalProperties: true, title: "BatchProblem" },
);

/** What every outcome has in its schema. */
export const outcomeFields = {
  status: Type.Union(
    [Type.Literal("succeeded"), Type.Literal("failed"), Type.Literal("unknown"), Type.Literal("not-started")],
    {
      description:
        "`failed`: it was not done. `unknown`: whether it was done nobody can tell; look at the vendor before repeating it. `not-started`: it was not tried.",
    },
  ),
  problem: Type.Optional(problem),
};

const count = Type.Integer({ minimum: 0 });

/** What a batch is answered with. */
export function replyOf<Outcome extends TSchema>(outcome: Outcome, title: string) {
  return Type.Object(
    {
      succeeded: count,
      failed: count,
      unknown: count,
      notStarted: count,
      results: Type.Array(outcome, {
        description: "One for each, in the order in which they were asked for.",
      }),
    },
    { title },
  );
}

/** What is kept of a failure where the whole answer is too large to be: enough to know what to do. */
export function failureInBrief<Failed extends Failure>(failure: Failed): Failed {
  const { code, title, status, detail } = failure.problem;
  return { ...failure, problem: { code, title, status, detail: detail.slice(0, 100) } };
}

/** With how many there are of each, so that a caller need not count. */
export function tallied<Outcome extends { status: string }>(results: Outcome[]) {
  const count = (status: string) => results.filter((one) => one.status === status).length;
  return {
    succeeded: count("succeeded"),
    failed: count("failed"),
    unknown: count("unknown"),
    notStarted: count("not-started"),
    results,
  };
}

/** What is told of an error; of one that was not foreseen, nothing but that. */
export function problemOf(error: unknown): BatchProblem {
  const known =
    error instanceof PlugboardError && error.expose
      ? error
      : httpErrors.error("internal-error", "Something failed that should not have; it was logged.");
  const { code, title, status, message: detail, members, headers } = known;
  const seconds = Number(headers["Retry-After"]);
  return {
    ...members,
    ...(Number.isFinite(seconds) && { retryAfterSeconds: seconds }),
    code,
    title,
    status,
    detail,
  };
}

/**
 * What became of what a call was made for that has thrown. Where it may have changed something it was not done only if it
 * was one thing alone, and the plugin says that the vendor has refused it.
 */
export function failureOf(error: unknown, effects: Pick<CallEffects, "had">, isOne: boolean): Failure {
  // The plugin's own word, which the host's codes for it may not be: it may have been refused for its next request.
  const isRefused = isOne && saysRefused(problemOf(error).reason);
  return failureFrom(error, !effects.had || isRefused);
}

/** @param isNotDone whether it is known that nothing was done */
export function failureFrom(error: unknown, isNotDone: boolean): Failure {
  const problem = problemOf(error);
  if (isNotDone) return { status: "failed", problem };
  // When to send it again is nothing to tell of what must not be before somebody has looked.
  const { retryAfterSeconds, ...told } = problem;
  return { status: "unknown", problem: told };
}

export function notStarted(why: PlugboardError): Failure {
  return { status: "not-started", problem: problemOf(why) };
}

/**
 * Whether an outcome says that the vendor asks to slow down, and for how long, where it says that. Where all that was sent got
 * through, it is one thing that has to wait, such as for another that is under way, and nothing else.
 */
export function slowDownOf(
  outcome: { status: string; problem?: BatchProblem } | undefined,
  { had, refused }: Pick<CallEffects, "had" | "refused">,
): { askedMs: number | undefined } | undefined {
  if (outcome?.problem?.code !== "vendor-rate-limited" || (had && !refused)) return undefined;
  const { retryAfterSeconds: seconds } = outcome.problem;
  return { askedMs: typeof seconds === "number" ? seconds * 1_000 : undefined };
}

/** What a failure adds to an answer, for each that it is the outcome of. */
export function bytesOf(failure: Failure): number {
  return Buffer.byteLength(JSON.stringify(failure));
}
