import type Koa from "koa";

/** How a request went, told when its answer is sent or its client has left. */
export interface Outcome {
  requestId: string;
  method: string;
  /** The path template; undefined if the request had no route. */
  route: string | undefined;
  status: number;
  durationMs: number;
  /** The client left before it had the whole answer. */
  aborted: boolean;
}

export interface Observer {
  started?(): void;
  ended(outcome: Outcome): void;
}

/** Tells observers of every request. */
export function observe(observers: Observer[]): Koa.Middleware {
  return (ctx, next) => {
    const startedAt = performance.now();
    for (const observer of observers) observer.started?.();
    ctx.res.once("close", () => {
      const outcome: Outcome = {
        requestId: ctx.state.requestId as string,
        method: ctx.req.method ?? "",
        route: ctx.state.route as string | undefined,
        status: ctx.res.statusCode,
        durationMs: performance.now() - startedAt,
        aborted: !ctx.res.writableFinished,
      };
      for (const observer of observers) observer.ended(outcome);
    });
    return next();
  };
}
