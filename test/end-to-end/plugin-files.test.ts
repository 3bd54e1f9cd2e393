/** Files between vendors, plugins and applications: larger than any body may be, and each where it may be seen. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

const MiB = 1024 * 1024;
const key = "sk_live_0123456789abcdefghij";
const fileInput = {
  type: "object",
  properties: { file: { type: "string", format: "file-id" }, id: { type: "string" } },
};

interface Seen {
  method: string | undefined;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

async function startVendor(t: TestContext) {
  const seen: Seen[] = [];
  const answers = new Map<string, (response: ServerResponse, seen: Seen) => void>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on("data", (chunk) => chunks.push(chunk))
      .on("end", () => {
        const one = { method: request.method, headers: request.headers, body: Buffer.concat(chunks) };
        seen.push(one);
        (answers.get(request.url ?? "") ?? (() => response.end("ok")))(response, one);
      });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, answers, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** So many bytes that are no two times the same, a piece at a time, as fast as they are taken. */
async function sendMuch(response: ServerResponse, bytes: number): Promise<string> {
  const hash = createHash("sha256");
  for (let sent = 0; sent < bytes; sent += MiB) {
    const piece = randomBytes(Math.min(MiB, bytes - sent));
    hash.update(piece);
    if (!response.write(piece)) await once(response, "drain");
  }
  response.end();
  return hash.digest("hex");
}

