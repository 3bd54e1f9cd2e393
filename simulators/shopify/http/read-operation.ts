import type { Middleware } from "koa";
import { ShopifyHttpError } from "../errors.ts";
import { readText } from "./read-text.ts";
import type { RequestState } from "./state.ts";

/** Reads `{ query, variables?, operationName? }`, or a query alone as `application/graphql`. */
export const readOperation: Middleware<RequestState> = async (ctx, next) => {
  const body = await readText(ctx.req);
  const isQuery = ctx.is("application/graphql") !== false;
  const { query, variables, operationName } = isQuery ? { query: body } : parseObject(body);
  if (typeof query !== "string" || query.trim() === "")
    throw new ShopifyHttpError(400, { query: "Required parameter missing or invalid" });
  ctx.state.operation = {
    query,
    variables: isRecord(variables) ? variables : {},
    operationName: typeof operationName === "string" && operationName !== "" ? operationName : undefined,
  };
  await next();
};

interface Body {
  query?: unknown;
  variables?: unknown;
  operationName?: unknown;
}

function parseObject(text: string): Body {
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch {
    // Said below.
  }
  throw new ShopifyHttpError(400, "Bad Request: the body is not a JSON object");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
