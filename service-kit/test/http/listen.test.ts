import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, get as httpGet, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { listen, type Route, route } from "@plugboard/service-kit/http";
import { createLogger } from "@plugboard/service-kit/observe";
import Koa from "koa";
import { serve } from "./test-app.ts";

function slow(release: Promise<unknown>, onStart: () => void = () => {}): Route {
  return route({
    method: "GET",
    path: "/slow",
    operationId: "slow",
    summary: "Answers late",
    tags: ["test"],
    access: "public",
    responses: { 200: { description: "Late.", mediaType: "text/plain" } },
    errors: [],
    async handler() {
      onStart();
      await release;
      return { status: 200, body: "late but whole" };
    },
  });
}

function get(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => httpGet(url, { agent }, resolve).once("error", reject));
}

test("closing lets what is in flight finish, takes nothing new, and closes idle connections at once", async (t) => {
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const app = await serve(t, [slow(release.promise, started.resolve)]);
  const { port } = new URL(app.listener.address);
  const idle = connect(Number(port), "127.0.0.1");
  await once(idle, "connect");
  const used = new Agent({ keepAlive: true });
  await text(await get(`${app.listener.address}/nothing`, used));

  const answer = get(`${app.listener.address}/slow`, new Agent({ keepAlive: true }));
  await started.promise;
  const closed = app.listener.close(30_000);
  idle.resume();
  await once(idle, "close");
  await assert.rejects(fetch(`${app.listener.address}/slow`), "new connections are refused");

  release.resolve();
  const response = await answer;
  assert.equal(await text(response), "late but whole");
  assert.equal(response.headers.connection, "close");
  await closed;
});

test("an answer whose head is already out is finished too, and its connection does not hold the server up", async (t) => {
  const stream = new PassThrough();
  stream.write("first ");
  const streaming = route({
    method: "GET",
    path: "/stream",
    operationId: "stream",
    summary: "Streams",
    tags: ["test"],
    access: "public",
    responses: { 200: { description: "A stream.", mediaType: "text/plain" } },
    errors: [],
    handler: async () => ({ status: 200, body: stream }),
  });
  const app = await serve(t, [streaming]);
  const response = await get(`${app.listener.address}/stream`, new Agent({ keepAlive: true }));
  const closed = app.listener.close(30_000);
  stream.end("last");
  assert.equal(await text(response), "first last");
  await closed;
});

test("what does not finish in time is cut", async (t) => {
  const started = Promise.withResolvers<void>();
  const app = await serve(t, [slow(new Promise(() => {}), started.resolve)]);
  const answer = app.fetch("/slow");
  answer.catch(() => {}); // it fails while the server is being closed, before it is looked at
  await started.promise;
  await app.listener.close(0);
  await assert.rejects(answer);
});

test("closing twice, or before any request, is fine", async (t) => {
  const app = await serve(t, []);
  await Promise.all([app.listener.close(0), app.listener.close(0)]);
  await app.listener.close(0);
});

test("the address is one to connect to, and a port that is taken is said", async (t) => {
  const logger = createLogger({ name: "test", level: "silent" });
  const first = await listen(new Koa(), { port: 0, host: "127.0.0.1", logger });
  t.after(() => first.close(0));
  const { hostname, port } = new URL(first.address);
  assert.equal(hostname, "127.0.0.1");
  await assert.rejects(listen(new Koa(), { port: Number(port), host: "127.0.0.1", logger }), {
    code: "EADDRINUSE",
    message: `Port ${port} on 127.0.0.1 is taken by another program. Stop that one, or set PORT to another port (0 takes a free one).`,
  });
  // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
  await assert.rejects(listen(new Koa(), { port: 0, host: "192.0.2.1", logger }), {
    code: "EADDRNOTAVAIL",
    message: /^192\.0\.2\.1 is not an address of this machine\. Set HOST /,
  });
});

const MiB = 1024 * 1024;
/** More than the system takes by itself. */
const large = Buffer.alloc(32 * MiB);

function largeRoute(onClose: () => void): Route {
  return route({
    method: "GET",
    path: "/large",
    operationId: "large",
    summary: "Answers much",
    tags: ["test"],
    access: "public",
    responses: { 200: { description: "Much.", mediaType: "application/octet-stream" } },
    errors: [],
    async handler({ ctx }) {
      ctx.res.once("close", onClose);
      return { status: 200, body: large };
    },
  });
}

test("a client that does not take its answer is ended, and one that does gets all of it", async (t) => {
  const ended = Promise.withResolvers<void>();
  const patience = { graceMs: 1, bytesPerSecond: Number.POSITIVE_INFINITY };
  const slow = await serve(t, [largeRoute(ended.resolve)], { patience });
  const socket = connect(Number(new URL(slow.listener.address).port), "127.0.0.1");
  t.after(() => socket.destroy());
  socket.write("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await ended.promise;

  const patient = await serve(t, [largeRoute(() => {})]);
  assert.equal((await (await patient.fetch("/large")).arrayBuffer()).byteLength, large.length);
});

test("a client that takes an answer more slowly than it may is ended, and a faster one goes on", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const graceMs = 10_000;
  const patience = { graceMs, bytesPerSecond: 2 * MiB };
  const responses: ServerResponse[] = [];
  function* made() {
    for (let i = 0; i < 128; i++) yield Buffer.alloc(MiB);
  }
  const download = route({
    method: "GET",
    path: "/download",
    operationId: "download",
    summary: "Streams much",
    tags: ["test"],
    access: "public",
    responses: { 200: { description: "Much.", mediaType: "application/octet-stream" } },
    errors: [],
    async handler({ ctx }) {
      responses.push(ctx.res);
      const headers = { "Content-Length": String(128 * MiB) };
      return { status: 200, body: Readable.from(made(), { objectMode: false }), headers };
    },
  });
  const app = await serve(t, [download], { patience });
  const socket = connect(Number(new URL(app.listener.address).port), "127.0.0.1").pause();
  t.after(() => socket.destroy());
  socket.write("GET /download HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(2));
  /** Until so many bytes have come; then no more are taken than the system takes by itself. */
  const take = async (bytes: number) => {
    for (const until = socket.bytesRead + bytes; socket.bytesRead < until; ) {
      if (socket.read() === null) await once(socket, "readable");
    }
  };
  const standsStill = async () => {
    let before = -1;
    while (!responses[0]?.writableNeedDrain || before !== responses[0].socket?.bytesWritten) {
      before = responses[0]?.socket?.bytesWritten ?? -1;
      await setTimeout(20);
    }
  };
  while (!responses[1]?.writableNeedDrain) await setTimeout(5);
  await standsStill();
  t.mock.timers.tick(graceMs);
  await take(60 * MiB);
  await standsStill();
  t.mock.timers.tick(graceMs);
  assert.equal(
    responses[0]?.destroyed,
    false,
    "it took more than it must, whatever of that the system had taken for it",
  );
  assert.equal(responses[1]?.destroyed, false, "it could take nothing of what stands behind that");
  await take(1);
  await standsStill();
  t.mock.timers.tick(graceMs);
  assert.equal(responses[0]?.destroyed, true);
  await app.listener.close(0);
});
