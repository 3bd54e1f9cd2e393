import { isPathPattern } from "./path-pattern.ts";
import { pointerTo } from "./pointer.ts";
import type { ReplyMatch, RequestMatch, RequestsDeclaration } from "./requests.ts";
import type { Permissions, Problem } from "./types.ts";

const mostPatterns = 200;

/**
 * What is wrong in what an author, an operator or a tenant says of requests; pointers begin with `/requests`. Without
 * `permissions` its hosts are not held against any: an operator's are of several plugins.
 */
export function requestsProblems(
  { limits = [], cache = [], graphql, retries }: RequestsDeclaration,
  permissions?: Pick<Permissions, "network">,
): Problem[] {
  const granted = permissions && new Set((permissions.network ?? []).flatMap(({ hosts }) => hosts));
  const at = (place: (string | number)[], match: RequestMatch) => matchProblems(match, granted, place);
  const patterns = [...limits, ...cache, graphql].flatMap((match) => match?.paths ?? []).length;
  if (patterns > mostPatterns) {
    return [
      {
        code: "too-many",
        pointer: "/requests",
        message: `requests has ${patterns} paths in all; expected at most ${mostPatterns}, for each request is held against them.`,
      },
    ];
  }
  const tooShort = (retries?.maxDelayMs ?? 8000) < (retries?.delayMs ?? 250);
  return [
    ...limits.flatMap((limit, index) => at(["limits", index], limit)),
    ...cache.flatMap((rule, index) => at(["cache", index], rule)),
    ...(graphql ? at(["graphql"], graphql) : []),
    ...(tooShort
      ? [
          {
            code: "request-delay-invalid",
            pointer: "/requests/retries/delayMs",
            message: "delayMs is longer than maxDelayMs (8000 if not set); expected at most as long.",
          },
        ]
      : []),
    ...(retries?.replies ?? []).flatMap((match, index) => {
      const message = replyProblem(match);
      const isOfStatuses = match.statuses && match.at === undefined && match.is === undefined;
      const pointer = pointerTo(
        ...["requests", "retries", "replies", index],
        ...(isOfStatuses ? ["statuses"] : []),
      );
      return message === undefined ? [] : [{ code: "request-reply-invalid", pointer, message }];
    }),
  ];
}

/** The vendor gave up on a request that it may have begun with (RFC 9110, 15.5.9). */
const timedOut = 408;

/** Whoever says that nothing was done has to say precisely of what: a gateway's 503 may hide what the vendor has done. */
function replyProblem({ at, is, statuses, nothingDone }: ReplyMatch): string | undefined {
  if ((at === undefined) !== (is === undefined))
    return "`at` and `is` belong together; expected both, or `statuses` alone.";
  if (at !== undefined) return undefined;
  if (!statuses) return "It names no reply; expected `at` with `is`, or `statuses`.";
  if (!nothingDone)
    return "Statuses alone belong in `retries.statuses`; expected `at` with `is`, or `nothingDone`.";
  const vague = statuses.filter((status) => status < 400 || status > 499 || status === timedOut);
  if (vague.length === 0) return undefined;
  return `Nobody can tell by the status ${vague.join(", ")} alone that nothing was done; expected 400 to 499 without ${timedOut}, or \`at\` with \`is\`.`;
}

function matchProblems(
  { hosts = [], paths = [] }: RequestMatch,
  granted: ReadonlySet<string> | undefined,
  place: (string | number)[],
): Problem[] {
  return [
    ...hosts.flatMap((host, index) =>
      !granted || granted.has(host)
        ? []
        : [
            {
              code: "request-host-unknown",
              pointer: pointerTo("requests", ...place, "hosts", index),
              message: `${JSON.stringify(host)} is no host of permissions.network; expected one of ${[...granted].slice(0, 30).join(", ") || "none, as there are none"}.`,
            },
          ],
    ),
    ...paths.flatMap((path, index) =>
      isPathPattern(path)
        ? []
        : [
            {
              code: "path-invalid",
              pointer: pointerTo("requests", ...place, "paths", index),
              message: `Path ${JSON.stringify(path)} is not one; expected /v1/customers, /v1/customers/* (one segment) or /v1/** (all below).`,
            },
          ],
    ),
  ];
}
