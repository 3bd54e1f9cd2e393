/** Files: what applications put in and take out, streamed, sealed, for a while, and of their own tenant alone. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import test, { type TestContext } from "node:test";
import { openDatabase } from "@plugboard/service-kit/database";
import { createJobs } from "@plugboard/service-kit/jobs";
import { createLogger } from "@plugboard/service-kit/observe";
import { upkeepQueue } from "../../core/kernel/upkeep/index.ts";
import type { CoreDatabase } from "../../core/tables.ts";
import { startTestHost, type TestHost } from "../support/host.ts";

const MiB = 1024 * 1024;
const hourMs = 3_600_000;

async function openCore(t: TestContext, host: TestHost) {
  const logger = createLogger({ name: "test", level: "silent" });
  const database = await openDatabase({ databaseUrl: host.databaseUrl, dataDir: host.dataDir, logger });
  t.after(() => database.close());
  return { db: database.kysely<CoreDatabase>("core"), database, logger };
}

test("applications put files in and take them out", async (t) => {
  let now = Date.now();
  const host = await startTestHost(t, {
    now: () => now,
    sandboxLimits: {
      fileBytes: 2 * MiB,
      fileStorageBytesPerTenant: 5 * MiB,
      filesPerTenant: 4,
      fileTransfersPerTenant: 2,
      hostFileTransfers: 3,
    },
  });
  const { db, database, logger } = await openCore(t, host);
  const tenant = await host.tenant();
  const other = await host.tenant();
  const put = (body: Buffer | string, headers = {}, query = "", api = tenant.api) =>
    api.send("POST", `/api/v1/files${query}`, { headers, body });
  const address = new URL(host.address);
  const key = tenant.key;

  await t.test("a file comes out as it went in", async () => {
    const content = randomBytes(700_001);
    const made = await put(content, { "content-type": "application/pdf" }, "?name=a%20bill.pdf");
    assert.equal(made.status, 201);
    assert.match(made.body.id, /^fil_/);
    assert.deepEqual(
      { name: made.body.name, contentType: made.body.contentType, size: made.body.size },
      { name: "a bill.pdf", contentType: "application/pdf", size: 700_001 },
    );
    assert.equal(made.body.sha256, createHash("sha256").update(content).digest("hex"));
    assert.equal(made.body.installId, null);
    assert.equal(made.headers.get("location"), `/api/v1/files/${made.body.id}`);
    assert.deepEqual((await tenant.api.get(`/api/v1/files/${made.body.id}`)).body, made.body);
    assert.deepEqual((await tenant.api.get("/api/v1/files")).body, { items: [made.body], nextCursor: null });

    const url = `${host.address}/api/v1/files/${made.body.id}/content`;
    const authorization = `Bearer ${key}`;
    const whole = await fetch(url, { headers: { authorization } });
    assert.equal(whole.headers.get("content-length"), "700001");
    assert.ok(Buffer.from(await whole.arrayBuffer()).equals(content));
    // Across the pieces that it is kept in.
    const part = await fetch(url, { headers: { authorization, range: "bytes=262140-524300" } });
    assert.equal(part.status, 206);
    assert.equal(part.headers.get("content-range"), "bytes 262140-524300/700001");
    assert.ok(Buffer.from(await part.arrayBuffer()).equals(content.subarray(262140, 524301)));
    const end = await fetch(url, { headers: { authorization, range: "bytes=-5" } });
    assert.ok(Buffer.from(await end.arrayBuffer()).equals(content.subarray(-5)));
    const beyond = await fetch(url, { headers: { authorization, range: "bytes=700001-" } });
    assert.equal(beyond.status, 416);
    assert.equal(((await beyond.json()) as { code: string }).code, "range-not-satisfiable");
    const known = await fetch(url, { headers: { authorization, "if-none-match": `"${made.body.sha256}"` } });
    assert.equal(known.status, 304);

    assert.equal((await tenant.api.delete(`/api/v1/files/${made.body.id}`)).status, 204);
    assert.equal((await tenant.api.get(`/api/v1/files/${made.body.id}`)).body.code, "file-not-found");
  });

  await t.test("an empty file is one too", async () => {
    const made = await put("");
    assert.deepEqual([made.status, made.body.size], [201, 0]);
    const taken = await tenant.api.send("GET", `/api/v1/files/${made.body.id}/content`);
    assert.deepEqual([taken.status, taken.body], [200, ""]);
    await tenant.api.delete(`/api/v1/files/${made.body.id}`);
  });

  await t.test("what is stored can be read by nobody who has the database", async () => {
    const secret = "a sentence that stands nowhere else";
    const { body } = await put(secret);
    const stored = await db
      .selectFrom("file_pieces")
      .select("sealed")
      .where("file_id", "=", body.id)
      .execute();
    assert.equal(stored.length, 1);
    assert.ok(!stored.some(({ sealed }) => sealed.includes(secret)));
    await tenant.api.delete(`/api/v1/files/${body.id}`);
  });

  await t.test("a new key of the tenant seals what opens a file, and not the file", async () => {
    const { body } = await put("as before");
    const piece = db.selectFrom("file_pieces").select("sealed").where("file_id", "=", body.id);
    const before = await piece.executeTakeFirstOrThrow();
    assert.equal((await host.admin.post("/api/v1/vault/rotate", { tenantId: tenant.id })).status, 202);
    await until(async () => {
      const file = db.selectFrom("files").select("key_generation").where("id", "=", body.id);
      return (await file.executeTakeFirstOrThrow()).key_generation === 2;
    });
    assert.deepEqual(await piece.executeTakeFirstOrThrow(), before);
    assert.equal((await tenant.api.get(`/api/v1/files/${body.id}/content`)).body, "as before");
    await tenant.api.delete(`/api/v1/files/${body.id}`);
  });

  await t.test("another tenant neither sees nor deletes it", async () => {
    const { body } = await put("mine");
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/content"],
      ["DELETE", ""],
    ]) {
      const answer = await other.api.send(method ?? "", `/api/v1/files/${body.id}${path}`);
      assert.deepEqual([answer.status, answer.body.code], [404, "file-not-found"]);
    }
    assert.deepEqual((await other.api.get("/api/v1/files")).body.items, []);
    assert.equal((await tenant.api.get(`/api/v1/files/${body.id}/content`)).body, "mine");
    await tenant.api.delete(`/api/v1/files/${body.id}`);
  });

  await t.test("a key needs the scope", async () => {
    const made = await tenant.api.post("/api/v1/api-keys", { name: "reads", scopes: ["files:read"] });
    const authorization = `Bearer ${made.body.key}`;
    const answer = await host.anonymous.send("POST", "/api/v1/files", {
      headers: { authorization },
      body: "x",
    });
    assert.equal(answer.body.code, "forbidden");
    const list = await host.anonymous.send("GET", "/api/v1/files", { headers: { authorization } });
    assert.equal(list.status, 200);
  });

  await t.test("a browser is never shown it as a page of this host", async () => {
    const { body } = await put(
      "<script>alert(1)</script>",
      { "content-type": "text/html" },
      "?name=x%22%3B%20y.html",
    );
    const { headers } = await tenant.api.get(`/api/v1/files/${body.id}/content`);
    assert.match(headers.get("content-disposition") ?? "", /^attachment; filename="x\\"; y\.html"$/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.match(headers.get("cache-control") ?? "", /private/);
    await tenant.api.delete(`/api/v1/files/${body.id}`);
  });

  await t.test("a type that is none is not said again, and a name is no path", async () => {
    const odd = await put("x", { "content-type": "text/html, <b>" });
    assert.equal(odd.body.contentType, "application/octet-stream");
    await tenant.api.delete(`/api/v1/files/${odd.body.id}`);
    for (const name of ["../x", "a/b", "a\\b", "a\r\nSet-Cookie: b=c", "\u202egpj.exe", ""]) {
      const refused = await put("x", {}, `?name=${encodeURIComponent(name)}`);
      assert.deepEqual([name, refused.body.code], [name, "invalid-request"]);
    }
  });

  await t.test("a file beyond its cap is refused as it comes, and nothing of it stays", async () => {
    const said = await put(Buffer.alloc(2 * MiB + 1));
    assert.deepEqual([said.status, said.body.code], [413, "payload-too-large"]);
    // Nobody said how long it would be.
    const unsaid = request({
      ...target("POST", "/api/v1/files"),
      headers: { authorization: `Bearer ${key}` },
    });
    const answered = once(unsaid, "response");
    unsaid.on("error", () => {});
    const piece = Buffer.alloc(64 * 1024);
    for (let sent = 0; sent <= 2 * MiB; sent += piece.length) unsaid.write(piece);
    const [response] = await answered;
    assert.equal(response.statusCode, 413);
    unsaid.destroy();
    assert.deepEqual((await tenant.api.get("/api/v1/files")).body.items, []);
    assert.equal(await unfinished(), 0);
  });

  await t.test("of an upload that is cut off nothing stays", async () => {
    const cut = beginUpload(key);
    await until(async () => (await unfinished()) === 1);
    cut.destroy();
    await until(async () => (await unfinished()) === 0);
    const usage = await db.selectFrom("file_usage").selectAll().where("tenant_id", "=", tenant.id).execute();
    assert.deepEqual(
      usage.map(({ bytes, files }) => [bytes, files]),
      [[0, 0]],
    );
  });

  await t.test("a tenant has so many files, and so many bytes in them, and no more", async () => {
    const made = [];
    for (let n = 0; n < 4; n++) made.push((await put("small")).body.id);
    const tooMany = await put("one more");
    assert.deepEqual([tooMany.status, tooMany.body.code], [429, "files-limit-exceeded"]);
    for (const id of made) await tenant.api.delete(`/api/v1/files/${id}`);
    const large = [await put(Buffer.alloc(2 * MiB)), await put(Buffer.alloc(2 * MiB))];
    const tooMuch = await put(Buffer.alloc(2 * MiB));
    assert.deepEqual([tooMuch.status, tooMuch.body.code], [429, "files-limit-exceeded"]);
    assert.equal(await unfinished(), 0);
    assert.equal((await put("x", {}, "", other.api)).status, 201);
    const { body: metrics } = await host.anonymous.get("/metrics");
    assert.match(metrics, /limit_reached_total\{[^}]*limit="fileStorageBytesPerTenant"[^}]*\} 1\n/);
    for (const { body } of large) await tenant.api.delete(`/api/v1/files/${body.id}`);
  });

  await t.test("so many files are on their way at a time, of a tenant and of all", async () => {
    const underWay = [beginUpload(key), beginUpload(key)];
    await until(async () => (await unfinished()) === 2);
    const ofTenant = await put("a third");
    assert.deepEqual([ofTenant.status, ofTenant.body.code], [429, "files-busy"]);
    underWay.push(beginUpload(other.key));
    await until(async () => (await unfinished()) === 3);
    const ofHost = await put("a fourth", {}, "", other.api);
    assert.deepEqual([ofHost.status, ofHost.body.code], [429, "files-busy"]);
    assert.equal(ofHost.headers.get("retry-after"), "5");
    for (const upload of underWay) upload.destroy();
    await until(async () => (await unfinished()) === 0);
    assert.equal((await put("now")).status, 201);
    const { body: metrics } = await host.anonymous.get("/metrics");
    for (const limit of ["fileTransfersPerTenant", "hostFileTransfers"])
      assert.match(metrics, new RegExp(`limit_reached_total\\{[^}]*limit="${limit}"[^}]*\\} [1-9]`));
  });

  await t.test("a file goes when its time is over, and so does what a dead host left", async () => {
    const { body } = await put("for a day");
    const left = beginUpload(key);
    // All of it: whatever came later would put its end off.
    await until(async () => {
      const written = db.selectFrom("files").select("size").where("sha256", "is", null);
      return (await written.executeTakeFirst())?.size === MiB / 2;
    });
    now += 23 * hourMs;
    assert.equal((await tenant.api.get(`/api/v1/files/${body.id}`)).status, 200);
    now += 2 * hourMs;
    for (const path of ["", "/content"])
      assert.equal((await tenant.api.get(`/api/v1/files/${body.id}${path}`)).body.code, "file-not-found");
    const jobs = createJobs({ database, logger });
    const upkeep = jobs.define(upkeepQueue, { policy: "exclusive", retryLimit: 0, deadLetter: false });
    await jobs.start();
    await jobs.send(upkeep, {});
    await until(async () => {
      const rows = await db.selectFrom("files").select("id").where("tenant_id", "=", tenant.id).execute();
      return rows.length === 0;
    });
    await jobs.stop(0);
    left.destroy();
  });

  await t.test("the erasure of a tenant takes its files", async () => {
    const { body } = await put("mine", {}, "", other.api);
    assert.equal((await host.admin.delete(`/api/v1/tenants/${other.id}`)).status, 202);
    await until(async () => {
      const tenants = await db.selectFrom("tenants").select("id").where("id", "=", other.id).execute();
      return tenants.length === 0;
    });
    for (const table of ["files", "file_usage"] as const)
      assert.deepEqual(
        await db.selectFrom(table).select("tenant_id").where("tenant_id", "=", other.id).execute(),
        [],
      );
    const pieces = db.selectFrom("file_pieces").select("seq").where("file_id", "=", body.id);
    assert.deepEqual(await pieces.execute(), []);
  });

  /** Half a file, and no more for the time being. */
  function beginUpload(of: string) {
    const headers = { authorization: `Bearer ${of}`, "content-length": String(MiB) };
    const upload = request({ ...target("POST", "/api/v1/files"), headers });
    upload.on("error", () => {});
    upload.write(Buffer.alloc(MiB / 2));
    return upload;
  }

  function target(method: string, path: string) {
    return { host: address.hostname, port: address.port, method, path };
  }

  async function unfinished(): Promise<number> {
    const rows = await db.selectFrom("files").select("id").where("sha256", "is", null).execute();
    return rows.length;
  }
});

/** Whoever does not come to it is ended by the runner. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}
