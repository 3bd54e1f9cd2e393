import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { problem, serve } from "./test-app.ts";

const maxBodyBytes = 1_000;

const json = route({
  method: "POST",
  path: "/json",
  operationId: "json",
  summary: "Takes JSON",
  tags: ["test"],
  access: "public",
  body: Type.Object({ text: Type.String() }),
  maxBodyBytes,
  responses: { 200: { description: "Its length.", schema: Type.Integer() } },
  errors: [],
  handler: async ({ body }) => ({ status: 200, body: body.text.length }),
});

const raw = route({
  method: "POST",
  path: "/raw",
  operationId: "raw",
  summary: "Takes bytes",
  tags: ["test"],
  access: "public",
  body: { raw: ["application/octet-stream"], maxBytes: maxBodyBytes },
  responses: { 200: { description: "Them.", mediaType: "application/octet-stream" } },
  errors: [],
  handler: async ({ body }) => ({
    status: 200,
    body,
    headers: { "Content-Type": "application/octet-stream" },
  }),
});

test("what is not JSON is 400, with where it stops making sense", async (t) => {
  const app = await serve(t, [json]);
  const bodies = [
    "",
    "{",
    '{"text":',
    "{'text': 1}",
    "undefined",
    '{"text":"a"} x',
    "\ufeff",
    '{"text":"\n"}',
    "[".repeat(400),
  ];
  for (const body of [...bodies, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])]) {
    const response = await app.fetch("/json", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    assert.equal(response.status, 400, JSON.stringify(body));
    assert.equal((await problem(response)).code, "malformed-json");
  }
});

test("another content type is 415 and told what is taken, and a compressed body likewise", async (t) => {
  const app = await serve(t, [json, raw]);
  const types = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/jsonp",
    "",
    "application/merge-patch+json",
  ];
  for (const type of types) {
    const response = await app.fetch("/json", {
      method: "POST",
      headers: { "content-type": type },
      body: '{"text":"a"}',
    });
    const { status, detail } = await problem(response);
    assert.equal(status, 415, type);
    assert.match(detail, /expected application\/json/);
  }
  const compressed = await app.fetch("/json", {
    method: "POST",
    headers: { "content-type": "application/json", "content-encoding": "gzip" },
    body: gzipSync('{"text":"a"}'),
  });
  assert.equal(compressed.status, 415);
  assert.match(
    (await problem(await app.fetch("/raw", { method: "POST", body: "x" }))).detail,
    /application\/octet-stream/,
  );

  for (const type of ["application/json", "Application/JSON; charset=utf-8", "application/json;x=y"]) {
    const response = await app.fetch("/json", {
      method: "POST",
      headers: { "content-type": type },
      body: '{"text":"a"}',
    });
    assert.equal(response.status, 200, type);
  }
});

test("a body past the limit is 413, told by its length or only found out on the way", async (t) => {
  const app = await serve(t, [json, raw]);
  const large = JSON.stringify({ text: "x".repeat(maxBodyBytes) });
  const stream = () => new Blob([large]).stream();
  for (const body of [large, stream()]) {
    const response = await app.fetch("/json", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      duplex: "half",
    } as RequestInit);
    const { code, maxBytes } = await problem(response);
    assert.deepEqual([response.status, code, maxBytes], [413, "payload-too-large", maxBodyBytes]);
  }
  const fits = JSON.stringify({ text: "x".repeat(maxBodyBytes - 11) });
  assert.equal(fits.length, maxBodyBytes);
  const headers = { "content-type": "application/json" };
  assert.equal((await app.fetch("/json", { method: "POST", headers, body: fits })).status, 200);
});

test("an upload much larger than the limit still gets to read its answer", async (t) => {
  const app = await serve(t, [raw]);
  const response = await app.fetch("/raw", {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: new Blob([Buffer.alloc(8 * 1024 * 1024)]).stream(),
    duplex: "half",
  } as RequestInit);
  assert.equal(response.status, 413);
});

test("raw bytes arrive as they were sent, and go out as they are", async (t) => {
  const app = await serve(t, [raw]);
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const response = await app.fetch("/raw", {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: bytes,
  });
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), bytes);
});

test("a client that goes away in the middle of its body is no error of ours", async (t) => {
  const app = await serve(t, [json]);
  const { port } = new URL(app.listener.address);
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    "POST /json HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
  );
  socket.end();
  socket.resume();
  await once(socket, "close");
  assert.equal((await app.post("/json", { text: "still here" })).status, 200);
  assert.doesNotMatch(app.log(), /"level":"(error|fatal)"/);
});
