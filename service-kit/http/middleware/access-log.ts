import type Koa from "koa";
import type { Logger } from "../../observe/index.ts";

/**
 * One line per request, written when its answer is sent or its client has left. It names the route,
 * not the path: a path can hold a secret, such as that of an incoming webhook.
 */
export function accessLog(logger: Logger): Koa.Middleware {
  return (ctx, next) => {
    const started = performance.now();
    ctx.res.once("close", () => {
      if (!logger.isLevelEnabled("info")) return;
      logger.info(
        {
          requestId: ctx.state.requestId,
          method: ctx.req.method,
          route: ctx.state.route,
          status: ctx.res.statusCode,
          durationMs: Math.round((performance.now() - started) * 100) / 100,
          ...(ctx.res.writableFinished ? {} : { aborted: true }),
        },
        "request",
      );
    });
    return next();
  };
}
