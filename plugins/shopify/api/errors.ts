import { PluginError, type PluginErrorCode, type ReadVendorError } from "@plugboard/plugin-sdk";

/** A reply of the Admin API: https://shopify.dev/docs/api/admin-graphql#status_and_error_codes */
export interface GraphqlReply<Data = unknown> {
  data?: Data | null;
  errors?: string | GraphqlError[];
  extensions?: {
    cost?: {
      requestedQueryCost?: number;
      throttleStatus?: { maximumAvailable?: number; currentlyAvailable: number; restoreRate: number };
    };
  };
}

interface GraphqlError {
  message: string;
  /** Of what in the document it speaks: the alias first. Absent: of all of it. */
  path?: (string | number)[];
  extensions?: { code?: string; requiredAccess?: string };
}

/** What a status says in Shopify's words, where it is not what statuses say elsewhere. */
export const errorOfStatus: ReadVendorError = ({ status }) => {
  switch (status) {
    case 401:
      return { message: "Shopify refused the access token" };
    case 402:
      return { message: "The store is frozen until its owner has paid Shopify" };
    case 403:
      return { message: "Shopify does not let this app into the store" };
    case 404:
      return { message: "Shopify knows no store of this name" };
    case 423:
      return { message: "The store is locked by Shopify" };
    case 429:
      return { message: "Shopify limits the rate of requests" };
    case 430:
      return {
        code: "rate-limited",
        message: "Shopify took the requests for an attack, and holds them back",
      };
    default:
      return undefined;
  }
};

/** Failures of GraphQL come with status 200, and what they are says a code. */
const codes: { [code: string]: PluginErrorCode } = {
  THROTTLED: "rate-limited",
  ACCESS_DENIED: "forbidden",
  SHOP_INACTIVE: "vendor-error",
  INTERNAL_SERVER_ERROR: "vendor-unavailable",
  TIMEOUT: "vendor-unavailable",
  RESOURCE_NOT_FOUND: "not-found",
};

/** Of a document that is not looked at: validation's codes begin small (`undefinedField`), these are the others. */
const refusesDocument = /^[a-z]|^(MAX_COST_EXCEEDED|INVALID_VARIABLE|BAD_REQUEST|BAD_USER_INPUT)$/;

/** A code that is not known says no more than that something failed: perhaps after a change was made. */
function classOf(code: string | undefined): PluginErrorCode {
  if (code === undefined || refusesDocument.test(code)) return "invalid-input";
  return codes[code] ?? "vendor-error";
}

/** Where Shopify fails as a whole, all that it says may be a text. */
export const errorsIn = ({ errors = [] }: GraphqlReply): GraphqlError[] =>
  typeof errors === "string" ? [{ message: errors }] : errors;

/** What is told of a mutation. */
interface Payload {
  record?: unknown;
  userErrors?: unknown[];
}

/** Whether an error came of carrying a change out, and not of what was asked for. */
export const isOfChange = ({ path }: GraphqlError): boolean => String(path?.[0]).startsWith("written");

/**
 * Whether a change was carried out, as far as a reply tells: what Shopify does not carry out has no payload, or one with user
 * errors, and no error from within it. A record that may not be read is null although it was written.
 *
 * @param errors those that speak of the change
 */
function mayBeMade(payload: Payload | null | undefined, errors: readonly GraphqlError[]): boolean {
  if (payload) return !payload.userErrors?.length;
  return errors.some((error) => isOfChange(error) && (error.path?.length ?? 0) > 1);
}

/**
 * The error that the first coded failure of a reply stands for; without a code the document or its input is wrong. Where a
 * change was made all the same, such as when no more than a part of the record may be read, it is one that says so, so that
 * nobody makes the change again.
 */
export function errorOfReply(reply: GraphqlReply): PluginError {
  const isText = typeof reply.errors === "string";
  const errors = errorsIn(reply);
  const message = errors.map((error) => error.message).join("; ") || "Shopify refused the query";
  const { code, requiredAccess } =
    errors.map(({ extensions }) => extensions).find((one) => one?.code !== undefined) ?? {};
  const payload = (reply.data as { written?: Payload | null } | null | undefined)?.written;
  const made = payload?.record;
  const isMade = made !== undefined && made !== null;
  const details = {
    ...(isMade && { record: made }),
    ...(code !== undefined && { code }),
    ...(requiredAccess !== undefined && { requiredAccess }),
  };
  if (isMade || mayBeMade(payload, errors)) {
    const what = isMade
      ? "The change was made; not all of it may be read"
      : "The change was probably made; what was written may not be read";
    return new PluginError("vendor-error", `${what}: ${message}`, { details });
  }
  if (code === "THROTTLED") {
    const tooDear = neverEnough(reply);
    if (tooDear) return new PluginError("invalid-input", tooDear, { details });
  }
  const retryAfterMs = code === "THROTTLED" ? restoredInMs(reply) : undefined;
  return new PluginError(isText ? "vendor-error" : classOf(code), message, { details, retryAfterMs });
}

/** Shopify throttles also what it would throttle for ever. */
function neverEnough({ extensions }: GraphqlReply): string | undefined {
  const { requestedQueryCost = 0, throttleStatus } = extensions?.cost ?? {};
  const most = throttleStatus?.maximumAvailable ?? Number.POSITIVE_INFINITY;
  if (requestedQueryCost <= most) return undefined;
  return `Shopify asks ${requestedQueryCost} points for this, and this store never has more than ${most}. Ask for less at once.`;
}

/** When the leaky bucket holds enough points again: https://shopify.dev/docs/api/usage/limits */
function restoredInMs({ extensions }: GraphqlReply): number {
  const { requestedQueryCost = 0, throttleStatus } = extensions?.cost ?? {};
  if (!throttleStatus || requestedQueryCost === 0 || throttleStatus.restoreRate <= 0) return 1000;
  const missing = requestedQueryCost - throttleStatus.currentlyAvailable;
  return Math.max(0, Math.ceil((missing / throttleStatus.restoreRate) * 1000));
}
