import cors from "@koa/cors";
import type Koa from "koa";

export interface CorsOptions {
  /** Origins of pages that may call, such as `https://app.example.com`; `*` allows all (credentials travel in a header, never a cookie). */
  origins: string[] | "*";
}

const exposed = ["X-Request-Id", "ETag", "Location", "Retry-After", "RateLimit", "RateLimit-Policy"];
const maxAgeSeconds = 600;

export function crossOrigin(o: CorsOptions): Koa.Middleware {
  return cors({
    origin: (ctx) => {
      if (o.origins === "*") return "*";
      const origin = ctx.get("Origin");
      return o.origins.includes(origin) ? origin : "";
    },
    exposeHeaders: exposed,
    maxAge: maxAgeSeconds,
  });
}
