import { Readable } from "node:stream";
import type Koa from "koa";
import type { Logger } from "../../observe/index.ts";
import type { CompiledRoute } from "../compiled-route.ts";
import type { ReplyHeaders, RequestHead, RouteRequest } from "../route.ts";
import { type Router, splitTarget } from "../router.ts";

export interface DispatchOptions {
  router: Router;
  authenticate(request: RequestHead, access: unknown): Promise<unknown>;
  logger: Logger;
  /** Hold replies against their schemas; for tests. */
  checkResponses: boolean;
}

/** Finds the route; then, in this order: who is calling, is the request well formed, the handler, the reply. */
export function dispatch(o: DispatchOptions): Koa.Middleware {
  return async (ctx) => {
    const { req } = ctx;
    const method = req.method ?? "GET";
    const { path, search } = splitTarget(req.url ?? "/");
    if (method === "OPTIONS") {
      const methods = o.router.methodsOf(path);
      if (methods.length > 0) return sendOptions(ctx, methods);
    }
    const { compiled, params } = o.router.find(method, path);
    const { route } = compiled;
    ctx.state.route = route.path;

    const head: RequestHead = {
      method,
      path,
      routePath: route.path,
      headers: req.headers,
      ip: ctx.ip,
      requestId: ctx.state.requestId as string,
      ctx,
    };
    const identity = compiled.isPublic ? undefined : await o.authenticate(head, route.access);
    const request = new HandlerRequest(head, o.logger, {
      params: compiled.readParams(params),
      query: compiled.readQuery(search),
      body: route.body === undefined ? undefined : await compiled.readBody(req),
      identity,
    });
    const reply = await route.handler(request);
    if (o.checkResponses) checkReply(compiled, reply);
    sendReply(ctx, reply);
  };
}

/** What a handler gets. A class, because `signal` and `log` are made only for those who ask. */
class HandlerRequest implements RouteRequest {
  readonly method: string;
  readonly path: string;
  readonly routePath: string;
  readonly headers: RequestHead["headers"];
  readonly ip: string;
  readonly requestId: string;
  readonly ctx: Koa.Context;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly identity: unknown;
  readonly #logger: Logger;
  #log: Logger | undefined;
  #abort: AbortController | undefined;

  constructor(
    head: RequestHead,
    logger: Logger,
    parts: { params: unknown; query: unknown; body: unknown; identity: unknown },
  ) {
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
    this.identity = parts.identity;
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

function sendOptions(ctx: Koa.Context, methods: string[]): void {
  ctx.res.statusCode = 204;
  ctx.respond = false;
  ctx.res.setHeader("Allow", methods.join(", "));
  ctx.res.end();
}

function sendReply(
  ctx: Koa.Context,
  reply: { status: number; body?: unknown; headers?: ReplyHeaders },
): void {
  const { body, headers } = reply;
  ctx.status = reply.status;
  if (body instanceof Readable || Buffer.isBuffer(body) || typeof body === "string") {
    sendRaw(ctx, body);
  } else if (body !== undefined) {
    ctx.body = JSON.stringify(body);
    ctx.res.setHeader("Content-Type", "application/json; charset=utf-8");
  } else {
    ctx.body = null;
  }
  if (headers) ctx.set(headers as Record<string, string | string[]>);
  if (headers?.ETag !== undefined && ctx.fresh) {
    if (body instanceof Readable) body.destroy();
    ctx.status = 304;
    ctx.body = null;
  }
}

function sendRaw(ctx: Koa.Context, body: Readable | Buffer | string): void {
  if (body instanceof Readable && ctx.method === "HEAD") {
    body.destroy();
    ctx.body = null;
    return;
  }
  ctx.body = body;
}

function checkReply(compiled: CompiledRoute, reply: { status: number; body?: unknown }): void {
  const wrong = compiled.checkReply(reply.status, reply.body);
  if (wrong) throw new Error(`The reply of ${compiled.route.operationId} is not what it declares: ${wrong}`);
}
