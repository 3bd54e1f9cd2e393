import type Koa from "koa";
import type { Logger } from "../observe/index.ts";
import type { RequestParts } from "./compiled-route.ts";
import type { RequestHead, RouteRequest } from "./route.ts";

/**
 * What `authenticate` gets, and the handler when its parts were read. A class, because `signal` and `log` are made only for those
 * who ask.
 */
export class HandlerRequest implements RouteRequest {
  readonly method: string;
  readonly path: string;
  readonly routePath: string;
  readonly headers: RequestHead["headers"];
  readonly ip: string;
  readonly requestId: string;
  readonly ctx: Koa.Context;
  params: unknown;
  query: unknown;
  body: unknown;
  identity: unknown;
  readonly #logger: Logger;
  #log: Logger | undefined;
  #abort: AbortController | undefined;

  constructor(ctx: Koa.Context, target: { method: string; path: string; routePath: string }, logger: Logger) {
    this.method = target.method;
    this.path = target.path;
    this.routePath = target.routePath;
    this.headers = ctx.req.headers;
    // Now: of a client that has left nothing is known any more.
    this.ip = ctx.ip;
    this.requestId = ctx.state.requestId as string;
    this.ctx = ctx;
    this.#logger = logger;
  }

  take(parts: RequestParts): void {
    this.params = parts.params;
    this.query = parts.query;
    this.body = parts.body;
  }

  get log(): Logger {
    this.#log ??= this.#logger.child({ requestId: this.requestId });
    return this.#log;
  }

  get signal(): AbortSignal {
    if (!this.#abort) {
      const abort = new AbortController();
      const { res } = this.ctx;
      if (res.closed) abort.abort();
      else res.once("close", () => res.writableFinished || abort.abort());
      this.#abort = abort;
    }
    return this.#abort.signal;
  }
}
