import type { Middleware } from "koa";
import { jsonError, SalesforceError } from "../errors.ts";
import type { RequestState } from "./state.ts";

const maxBytes = 32 * 1024 * 1024;

/** Reads every body, as text. */
export const readBody: Middleware<RequestState> = async (ctx, next) => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of ctx.req) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new SalesforceError(413, "REQUEST_TOO_LARGE", "Request entity too large");
    chunks.push(chunk);
  }
  ctx.state.body = Buffer.concat(chunks).toString("utf8");
  await next();
};

/** @throws SalesforceError JSON_PARSER_ERROR */
export function jsonOf(body: string): { [field: string]: unknown } {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below.
  }
  throw jsonError(
    "The HTTP entity body is required, but this request has no entity body or it is no JSON object.",
  );
}
