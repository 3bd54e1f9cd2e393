import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { test } from "node:test";
import { entityTag, type Route, route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { problem, serve } from "./test-app.ts";

const content = Buffer.alloc(300_000, "plugboard ");

function download(path: string, open: () => Readable | Buffer | undefined, status: 200 | 202 = 200): Route {
  return route({
    method: "GET",
    path,
    operationId: `get${path.slice(1)}`,
    summary: "A file",
    tags: ["test"],
    access: "public",
    responses: {
      200: { description: "The file.", mediaType: "application/gzip" },
      202: { description: "Not yet." },
    },
    errors: [],
    async handler() {
      const body = open();
      const headers = {
        "Content-Type": "application/gzip",
        ETag: entityTag(content),
        "Cache-Control": "immutable",
      };
      return body === undefined ? { status } : { status, body, headers };
    },
  });
}

test("buffers and streams are sent as they are, with their headers", async (t) => {
  const app = await serve(t, [
    download("/buffer", () => content),
    download("/stream", () => Readable.from([content])),
  ]);
  for (const path of ["/buffer", "/stream"]) {
    const response = await app.fetch(path);
    assert.equal(response.headers.get("content-type"), "application/gzip");
    assert.equal(response.headers.get("cache-control"), "immutable");
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), content);
  }
});

test("who has it already gets 304 and no body, and the stream is not left open", async (t) => {
  const streams: Readable[] = [];
  const app = await serve(t, [
    download("/stream", () => {
      const stream = Readable.from([content]);
      streams.push(stream);
      return stream;
    }),
  ]);
  const etag = (await app.fetch("/stream", { method: "HEAD" })).headers.get("etag") ?? "";
  for (const tag of [etag, `"other", ${etag}`, "*", `W/${etag}`]) {
    const response = await app.fetch("/stream", { headers: { "if-none-match": tag } });
    assert.deepEqual(
      [response.status, await response.text(), response.headers.get("etag")],
      [304, "", etag],
      tag,
    );
  }
  assert.equal((await app.fetch("/stream", { headers: { "if-none-match": '"other"' } })).status, 200);
  assert.ok(streams.slice(0, 5).every((stream) => stream.destroyed));
});

test("a status without a body keeps its status", async (t) => {
  const app = await serve(t, [download("/later", () => undefined, 202)]);
  const response = await app.fetch("/later");
  assert.deepEqual([response.status, await response.text()], [202, ""]);
});

test("text that is declared with a schema is JSON like any other value", async (t) => {
  const text = route({
    method: "GET",
    path: "/text",
    operationId: "text",
    summary: "A text",
    tags: ["test"],
    access: "public",
    responses: { 200: { description: "It.", schema: Type.Union([Type.String(), Type.Null()]) } },
    errors: [],
    handler: async () => ({ status: 200, body: "<html>" }),
  });
  const response = await (await serve(t, [text])).fetch("/text");
  assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
  assert.equal(await response.text(), '"<html>"');
});

test("a stream that fails before its first byte is a problem; one that fails later is cut, not ended", async (t) => {
  const app = await serve(t, [
    download("/missing", () => createReadStream("/no/such/file")),
    download("/half", () => {
      const stream = new PassThrough();
      stream.write(content);
      setImmediate(() => stream.destroy(new Error("disk on fire")));
      return stream;
    }),
  ]);
  const missing = await app.fetch("/missing");
  assert.equal(missing.status, 500);
  assert.equal(missing.headers.get("content-type"), "application/problem+json; charset=utf-8");
  assert.deepEqual([missing.headers.get("etag"), missing.headers.get("cache-control")], [null, "no-store"]);
  assert.equal((await problem(missing)).code, "internal-error");

  await assert.rejects(async () => (await app.fetch("/half")).arrayBuffer());
  assert.match(app.log(), /disk on fire/);
});

test("a client that goes away tells the handler through its signal, and is no error of ours", async (t) => {
  const aborted = Promise.withResolvers<void>();
  const waiting = route({
    method: "GET",
    path: "/wait",
    operationId: "wait",
    summary: "Waits",
    tags: ["test"],
    access: "public",
    responses: { 204: { description: "Never." } },
    errors: [],
    handler({ signal }) {
      return new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          aborted.resolve();
          resolve({ status: 204 });
        });
        client.abort();
      });
    },
  });
  const app = await serve(t, [waiting]);
  const client = new AbortController();
  await assert.rejects(app.fetch("/wait", { signal: client.signal }), { name: "AbortError" });
  await aborted.promise;
  assert.doesNotMatch(app.log(), /"level":"(error|fatal)"/);
});
