import type { IncomingHttpHeaders } from "node:http";
import type { Middleware } from "koa";
import type { RawParams } from "../params/raw.ts";
import type { RequestState } from "./state.ts";

/** One request as the vendor saw it, with the status it answered. */
export interface RecordedRequest {
  method: string;
  /** Without the query. */
  path: string;
  headers: IncomingHttpHeaders;
  /** The `Authorization` header in full, to compare with what a tenant entered. */
  authorization: string | undefined;
  idempotencyKey: string | undefined;
  /** The parsed query (GET, DELETE) or form body (POST); empty if the request ended before it was read. */
  params: RawParams;
  status: number;
}

/** Adds every request to `requests` once it is answered, refused ones too. */
export function record(requests: RecordedRequest[]): Middleware<RequestState> {
  return async (ctx, next) => {
    await next();
    requests.push({
      method: ctx.method,
      path: ctx.path,
      headers: ctx.headers,
      authorization: ctx.headers.authorization,
      idempotencyKey: ctx.get("Idempotency-Key") || undefined,
      params: ctx.state.params ?? {},
      status: ctx.status,
    });
  };
}