test("files of plugins", async (t) => {
  const vendor = await startVendor(t);
  const host = await startTestHost(t, {
    egressRewrite: { "api.vendor.test": vendor.origin, "files.vendor.test": vendor.origin },
    sandboxLimits: {
      fileBytes: 17 * MiB,
      files: 12,
      // Much less than what goes through, both ways: what is counted is what is held.
      fetchBufferBytesPerTenant: 6 * MiB,
      fetchBufferBytesPerPlugin: 6 * MiB,
      hostFetchBufferBytes: 6 * MiB,
    },
  });
  const publisher = await registerPublisher(host.address, "acme");
  const network = [
    {
      hosts: ["api.vendor.test"],
      methods: ["GET" as const, "POST" as const, "PUT" as const],
      reason: "The API",
    },
    {
      hosts: ["files.vendor.test"],
      methods: ["GET" as const, "PUT" as const],
      credential: false,
      reason: "Files",
    },
  ];
  const actions = {
    get: {
      input: { type: "object", properties: { url: { type: "string" }, into: { type: "object" } } },
      run: "return files.fetch(input.url, { into: input.into ?? {} });",
    },
    info: { input: fileInput, run: "return (await files.get(input.file ?? input.id)) ?? null;" },
    read: { input: fileInput, run: "return files.read(input.file ?? input.id, { length: 20 });" },
    lines: {
      input: { type: "object" },
      run: `const found = []; const sizes = [];
        for (let offset = 0; offset !== null; ) {
          const part = await files.lines(input.id, { offset, quoted: input.quoted ?? false });
          sizes.push(part.lines.length); found.push(...part.lines.slice(0, 2)); offset = part.next;
        }
        return { parts: sizes.length, count: sizes.reduce((a, b) => a + b, 0), found: found.slice(0, 6) };`,
    },
    make: {
      input: { type: "object" },
      run: `const { id } = await files.create({ name: input.name ?? "made.csv", contentType: "text/csv" });
        for (const part of input.parts) await files.append(id, part);
        if (input.drops) return { id };
        return files.finish(id);`,
    },
    put: {
      input: fileInput,
      run: 'return files.fetch("https://files.vendor.test/in", { method: "PUT", body: { file: input.file ?? input.id } });',
    },
    form: {
      input: fileInput,
      run: `return files.fetch("https://api.vendor.test/form", { method: "POST", body: { form: [
        { name: 'pur"pose\\r\\nX: y', value: "evidence" }, { name: "file", file: input.file } ] } });`,
    },
    remove: { input: fileInput, run: "return files.delete(input.file ?? input.id);" },
    fill: {
      input: { type: "object" },
      run: `for (;;) { const { id } = await files.create(); await files.append(id, "x"); await files.finish(id); }`,
    },
  };
  const reason = "Exports";
  for (const name of ["acme/exports", "acme/other"])
    await publishTestPlugin(host.address, publisher, {
      id: name,
      actions,
      permissions: { network, files: { reason } },
      manifest: { requests: { retries: { delayMs: 0, maxDelayMs: 0 } } },
    });
  await publishTestPlugin(host.address, publisher, {
    id: "acme/without",
    actions: { try: { run: "return { files: typeof files };" } },
    permissions: { network },
  });
  const tenant = await host.tenant();
  const stranger = await host.tenant();
  const { connectionId } = await connect(tenant, "acme/exports", { key });
  const { connectionId: otherId } = await connect(tenant, "acme/other", { key });
  const run = async (action: string, input: object, over = connectionId, api = tenant.api) => {
    const { status, body } = await api.post(`/api/v1/connections/${over}/actions/${action}`, { input });
    return status === 200 ? body.output : { status, ...body };
  };
  const content = (id: string) =>
    fetch(`${host.address}/api/v1/files/${id}/content`, {
      headers: { authorization: `Bearer ${tenant.key}` },
    });
  const upload = async (body: string | Buffer, by = tenant) =>
    (await by.api.send("POST", "/api/v1/files", { body, headers: { "content-type": "text/plain" } })).body.id;

  await t.test("16 MiB come in and go out while the host holds 6 at most", async () => {
    const sent = Promise.withResolvers<string>();
    vendor.answers.set("/big", (response) => sent.resolve(sendMuch(response, 16 * MiB)));
    const { status, file, text, headers } = await run("get", { url: "https://api.vendor.test/big" });
    assert.deepEqual([status, text, file.size], [200, "", 16 * MiB]);
    assert.equal(file.sha256, await sent.promise);
    assert.ok(!("content-length" in headers));
    assert.equal(vendor.seen.at(-1)?.headers.authorization, `Bearer ${key}`);
    const put = await run("put", { id: file.id });
    assert.equal(put.status, 200);
    const got = vendor.seen.at(-1);
    assert.equal(
      createHash("sha256")
        .update(got?.body ?? "")
        .digest("hex"),
      file.sha256,
    );
    assert.equal(got?.headers["content-length"], String(16 * MiB));
    assert.equal(got?.headers.authorization, undefined);
    assert.equal(await run("remove", { id: file.id }), true);
    assert.equal((await content(file.id)).status, 404);
  });

  await t.test(
    "an application takes out what a plugin made, and the plugin reads what it is handed",
    async () => {
      const made = await run("make", { parts: ["id,name\n", "1,Lamp\n"] });
      assert.deepEqual([made.name, made.contentType, made.size], ["made.csv", "text/csv", 15]);
      assert.equal(await (await content(made.id)).text(), "id,name\n1,Lamp\n");
      const handed = await upload("a text that is not the plugin's");
      assert.deepEqual(await run("read", { file: handed }), { content: "a text that is not t", next: 20 });
      // Where the schema does not ask for a file, an id is a text as any other.
      assert.equal((await run("read", { id: handed })).reason, "file-not-found");
      assert.equal((await run("remove", { file: handed })) as boolean, false);
      const form = await run("form", { file: handed });
      assert.equal(form.status, 200);
      const sent = vendor.seen.at(-1);
      assert.match(String(sent?.headers["content-type"]), /^multipart\/form-data; boundary=plugboard-/);
      const parts = await new Response(new Uint8Array(sent?.body ?? []), {
        headers: { "content-type": String(sent?.headers["content-type"]) },
      }).formData();
      assert.deepEqual([...parts.keys()], ['pur"pose\r\nX: y', "file"]);
      assert.equal(await (parts.get("file") as File).text(), "a text that is not the plugin's");
    },
  );

  await t.test("nobody gets at a file by its id alone", async () => {
    const mine = await run("make", { parts: ["of acme/exports"] });
    assert.equal(await run("info", { id: mine.id }, otherId), null);
    assert.equal((await run("put", { id: mine.id }, otherId)).reason, "file-not-found");
    assert.equal(await run("remove", { id: mine.id }, otherId), false);
    // The tenant itself hands it over.
    assert.equal((await run("info", { file: mine.id }, otherId)).size, 15);
    // Not another tenant's, and not with a key that may not read files.
    const theirs = await upload("theirs", stranger);
    for (const file of [theirs, "fil_00000000000000000000000000000000"]) {
      const refused = await run("info", { file });
      assert.deepEqual([refused.status, refused.code], [422, "action-input-invalid"]);
      assert.match(refused.problems[0].message, /no file of this tenant/);
    }
    const made = await tenant.api.post("/api/v1/api-keys", { name: "runs", scopes: ["actions:run"] });
    const answer = await host.anonymous.send("POST", `/api/v1/connections/${connectionId}/actions/info`, {
      headers: { authorization: `Bearer ${made.body.key}`, "content-type": "application/json" },
      body: JSON.stringify({ input: { file: mine.id } }),
    });
    assert.equal(answer.body.code, "action-input-invalid");
    assert.match(answer.body.problems[0].message, /files:read/);
  });

  await t.test("without the permission there are none, and the tenant is asked for it", async () => {
    const { connectionId: without } = await connect(tenant, "acme/without", { key });
    assert.deepEqual(await run("try", {}, without), { files: "undefined" });
    const asked = await stranger.api.post("/api/v1/installs", { plugin: "acme/exports" });
    assert.equal(asked.body.code, "consent-required");
    assert.deepEqual(
      asked.body.added.filter(({ permission }: { permission: string }) => permission === "files"),
      [{ permission: "files", value: "files of its own, and those that are handed to it", reason }],
    );
  });

  await t.test("a credential is taken out wherever it stands in the stream", async () => {
    const filler = "x".repeat(1000);
    let echoes = 1;
    vendor.answers.set("/echo", async (response) => {
      // Across the borders of pieces, of what is kept, and of what is looked through at a time; in several forms.
      for (let at = 0; at < 3 * MiB; at += 1000, echoes++) {
        const form =
          [key, Buffer.from(`Bearer ${key}`).toString("base64"), encodeURIComponent(key)][at % 3] ?? "";
        response.write(filler + form.slice(0, 9));
        response.write(`${form.slice(9)}\n`);
        if (at % 100_000 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      response.end(`. ${key}`);
    });
    const { file } = await run("get", { url: "https://api.vendor.test/echo" });
    const text = await (await content(file.id)).text();
    assert.ok(text.length > 3 * MiB);
    for (const form of [key, key.slice(4, 24), Buffer.from(key).toString("base64").slice(2, -4)])
      assert.ok(!text.includes(form), form);
    assert.ok(!text.includes(Buffer.from(`Bearer ${key}`).toString("base64").slice(12, 30)));
    assert.equal(text.split("[redacted]").length - 1, echoes);
    await run("remove", { id: file.id });
  });

  await t.test("a bomb is cut off, and so is a body without end", async () => {
    const before = (await tenant.api.get("/api/v1/files")).body.items.length;
    vendor.answers.set("/bomb", (response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(gzipSync(Buffer.alloc(18 * MiB)));
    });
    assert.equal((await run("get", { url: "https://api.vendor.test/bomb" })).reason, "file-too-large");
    vendor.answers.set("/endless", (response) => {
      response.on("error", () => {});
      const piece = Buffer.alloc(MiB);
      const more = () => {
        while (!response.destroyed && response.write(piece));
        response.once("drain", more);
      };
      more();
    });
    assert.equal((await run("get", { url: "https://api.vendor.test/endless" })).reason, "file-too-large");
    assert.equal((await tenant.api.get("/api/v1/files")).body.items.length, before);
  });

  await t.test("of a reply that breaks off nothing is seen, and the next try counts alone", async () => {
    let tries = 0;
    vendor.answers.set("/cut", (response) => {
      if (++tries > 1) return void response.end("whole");
      response.writeHead(200, { "content-length": String(2 * MiB) });
      response.write(Buffer.alloc(MiB), () => response.destroy());
    });
    const { file } = await run("get", { url: "https://api.vendor.test/cut" });
    assert.deepEqual([tries, file.size], [2, 5]);
    assert.equal(await (await content(file.id)).text(), "whole");
    await run("remove", { id: file.id });
  });

  await t.test("a body that is a file is sent again where it may be", async () => {
    const { id } = await run("make", { parts: ["twice"] });
    let tries = 0;
    vendor.answers.set("/in", (response) => void response.writeHead(++tries === 1 ? 503 : 200).end());
    assert.equal((await run("put", { id })).status, 200);
    assert.deepEqual(
      vendor.seen.slice(-2).map(({ body }) => body.toString()),
      ["twice", "twice"],
    );
    vendor.answers.set("/form", (response) => void response.writeHead(503).end("no"));
    const before = vendor.seen.length;
    assert.deepEqual([(await run("form", { file: id })).status, vendor.seen.length], [503, before + 1]);
    await run("remove", { id });
  });

  await t.test("what is no success goes into no file", async () => {
    vendor.answers.set("/gone", (response) => void response.writeHead(404).end(`no ${key}`));
    const { status, file, text } = await run("get", { url: "https://api.vendor.test/gone" });
    assert.deepEqual([status, file, text], [404, null, "no [redacted]"]);
    const refused = await run("get", { url: "https://elsewhere.test/" });
    assert.equal(refused.reason, "fetch-not-granted");
  });

  await t.test("lines are read in parts, and what is quoted stays whole", async () => {
    const many = Array.from({ length: 60_000 }, (_, n) => `{"n":${n},"é":"ü"}`).join("\n");
    vendor.answers.set("/lines", (response) => void response.end(`\ufeff${many}`));
    const { file } = await run("get", { url: "https://api.vendor.test/lines", into: { name: "a.jsonl" } });
    assert.equal(file.name, "a.jsonl");
    const read = await run("lines", { id: file.id });
    assert.equal(read.count, 60_000);
    assert.ok(read.parts > 3);
    assert.equal(read.found[0], '{"n":0,"é":"ü"}');
    const csv = await run("make", { parts: ['a,"b\nc"\r\n', '"d ""e""\n",f\r\n', "g"] });
    const quoted = await run("lines", { id: csv.id, quoted: true });
    assert.deepEqual([quoted.count, quoted.found], [3, ['a,"b\nc"', '"d ""e""\n",f']]);
    for (const id of [file.id, csv.id]) await run("remove", { id });
  });

  await t.test("what a call has not finished is not there, and a name is no path", async () => {
    const { id } = await run("make", { parts: ["half"], drops: true });
    assert.equal(await run("info", { id }), null);
    assert.equal((await content(id)).status, 404);
    for (const name of ["../x", "a\r\nb", "x/y"])
      assert.equal((await run("make", { parts: [], name })).reason, "file-invalid-argument");
  });

  await t.test("no other plugin's hook hands over a file", async () => {
    const { id } = await run("make", { parts: ["of acme/exports"] });
    assert.equal((await run("info", { file: id }, otherId)).id, id);
    await publishTestPlugin(host.address, publisher, {
      id: "acme/meddler",
      hooks: { "action.beforeRun": "return { ...input.value, file: input.value.id };" },
      permissions: { hooks: { names: ["action.beforeRun"], reason: "Meddles" } },
    });
    const request = { plugin: "acme/meddler" };
    const { body: asked } = await tenant.api.post("/api/v1/installs", request);
    const { body: installed } = await tenant.api.post("/api/v1/installs", {
      ...request,
      consent: asked.consent,
    });
    assert.equal(await run("info", { id }, otherId), null);
    const { items: changes } = (await tenant.api.get("/api/v1/hook-changes")).body;
    assert.deepEqual(
      changes.map(({ plugin }: { plugin: string }) => plugin),
      ["acme/meddler"],
    );
    assert.equal((await tenant.api.delete(`/api/v1/installs/${installed.id}`)).status, 204);
    await run("remove", { id });
  });

  await t.test("a plugin that makes files without end comes to its limit, alone", async () => {
    assert.equal((await run("fill", {})).reason, "files-limit-exceeded");
    assert.equal((await run("make", { parts: ["still"] }, otherId)).size, 5);
    const { body: metrics } = await host.anonymous.get("/metrics");
    assert.match(metrics, /limit_reached_total\{plugin="acme\/exports",limit="files"\} 1\n/);
  });
});
