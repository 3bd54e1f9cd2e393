import { PluginError, type PluginErrorCode } from "@plugboard/plugin-sdk";

/** What a mutation says of an input that it did not carry out. Many have no code. */
export interface UserError {
  field?: string[] | null;
  message: string;
  code?: string | null;
}

const meanings: [RegExp, PluginErrorCode][] = [
  [/STALE|COMPARE_DIGEST|TAKEN|ALREADY|^IDEMPOTENCY_|DUPLICATE/, "conflict"],
  [/NOT_FOUND|DOES_NOT_EXIST|INVALID_INVENTORY_ITEM|INVALID_LOCATION/, "not-found"],
  [/PERMISSION|NOT_AUTHORIZED|ACCESS_DENIED/, "unauthorized"],
  [/OPERATION_IN_PROGRESS|LIMIT_REACHED/, "rate-limited"],
  [/SERVICE_UNAVAILABLE|INTERNAL_ERROR/, "vendor-unavailable"],
];

/** Where there is no code, what Shopify says of things that are not there. */
const notThere = /does(?: not|n't) exist|(?:could )?not (?:be )?found|couldn't find/i;

/** A bulk operation takes minutes: no use in asking sooner. */
const busyMs = 60_000;

/** @throws PluginError for the first of them, with all of them in its details */
export function throwUserErrors(userErrors: readonly UserError[]): void {
  const [first] = userErrors;
  if (!first) return;
  const code = first.code
    ? meanings.find(([pattern]) => pattern.test(first.code ?? ""))?.[1]
    : notThere.test(first.message) && "not-found";
  throw new PluginError(code || "invalid-input", userErrors.map(({ message }) => message).join("; "), {
    details: { userErrors },
    ...(code === "rate-limited" && { retryAfterMs: busyMs }),
  });
}
