import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { pageQuery, route } from "@plugboard/service-kit/http";
import fc from "fast-check";
import { Type } from "typebox";
import { letter } from "../../../test/support/letter.ts";
import { defaults, serve, type TestApp } from "./test-app.ts";

const one = route({
  method: "POST",
  path: "/api/v1/things/:id",
  operationId: "change",
  summary: "Takes all kinds of input",
  tags: ["test"],
  access: "public",
  params: Type.Object({ id: Type.String({ pattern: "^[a-z]+_[0-9a-f]{4}$" }) }),
  query: Type.Object({ ...pageQuery, tag: Type.Optional(Type.Array(Type.String())) }),
  body: Type.Object({
    name: Type.String(),
    any: Type.Optional(Type.Unknown()),
    map: Type.Optional(Type.Record(Type.String(), Type.Number())),
    kind: Type.Optional(
      Type.Union([Type.Object({ a: Type.String() }), Type.Object({ b: Type.Array(Type.Integer()) })]),
    ),
  }),
  responses: { 200: { description: "It.", schema: Type.Unknown() } },
  errors: [],
  handler: async ({ params, query, body }) => ({ status: 200, body: { params, query, body } }),
});

const upload = route({
  method: "POST",
  path: "/upload",
  operationId: "upload",
  summary: "Takes an upload",
  tags: ["test"],
  access: "key",
  body: {
    multipart: {
      fields: { a: { maxBytes: 50 } },
      file: { name: "f", mediaTypes: ["application/gzip"], maxBytes: 500 },
    },
  },
  responses: { 204: { description: "Taken." } },
  errors: [],
  async handler({ body }) {
    for await (const _ of body.file.stream);
    return { status: 204 };
  },
});

/** Sends bytes as they are, on a connection of their own, and reads all that comes back. */
async function sendRaw(app: TestApp, bytes: string | Buffer): Promise<string> {
  const socket = connect(Number(new URL(app.listener.address).port), "127.0.0.1");
  const chunks: Uint8Array[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => {}); // cut off while we were still sending, which is an answer too
  socket.end(bytes);
  await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}

function assertNoServerError(answer: string, log: string): void {
  assert.doesNotMatch(answer, /^HTTP\/1\.1 5/, answer.slice(0, 500));
  assert.doesNotMatch(log, /"level":"(error|fatal)"/);
}

/** Set FUZZ_RUNS to look longer. */
const runs = { numRuns: Number(process.env.FUZZ_RUNS ?? 300) };
const target = fc.oneof(
  fc.webPath().map((path) => `/api/v1/things${path}`),
  fc.string({ unit: "binary-ascii" }).map((text) => `/api/v1/things/${text.replaceAll(/[\s\0]/g, "")}`),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.webQueryParameters().map((query) => `/api/v1/things/a_00ff?${query}`),
  fc.constantFrom(
    "*",
    "//",
    "http://[",
    "http://%",
    "/%00",
    "/api/v1/things/%ED%A0%80",
    "/?%",
    "/api/v1/things/a_00ff?%&%zz=%ff&__proto__=1",
    "\\",
    "/../../etc/passwd",
  ),
);

test("no request line makes a server error", async (t) => {
  const app = await serve(t, [one, upload]);
  const method = fc.constantFrom(
    "GET",
    "POST",
    "HEAD",
    "OPTIONS",
    "DELETE",
    "TRACE",
    "PURGE",
    "CONNECT",
    "FOO",
  );
  await fc.assert(
    fc.asyncProperty(method, target, async (verb, path) => {
      assertNoServerError(
        await sendRaw(app, `${verb} ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`),
        app.log(),
      );
    }),
    runs,
  );
});

test("no headers make a server error", async (t) => {
  const app = await serve(t, [one, upload]);
  const name = fc.oneof(
    fc.constantFrom(
      "content-type",
      "content-length",
      "content-encoding",
      "transfer-encoding",
      "x-request-id",
      "authorization",
      "if-none-match",
      "origin",
      "expect",
      "connection",
      "upgrade",
      "x-forwarded-for",
      "cookie",
      "host",
    ),
    fc.stringMatching(/^[a-zA-Z-]{1,20}$/),
  );
  const value = fc.oneof(
    fc.string({ unit: "binary-ascii", maxLength: 200 }).map((text) => text.replaceAll(/[\r\n\0]/g, "")),
    fc.constantFrom(
      "application/json",
      "multipart/form-data; boundary=",
      "multipart/form-data; boundary=x",
      "chunked",
      "gzip",
      "-1",
      "1e9",
      "99999999999999999999",
      "100-continue",
      "x".repeat(20_000),
      "\xff\xfe",
      "Bearer good",
    ),
  );
  const header = fc.tuple(name, value).map(([key, text]) => `${key}: ${text}`);
  const path = fc.constantFrom("/api/v1/things/a_00ff", "/upload", "/");
  await fc.assert(
    fc.asyncProperty(
      path,
      fc.array(header, { maxLength: 8 }),
      fc.string({ maxLength: 50 }),
      async (where, headers, body) => {
        const head = [`POST ${where} HTTP/1.1`, "host: x", "connection: close", ...headers].join("\r\n");
        assertNoServerError(await sendRaw(app, Buffer.from(`${head}\r\n\r\n${body}`, "latin1")), app.log());
      },
    ),
    runs,
  );
});

test("no body makes a server error, and one that is taken comes back as it went in", async (t) => {
  const app = await serve(t, [one, upload]);
  const send = async (body: string | Buffer) => {
    const response = await app.fetch("/api/v1/things/a_00ff", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const answer = await response.text();
    assert.ok([200, 400, 422].includes(response.status), `${response.status} ${answer}`);
    return { response, answer };
  };
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      async (bytes) => void (await send(Buffer.from(bytes))),
    ),
    runs,
  );
  await fc.assert(
    fc.asyncProperty(fc.json({ stringUnit: letter }), async (text) => void (await send(text))),
    runs,
  );
  const text = fc.string({ unit: letter }).filter((value) => !value.includes("\0"));
  await fc.assert(
    fc.asyncProperty(text, fc.jsonValue(), async (name, any) => {
      const body = JSON.stringify({ name, any });
      const { response, answer } = await send(body);
      if (response.status === 200) assert.deepEqual(JSON.parse(answer).body, JSON.parse(body));
    }),
    runs,
  );
});

test("no upload makes a server error", async (t) => {
  const app = await serve(t, [upload], { authenticate: defaults.authenticate });
  const line = fc.oneof(
    fc.constantFrom(
      "--b",
      "--b--",
      "",
      'content-disposition: form-data; name="a"',
      'content-disposition: form-data; name="f"; filename="x"',
      "content-type: application/gzip",
      "content-transfer-encoding: base64",
      "content-disposition: form-data",
      "x".repeat(600),
    ),
    fc.string({ unit: "binary-ascii", maxLength: 40 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 14 }), async (lines) => {
      const body = lines.join("\r\n");
      const head = `POST /upload HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer good\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: ${Buffer.byteLength(body)}`;
      const answer = await sendRaw(app, `${head}\r\n\r\n${body}`);
      assert.match(answer, /^HTTP\/1\.1 (204|4\d\d)/);
      assertNoServerError(answer, app.log());
    }),
    runs,
  );
});
