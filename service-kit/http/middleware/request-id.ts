import { randomUUID } from "node:crypto";
import type Koa from "koa";

const sane = /^[A-Za-z0-9._-]{1,100}$/;

/** Gives every request an id, the caller's own if it is harmless, and says it in the answer. */
export const requestId: Koa.Middleware = (ctx, next) => {
  const given = ctx.req.headers["x-request-id"];
  const id = typeof given === "string" && sane.test(given) ? given : randomUUID();
  ctx.state.requestId = id;
  ctx.res.setHeader("X-Request-Id", id);
  return next();
};
