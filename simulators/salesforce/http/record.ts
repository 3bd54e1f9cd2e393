import type { IncomingHttpHeaders } from "node:http";
import type { Middleware } from "koa";
import type { RequestState } from "./state.ts";

/** One request as the vendor saw it, with the status it answered. */
export interface RecordedRequest {
  method: string;
  /** With the query. */
  url: string;
  path: string;
  /** The name that was asked for. */
  host: string;
  headers: IncomingHttpHeaders;
  body: string;
  status: number;
}

/** Adds every request to `requests` once it is answered, refused ones too. */
export function record(requests: RecordedRequest[]): Middleware<RequestState> {
  return async (ctx, next) => {
    await next();
    requests.push({
      method: ctx.method,
      url: ctx.url,
      path: ctx.path,
      host: ctx.hostname,
      headers: ctx.headers,
      body: ctx.state.body ?? "",
      status: ctx.status,
    });
  };
}
