import { once } from "node:events";
import { Readable } from "node:stream";
import type Koa from "koa";
import { namesTag } from "./etag.ts";
import type { ReplyHeaders, ResponseDeclarations } from "./route.ts";

export interface Reply {
  status: number;
  body?: unknown;
  headers?: ReplyHeaders;
}

/** Puts a handler's reply into the response, for Koa to send: as JSON if its status was declared with a schema. */
export async function setReply(
  ctx: Koa.Context,
  reply: Reply,
  declared: ResponseDeclarations,
): Promise<void> {
  const { status, body, headers } = reply;
  if (status === 200 && isKnown(ctx, headers?.ETag)) return setKnown(ctx, reply);
  if (body instanceof Readable) await firstBytes(body);
  // The body goes before the status, which Koa would guess from it.
  if (declared[status]?.schema) setJson(ctx, body);
  else setRaw(ctx, body);
  ctx.status = status;
  if (headers) ctx.set(headers as Record<string, string | string[]>);
}

/** Whoever has it is told so: nothing is written down or read for it. */
function setKnown(ctx: Koa.Context, { body, headers }: Reply): void {
  if (body instanceof Readable) body.destroy();
  ctx.set(headers as Record<string, string | string[]>);
  // Takes away what the headers say of the body that is not sent.
  ctx.body = null;
  ctx.status = 304;
}

function isKnown(ctx: Koa.Context, etag: string | string[] | undefined): boolean {
  const ifNoneMatch = ctx.req.headers["if-none-match"];
  const reads = ctx.method === "GET" || ctx.method === "HEAD";
  return reads && ifNoneMatch !== undefined && typeof etag === "string" && namesTag(ifNoneMatch, etag);
}

/** A stream that fails before its first bytes can still be answered with a problem; later ones are cut off. */
async function firstBytes(stream: Readable): Promise<void> {
  if (stream.readableLength === 0 && !stream.readableEnded) await once(stream, "readable");
}

function setJson(ctx: Koa.Context, body: unknown): void {
  // The type first: Koa would guess one from the text.
  ctx.res.setHeader("Content-Type", "application/json; charset=utf-8");
  ctx.body = JSON.stringify(body);
}

function setRaw(ctx: Koa.Context, body: unknown): void {
  if (body instanceof Readable && ctx.method === "HEAD") {
    body.destroy(); // nobody will read it
    ctx.body = null;
  } else {
    ctx.body = body ?? null;
  }
}
