import { randomUUID } from "node:crypto";
import type { RequestPolicy } from "./policy.ts";
import type { PluginRequest } from "./types.ts";

/** RFC 9110, section 9.2.2, without those that change nothing. */
const idempotentMethods = ["PUT", "DELETE"];

/** Whether a request that changes something may be sent twice without doing twice what it asks for. */
export function isRepeatable(request: PluginRequest, policy: RequestPolicy): boolean {
  return idempotentMethods.includes(request.method) || hasKnownKey(request, policy);
}

/** A key counts only where it was declared that the vendor knows a write by it: others take it for any odd header. */
function hasKnownKey({ headers }: PluginRequest, { retries: { idempotencyKey } }: RequestPolicy): boolean {
  const key = idempotencyKey?.header.toLowerCase();
  return headers.some(([name, value]) => name === key && value !== "");
}

/** Gives a write the key by which the vendor knows it again, where the author wants the host to. */
export function withIdempotencyKey(request: PluginRequest, { retries }: RequestPolicy): PluginRequest {
  const { idempotencyKey } = retries;
  if (!idempotencyKey?.generate || !["POST", "PATCH"].includes(request.method)) return request;
  const name = idempotencyKey.header.toLowerCase();
  if (request.headers.some(([known]) => known === name)) return request;
  return { ...request, headers: [...request.headers, [name, randomUUID()]] };
}
