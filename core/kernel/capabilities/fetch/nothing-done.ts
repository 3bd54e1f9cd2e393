import { type Refusal, refusalOf } from "@plugboard/plugin-sdk/exchange";
import type { ReadReply } from "./pacing/index.ts";
import type { RequestPolicy } from "./policy.ts";
import { SendFailure } from "./send/index.ts";
import type { PluginRequest } from "./types.ts";

/** By what it is known of an attempt that it changed nothing: it never left, or the vendor refused it. */
export function changedNothing(
  outcome: ReadReply | SendFailure,
  request: PluginRequest,
  policy: Pick<RequestPolicy, "retries" | "graphqlPaths">,
): Refusal | undefined {
  if (outcome instanceof SendFailure) return outcome.stage === "before-sending" ? "nothing-done" : undefined;
  return refusalOf(outcome, request, policy);
}
