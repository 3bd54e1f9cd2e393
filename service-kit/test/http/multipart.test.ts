import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { PlugboardError, route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { problem, serve } from "./test-app.ts";

const maxFileBytes = 100_000;

function upload(onChunk: (size: number) => void = () => {}) {
  return route({
    method: "POST",
    path: "/upload",
    operationId: "upload",
    summary: "Takes a file",
    tags: ["test"],
    access: "public",
    body: {
      multipart: {
        fields: { statement: { maxBytes: 1_000 }, note: { maxBytes: 10, optional: true } },
        file: { name: "tarball", mediaTypes: ["application/gzip"], maxBytes: maxFileBytes },
      },
    },
    responses: {
      200: {
        description: "What came.",
        schema: Type.Object({
          statement: Type.String(),
          note: Type.Union([Type.String(), Type.Null()]),
          size: Type.Integer(),
        }),
      },
      202: { description: "Not read." },
    },
    errors: [],
    async handler({ body: { fields, file } }) {
      if (fields.note === "unread") return { status: 202 };
      let size = 0;
      for await (const chunk of file.stream) {
        size += chunk.length;
        onChunk(size);
      }
      return { status: 200, body: { statement: fields.statement, note: fields.note ?? null, size } };
    },
  });
}

function form(parts: [string, string | Blob][]): FormData {
  const data = new FormData();
  for (const [name, value] of parts) {
    if (typeof value === "string") data.append(name, value);
    else data.append(name, value, "package.tgz");
  }
  return data;
}

function file(size: number, type = "application/gzip"): Blob {
  return new Blob([Buffer.alloc(size, 7)], { type });
}

test("fields come as text, the file as a stream", async (t) => {
  const app = await serve(t, [upload()]);
  const body = form([
    ["statement", "a.b.c"],
    ["note", "hello"],
    ["tarball", file(maxFileBytes)],
  ]);
  const response = await app.fetch("/upload", { method: "POST", body });
  assert.deepEqual(await response.json(), { statement: "a.b.c", note: "hello", size: maxFileBytes });
});

test("a file past its limit fails the stream its handler reads, and so the request", async (t) => {
  let read = 0;
  const app = await serve(t, [upload((size) => (read = size))]);
  for (const size of [maxFileBytes + 1, 5_000_000]) {
    const response = await app.fetch("/upload", {
      method: "POST",
      body: form([
        ["statement", "s"],
        ["tarball", file(size)],
      ]),
    });
    const { code, maxBytes } = await problem(response);
    assert.deepEqual([response.status, code, maxBytes], [413, "payload-too-large", maxFileBytes]);
    assert.ok(read <= maxFileBytes);
  }
});

test("parts that are missing, unknown, twice, too large, out of order or of the wrong type are refused", async (t) => {
  const app = await serve(t, [upload()]);
  const cases: [string, [string, string | Blob][], number, RegExp][] = [
    ["no parts", [], 422, /\/statement.*\/tarball/],
    ["no file", [["statement", "s"]], 422, /\/tarball/],
    ["no field", [["tarball", file(1)]], 422, /\/statement.*before the file/],
    [
      "unknown field",
      [
        ["statement", "s"],
        ["other", "x"],
        ["tarball", file(1)],
      ],
      422,
      /\/other.*not a known part/,
    ],
    [
      "field twice",
      [
        ["statement", "s"],
        ["statement", "s"],
        ["tarball", file(1)],
      ],
      422,
      /more than once/,
    ],
    [
      "file of another name",
      [
        ["statement", "s"],
        ["package", file(1)],
      ],
      422,
      /\/package.*not a known part/,
    ],
    [
      "field too large",
      [
        ["statement", "s".repeat(1_001)],
        ["tarball", file(1)],
      ],
      413,
      /statement is larger than 1000/,
    ],
    [
      "small field too large",
      [
        ["statement", "s"],
        ["note", "n".repeat(11)],
        ["tarball", file(1)],
      ],
      413,
      /note is larger than 10/,
    ],
    [
      "wrong type",
      [
        ["statement", "s"],
        ["tarball", file(1, "text/html")],
      ],
      415,
      /text\/html; expected application\/gzip/,
    ],
    [
      "NUL in a field",
      [
        ["statement", "a\0b"],
        ["tarball", file(1)],
      ],
      422,
      /NUL/,
    ],
    [
      "odd name",
      [
        ["statement", "s"],
        ["__proto__", "x"],
        ["tarball", file(1)],
      ],
      422,
      /not a known part/,
    ],
  ];
  for (const [what, parts, status, detail] of cases) {
    const response = await app.fetch("/upload", { method: "POST", body: form(parts) });
    const text = await response.text();
    assert.equal(response.status, status, `${what}: ${text}`);
    assert.match(text, detail, what);
  }
});

test("what is not multipart is refused: another type, no boundary, no parts, an end in the middle", async (t) => {
  const app = await serve(t, [upload()]);
  const send = (type: string, body: string) =>
    app.fetch("/upload", { method: "POST", headers: { "content-type": type }, body });
  assert.equal((await send("application/json", "{}")).status, 415);
  assert.equal((await send("multipart/form-data", "x")).status, 415);
  for (const body of [
    "",
    "garbage",
    "--b\r\n",
    '--b\r\ncontent-disposition: form-data; name="statement"\r\n\r\ncut',
  ]) {
    const response = await send("multipart/form-data; boundary=b", body);
    assert.ok([400, 422].includes(response.status), `${body}: ${response.status}`);
  }
});

test("a handler need not read the file", async (t) => {
  const app = await serve(t, [upload()]);
  const body = () =>
    form([
      ["statement", "s"],
      ["note", "unread"],
      ["tarball", file(maxFileBytes)],
    ]);
  for (let i = 0; i < 3; i++) {
    assert.equal((await app.fetch("/upload", { method: "POST", body: body() })).status, 202);
  }
});

test("an upload that is cut off fails the stream its handler is reading", async (t) => {
  const failed = Promise.withResolvers<unknown>();
  const reading = route({
    ...(upload() as never as Parameters<typeof route>[0]),
    async handler(request) {
      const { file } = request.body as unknown as { file: { stream: AsyncIterable<Buffer> } };
      try {
        for await (const _ of file.stream);
        failed.resolve(undefined);
      } catch (error) {
        failed.resolve(error);
      }
      return { status: 202 };
    },
  });
  const app = await serve(t, [reading]);
  const socket = connect(Number(new URL(app.listener.address).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    [
      "POST /upload HTTP/1.1",
      "host: x",
      "content-type: multipart/form-data; boundary=b",
      "content-length: 90000",
      "",
      '--b\r\ncontent-disposition: form-data; name="statement"\r\n\r\ns',
      '--b\r\ncontent-disposition: form-data; name="tarball"; filename="p"\r\ncontent-type: application/gzip\r\n\r\nhalf a file',
    ].join("\r\n"),
  );
  socket.once("error", () => {});
  setImmediate(() => socket.resetAndDestroy());
  const error = await failed.promise;
  assert.ok(error instanceof PlugboardError);
  assert.equal(error.code, "request-incomplete");
});
