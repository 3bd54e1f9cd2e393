import { PluginError, type PluginErrorCode } from "@plugboard/plugin-sdk";

/** What a mutation says of an input that it did not carry out. Many have no code. */
export interface UserError {
  field?: string[] | null;
  message: string;
  code?: string | null;
}

const meanings: [RegExp, PluginErrorCode][] = [
  // There are as many as there may be, such as holds of an order, until one of them goes.
  [/STALE|COMPARE_DIGEST|TAKEN|ALREADY|^IDEMPOTENCY_|DUPLICATE|_LIMIT_REACHED$/, "conflict"],
  [/NOT_FOUND|DOES_NOT_EXIST|INVALID_INVENTORY_ITEM|INVALID_LOCATION/, "not-found"],
  [/PERMISSION|UNAUTHORIZED|NOT_AUTHORIZED|ACCESS_DENIED/, "forbidden"],
  // Of bulk operations at a time.
  [/^(OPERATION_IN_PROGRESS|LIMIT_REACHED)$/, "rate-limited"],
  [/SERVICE_UNAVAILABLE|INTERNAL_ERROR/, "vendor-unavailable"],
];

/** Where there is no code, what Shopify says of things that are not there, or are there already. */
const words: [RegExp, PluginErrorCode][] = [
  [/does(?: not|n't) exist|not (?:be )?found|couldn't find/i, "not-found"],
  [/already (?:been taken|in use|exists)/i, "conflict"],
];

/** A bulk operation takes minutes: no use in asking sooner. */
const busyMs = 60_000;

/** @throws PluginError for the first of them, with all of them in its details */
export function throwUserErrors(userErrors: readonly UserError[]): void {
  const [first] = userErrors;
  if (!first) return;
  const [known, said] = first.code ? [meanings, first.code] : [words, first.message];
  const code = known.find(([pattern]) => pattern.test(said))?.[1] ?? "invalid-input";
  throw new PluginError(code, userErrors.map(({ message }) => message).join("; "), {
    details: { userErrors },
    ...(code === "rate-limited" && { retryAfterMs: busyMs }),
  });
}
