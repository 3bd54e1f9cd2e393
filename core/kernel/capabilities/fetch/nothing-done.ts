import type { ReplyMatch } from "@plugboard/plugin-sdk/manifest";
import type { ReadReply } from "./pacing/index.ts";
import type { RequestPolicy } from "./policy.ts";
import { isGraphql } from "./repeatable.ts";
import { SendFailure } from "./send/index.ts";
import type { PluginRequest } from "./types.ts";

/** Whether a reply is one that was declared. */
export function fitsReply({ at, is = [], statuses }: ReplyMatch, reply: ReadReply): boolean {
  if (statuses && !statuses.includes(reply.response.status)) return false;
  if (at === undefined) return statuses !== undefined;
  const found = reply.at(at);
  return is.some((value) => value === found);
}

/**
 * Whether the vendor refused all of what was asked for, as its author says that it does. At a GraphQL endpoint what has `data`
 * was executed, if not as a whole: an error in it may speak of one of several changes (GraphQL, 7.1).
 */
export function saysNothingDone(
  reply: ReadReply,
  request: PluginRequest,
  { retries, graphqlPaths }: Pick<RequestPolicy, "retries" | "graphqlPaths">,
): boolean {
  return retries.replies.some(
    (match) =>
      match.nothingDone === true &&
      fitsReply(match, reply) &&
      (match.at === undefined || !isGraphql(request, graphqlPaths) || reply.lacks("data")),
  );
}

/** Whether it is known of an attempt that it changed nothing: it never left, or the vendor refused it (RFC 9110, 15.5). */
export function changedNothing(
  outcome: ReadReply | SendFailure,
  request: PluginRequest,
  policy: Pick<RequestPolicy, "retries" | "graphqlPaths">,
): boolean {
  if (outcome instanceof SendFailure) return outcome.stage === "before-sending";
  const { status } = outcome.response;
  if (status >= 400 && status < 500 && status !== timedOut) return true;
  return saysNothingDone(outcome, request, policy);
}

/** The vendor gave up on a request that it may have begun with. */
const timedOut = 408;
