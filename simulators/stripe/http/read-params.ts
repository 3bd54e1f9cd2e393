import type { Middleware } from "koa";
import { StripeApiError } from "../errors.ts";
import { parseForm } from "../params/raw.ts";
import type { RequestState } from "./state.ts";

const maxBodyBytes = 1024 * 1024;

/** Reads parameters where Stripe's v1 API takes them: a form-encoded body on POST, the query otherwise. */
export const readParams: Middleware<RequestState> = async (ctx, next) => {
  if (ctx.method === "POST") {
    const body = await readText(ctx.req);
    if (body !== "" && !ctx.is("application/x-www-form-urlencoded"))
      throw new StripeApiError(400, {
        type: "invalid_request_error",
        message:
          `Invalid request (check that your POST content type is application/x-www-form-urlencoded; ` +
          `it is ${ctx.get("Content-Type") || "missing"}). If you have any questions, we can help at https://support.stripe.com/.`,
      });
    ctx.state.params = parseForm(body);
  } else {
    ctx.state.params = parseForm(ctx.querystring);
  }
  await next();
};

async function readText(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes)
      throw new StripeApiError(413, { type: "invalid_request_error", message: "Request body is too large" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
