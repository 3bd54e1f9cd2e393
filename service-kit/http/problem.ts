import type Koa from "koa";
import type { Logger } from "../observe/index.ts";
import { PlugboardError } from "./errors.ts";
import { httpErrors } from "./http-errors.ts";

/** A problem document (RFC 9457). */
export interface ProblemDocument {
  /** Where the code is documented, as a path on this server. */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** Stable; what programs decide by. */
  code: string;
  /** Names this occurrence: the request id, as in the log. */
  instance: string;
  [member: string]: unknown;
}

/** Headers that described the answer which is now not sent. */
const contentHeaders = [
  "content-type",
  "content-length",
  "content-encoding",
  "etag",
  "last-modified",
  "cache-control",
];

export interface ProblemOptions {
  logger: Logger;
  /** The page that documents the codes. */
  docsPath: string;
}

/** Answers with an error: what it may show of it as a problem document, the rest in the log alone. */
export function sendProblem(ctx: Koa.Context, thrown: unknown, o: ProblemOptions): void {
  const requestId = String(ctx.state.requestId);
  const error = toPlugboardError(thrown);
  if (error.status >= 500) logFailure(thrown, { requestId, route: ctx.state.route }, o.logger);

  const { res } = ctx;
  if (res.headersSent || res.destroyed) {
    // Too late for an answer. Cutting the connection tells the client that what it got is not whole.
    res.destroy();
    return;
  }
  for (const name of contentHeaders) res.removeHeader(name);
  const document: ProblemDocument = {
    ...error.members,
    type: `${o.docsPath}#${error.code}`,
    title: error.title,
    status: error.status,
    detail: error.expose
      ? error.message
      : `Something failed that should not have; it was logged as ${requestId}.`,
    code: error.code,
    instance: `urn:plugboard:request:${requestId}`,
  };
  const body = Buffer.from(JSON.stringify(document), "utf8");
  res.statusCode = error.status;
  res.setHeader("Content-Type", "application/problem+json; charset=utf-8");
  res.setHeader("Content-Length", body.length);
  res.setHeader("Cache-Control", "no-store");
  if (error.status === 401) res.setHeader("WWW-Authenticate", "Bearer");
  for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value);
  res.end(ctx.req.method === "HEAD" ? undefined : body);
}

/**
 * What may be shown was foreseen (a vendor that is down, a plugin that threw): one line that says so. Anything else is a
 * defect, and is logged with all there is.
 */
function logFailure(thrown: unknown, request: object, logger: Logger): void {
  if (!(thrown instanceof PlugboardError && thrown.expose)) {
    logger.error({ ...request, err: thrown }, "request failed");
    return;
  }
  const { code, message: detail } = thrown;
  const cause = thrown.cause instanceof Error ? thrown.cause.message : undefined;
  logger.warn({ ...request, code, detail, ...(cause && { cause }) }, "request failed");
}

/** Anything that is not ours was not meant for a client. */
function toPlugboardError(thrown: unknown): PlugboardError {
  if (thrown instanceof PlugboardError) return thrown;
  return httpErrors.error("internal-error", "unexpected", {}, { cause: thrown });
}
