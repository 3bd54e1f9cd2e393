import type Koa from "koa";
import { httpErrors } from "../http-errors.ts";
import { type ProblemOptions, sendProblem } from "../problem.ts";

/** Answers with a problem document when anything further in throws. */
export function errorsToProblems(o: ProblemOptions): Koa.Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      sendProblem(ctx, error, o);
      ctx.respond = false;
    }
  };
}

/**
 * What Koa reports from outside the middleware: a connection that failed, or a reply stream that
 * failed after its first bytes were sent.
 */
export function onConnectionError(o: ProblemOptions): (this: Koa.Context, error: unknown) => void {
  return function onError(error) {
    if (error === null || error === undefined) return;
    if (!isConnectionError(error)) {
      sendProblem(this, error, o);
      return;
    }
    o.logger.debug({ requestId: this.state.requestId, err: error }, "the connection failed");
    const incomplete = httpErrors.error("request-incomplete", "The request ended before it was complete.");
    sendProblem(this, incomplete, o);
  };
}

const ofConnections = new Set([
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

/** HPE_…: what Node's HTTP parser says of a request that ends too early or goes wrong in the middle. */
function isConnectionError(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return ofConnections.has(code) || code.startsWith("HPE_");
}
