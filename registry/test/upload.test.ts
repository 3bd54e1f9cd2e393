import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";
import { test } from "node:test";
import { generateSigningKey } from "@plugboard/plugin-sdk/trust";
import { createUploadRoom } from "../publications/upload-room.ts";
import { pack, sign } from "./support/plugins.ts";
import { registerPublisher, startRegistry } from "./support/registry.ts";

const boundary = "plugboard-test-boundary";

function field(name: string, value: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}

const fileHead = `--${boundary}\r\nContent-Disposition: form-data; name="tarball"; filename="p.tgz"\r\nContent-Type: application/gzip\r\n\r\n`;

/** Begins an upload; what is written to it goes out at once, and the answer may come before its end. */
function beginUpload(url: string) {
  const upload = request(`${url}/registry/v1/plugins`, {
    method: "POST",
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
  });
  upload.on("error", () => {});
  const answer = once(upload, "response").then(async ([response]: IncomingMessage[]) => {
    assert.ok(response);
    return { status: response.statusCode, body: (await json(response)) as { code: string } };
  });
  return { upload, answer };
}

test("a statement that does not verify is answered before the tarball is sent", async (t) => {
  const { url, client } = await startRegistry(t);
  await registerPublisher(client, "acme");
  const stranger = await generateSigningKey();
  const { statement } = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), stranger.privateJwk);
  const { upload, answer } = beginUpload(url);
  t.after(() => upload.destroy());

  upload.write(`${field("statement", statement)}${fileHead}first`);

  const { status, body } = await answer;
  assert.deepEqual([status, body.code], [403, "publisher-key-unknown"]);
});

test("a version that exists is refused before the tarball is sent", async (t) => {
  const { url, client } = await startRegistry(t);
  const { key, publish } = await registerPublisher(client, "acme");
  await publish({ name: "echo", version: "1.0.0" });
  const { statement } = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), key.privateJwk);
  const { upload, answer } = beginUpload(url);
  t.after(() => upload.destroy());

  upload.write(`${field("statement", statement)}${fileHead}first`);

  const { status, body } = await answer;
  assert.deepEqual([status, body.code], [409, "version-exists"]);
});

test("more bytes than the statement says are not read", async (t) => {
  const { url, client } = await startRegistry(t);
  const { key } = await registerPublisher(client, "acme");
  const { tarball, statement } = await sign(
    await pack({ id: "acme/echo", version: "1.0.0" }),
    key.privateJwk,
  );
  const { upload, answer } = beginUpload(url);
  t.after(() => upload.destroy());

  upload.write(field("statement", statement) + fileHead);
  upload.write(Buffer.concat([tarball, Buffer.alloc(100_000)]));

  const { status, body } = await answer;
  assert.deepEqual([status, body.code], [422, "statement-mismatch"]);
});

test("an upload that breaks off leaves nothing behind", async (t) => {
  const { url, client } = await startRegistry(t);
  const { key } = await registerPublisher(client, "acme");
  const signed = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), key.privateJwk);
  const { upload, answer } = beginUpload(url);
  upload.write(field("statement", signed.statement) + fileHead);
  upload.write(signed.tarball.subarray(0, 100));
  upload.destroy();
  await assert.rejects(answer);

  const { id } = await client.publish(signed);

  assert.equal((await client.waitForPublication(id)).status, "published");
});

test("the parts of an upload are a statement and then a tarball, and nothing else", async (t) => {
  const { url } = await startRegistry(t);
  const forms = [
    field("statement", "x"),
    `${fileHead}bytes\r\n`,
    `${fileHead}bytes\r\n${field("statement", "x")}`,
    `${field("statement", "x")}${field("other", "x")}${fileHead}bytes\r\n`,
    "",
  ];

  for (const form of forms) {
    const { upload, answer } = beginUpload(url);
    upload.end(`${form}--${boundary}--\r\n`);
    const { status, body } = await answer;
    assert.deepEqual([status, body.code], [422, "invalid-request"], form);
  }
});

test("a body that is no form is refused with what is expected", async (t) => {
  const { url } = await startRegistry(t);

  const response = await fetch(`${url}/registry/v1/plugins`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });

  const { code, detail } = (await response.json()) as { code: string; detail: string };
  assert.deepEqual([response.status, code], [415, "unsupported-media-type"]);
  assert.match(detail, /multipart\/form-data/);
});

test("no more is taken in at a time than there is room for, whoever announces it", () => {
  const enter = createUploadRoom({ bytesAtOnce: 100, bytesAtOncePerPublisher: 60 });
  const leave = enter("acme", 40);
  assert.throws(() => enter("acme", 40), { code: "rate-limited" }, "more than one publisher's part");
  enter("globex", 50);
  assert.throws(() => enter("initech", 20), { code: "rate-limited" }, "more than there is");
  leave();
  leave();
  enter("initech", 50);
  assert.throws(() => enter("acme", 1), { code: "rate-limited" }, "given back once");
});

test("a package that takes too long to arrive is not waited for, and gives its room back", async (t) => {
  const { url, client } = await startRegistry(t, { uploadLimits: { bytesAtOnce: 1, deadlineMs: 500 } });
  const { key } = await registerPublisher(client, "acme");
  const signed = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), key.privateJwk);
  const { upload, answer } = beginUpload(url);
  t.after(() => upload.destroy());

  upload.write(`${field("statement", signed.statement)}${fileHead}first`);

  const { status, body } = await answer;
  assert.deepEqual([status, body.code], [400, "request-incomplete"]);
  assert.equal((await client.publish(signed)).publisher, "acme");
});

test("of many packages at once no more are kept than may be under way", async (t) => {
  const { client } = await startRegistry(t, { uploadLimits: { perHour: 2 } });
  const { key } = await registerPublisher(client, "acme");
  const packages = await Promise.all(
    ["1.0.0", "1.0.1", "1.0.2", "1.0.3"].map(async (version) =>
      sign(await pack({ id: "acme/echo", version }), key.privateJwk),
    ),
  );

  const sent = await Promise.allSettled(packages.map((one) => client.publish(one)));

  assert.equal(sent.filter(({ status }) => status === "fulfilled").length, 2);
});
