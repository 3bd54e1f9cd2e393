import { type Json, PluginError, type PluginErrorCode, type ReadVendorError } from "@plugboard/plugin-sdk";

/** One of the errors of a reply, which come as a list: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm */
export interface SalesforceError {
  /** `statusCode` in the results of several records at once. */
  errorCode?: string;
  statusCode?: string;
  message?: string;
  fields?: string[];
}

/** Where an org has no requests left it gets them back over a day, and asking before helps nobody. */
const tooSoonMs = 3_600_000;

export const entityIsDeleted = "ENTITY_IS_DELETED";

/** Codes that say something else than their status, which mostly is 400 or 403. */
const classes: { readonly [Class in PluginErrorCode]?: readonly string[] } = {
  "rate-limited": [
    "REQUEST_LIMIT_EXCEEDED",
    "CONCURRENT_REQUESTS_LIMIT_EXCEEDED",
    "CONCURRENT_API_REQUESTS_LIMIT_EXCEEDED",
    "TOO_MANY_JOBS",
    // Somebody else writes the record, or its parent, at this moment.
    "UNABLE_TO_LOCK_ROW",
  ],
  "vendor-unavailable": [
    "QUERY_TIMEOUT",
    "SERVER_UNAVAILABLE",
    "REQUEST_RUNNING_TOO_LONG",
    "API_CURRENTLY_DISABLED",
  ],
  unauthorized: ["INVALID_SESSION_ID", "INVALID_AUTH_HEADER", "API_DISABLED_FOR_ORG", "OAUTH_APP_BLOCKED"],
  // The credential is good; its user may not do this. Another token of the same user would not help.
  forbidden: [
    "INSUFFICIENT_ACCESS",
    "INSUFFICIENT_ACCESS_OR_READONLY",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
  ],
  conflict: [
    "DUPLICATE_VALUE",
    "DUPLICATE_EXTERNAL_ID",
    "DUPLICATES_DETECTED",
    "ENTITY_IS_LOCKED",
    "DELETE_FAILED",
    "INVALIDJOBSTATE",
  ],
  "not-found": ["NOT_FOUND", entityIsDeleted],
  "vendor-error": ["STORAGE_LIMIT_EXCEEDED", "LIMIT_EXCEEDED", "UNKNOWN_EXCEPTION"],
};
const byCode = new Map(
  Object.entries(classes).flatMap(([named, codes]) => codes.map((code) => [code, named as PluginErrorCode])),
);

/** The class of a code; undefined where only the status says it. */
export const classOf = (code: string | undefined): PluginErrorCode | undefined => byCode.get(code ?? "");

/** What Salesforce's errors mean: the class that tells the host what to do, its words, and the fields they are about. */
export const salesforceError: ReadVendorError = ({ status, body }) => {
  // More than one record has the external id: the body lists where they are.
  if (status === 300)
    return { code: "conflict", message: "More than one record has this external id.", details: { status } };
  const first = firstOf(body);
  const code = codeOf(first);
  const message = first?.message ?? `Salesforce answered ${status}.`;
  // It has this code too where it is but too much at a time: "ConcurrentRequests Limit exceeded."
  const isUsedUp = code === "REQUEST_LIMIT_EXCEEDED" && !/^Concurrent/i.test(message);
  return {
    code: classOf(code),
    message,
    ...(isUsedUp && { retryAfterMs: tooSoonMs }),
    details: {
      status,
      ...detailsOf(first),
      ...(code === "INVALID_QUERY_LOCATOR" && { pointer: "/cursor" }),
    },
  };
};

/**
 * To catch what deleting a record throws: one that is in the recycle bin is deleted. The host repeats a deletion whose reply
 * was lost, and then hears no more than this.
 */
export function passIfDeleted(error: unknown): void {
  const { code } = ((error instanceof PluginError && error.details) || {}) as { code?: string };
  if (code !== entityIsDeleted) throw error;
}

/** What a caller is told of an error besides its words. */
export function detailsOf(error: SalesforceError | undefined): { code?: string; fields?: string[] } {
  const code = codeOf(error);
  return { ...(code !== undefined && { code }), ...(error?.fields?.length && { fields: error.fields }) };
}

export const codeOf = (error: SalesforceError | undefined): string | undefined =>
  error?.errorCode ?? error?.statusCode;

function firstOf(body: Json | undefined): SalesforceError | undefined {
  const first = Array.isArray(body) ? body[0] : body;
  return typeof first === "object" && first !== null && !Array.isArray(first)
    ? (first as SalesforceError)
    : undefined;
}
