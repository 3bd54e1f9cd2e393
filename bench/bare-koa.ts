/** The bare building block of an action over HTTP: Koa that parses JSON and gives it back. Prints its address. */
import type { AddressInfo } from "node:net";
import Koa from "koa";

const app = new Koa();
app.use(async (ctx) => {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.req) chunks.push(chunk as Buffer);
  const { input } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { input: unknown };
  ctx.body = { output: input };
});
const server = app.listen(0, "127.0.0.1", () => {
  console.log(`bare koa at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
