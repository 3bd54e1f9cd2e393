import type { Logger } from "../observe/index.ts";
import type { RequestParts } from "./compiled-route.ts";
import type { RequestHead, RouteRequest } from "./route.ts";

/** What a handler gets. A class, because `signal` and `log` are made only for those who ask. */
export class HandlerRequest implements RouteRequest {
  readonly method: string;
  readonly path: string;
  readonly routePath: string;
  readonly headers: RequestHead["headers"];
  readonly ip: string;
  readonly requestId: string;
  readonly ctx: RequestHead["ctx"];
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly identity: unknown;
  readonly #logger: Logger;
  #log: Logger | undefined;
  #abort: AbortController | undefined;

  constructor(head: RequestHead, parts: RequestParts, identity: unknown, logger: Logger) {
    this.method = head.method;
    this.path = head.path;
    this.routePath = head.routePath;
    this.headers = head.headers;
    this.ip = head.ip;
    this.requestId = head.requestId;
    this.ctx = head.ctx;
    this.params = parts.params;
    this.query = parts.query;
    this.body = parts.body;
    this.identity = identity;
    this.#logger = logger;
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
