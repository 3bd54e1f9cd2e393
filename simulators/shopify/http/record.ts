import type { IncomingHttpHeaders } from "node:http";
import type { Middleware } from "koa";
import type { RequestState } from "./state.ts";

/** One request as the vendor saw it, with the status it answered. */
export interface RecordedRequest {
  method: string;
  path: string;
  /** The shop that was asked. */
  domain: string | undefined;
  headers: IncomingHttpHeaders;
  /** `X-Shopify-Access-Token` in full, to compare with what a tenant entered. */
  accessToken: string | undefined;
  query: string | undefined;
  variables: { [name: string]: unknown };
  status: number;
}

/** Adds every request to `requests` once it is answered, refused ones too. */
export function record(requests: RecordedRequest[]): Middleware<RequestState> {
  return async (ctx, next) => {
    await next();
    requests.push({
      method: ctx.method,
      path: ctx.path,
      domain: ctx.state.domain,
      headers: ctx.headers,
      accessToken: ctx.get("X-Shopify-Access-Token") || undefined,
      query: ctx.state.operation?.query,
      variables: ctx.state.operation?.variables ?? {},
      status: ctx.status,
    });
  };
}
