import type Koa from "koa";
import type { Logger } from "../../observe/index.ts";
import type { CompiledRoute } from "../compiled-route.ts";
import { HandlerRequest } from "../handler-request.ts";
import { type Reply, setReply } from "../reply.ts";
import type { RequestHead } from "../route.ts";
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
    const method = ctx.req.method ?? "GET";
    const { path, search } = splitTarget(ctx.req.url ?? "/");
    if (method === "OPTIONS" && sendOptions(ctx, o.router.methodsOf(path))) return;

    const { compiled, params } = o.router.find(method, path);
    const { route } = compiled;
    ctx.state.route = route.path;
    const request = new HandlerRequest(ctx, { method, path, routePath: route.path }, o.logger);
    if (!compiled.isPublic) request.identity = await o.authenticate(request, route.access);
    request.take(await compiled.read(ctx.req, params, search));
    const reply = await route.handler(request);
    if (o.checkResponses) checkReply(compiled, reply);
    await setReply(ctx, reply, route.responses);
  };
}

/** False if there is nothing at the path. */
function sendOptions(ctx: Koa.Context, methods: string[]): boolean {
  if (methods.length === 0) return false;
  ctx.body = null;
  ctx.status = 204;
  ctx.set("Allow", methods.join(", "));
  return true;
}

function checkReply(compiled: CompiledRoute, reply: Reply): void {
  const wrong = compiled.checkReply(reply.status, reply.body);
  if (wrong) throw new Error(`The reply of ${compiled.route.operationId} is not what it declares: ${wrong}`);
}
