/** A credential goes in, and is found nowhere but at the vendor. The test looks everywhere else. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import test from "node:test";
import pg from "pg";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

const network = [
  { hosts: ["api.vendor.example"], methods: ["GET" as const, "POST" as const], reason: "Call the vendor" },
];

/** Everything that plugin code can reach, as text: globals, context, prototypes, symbols, errors, functions' source. */
const lookAround = `
  const seen = []; const visited = new Set(); const source = (() => 0).toString;
  const look = (value, depth) => {
    if (typeof value === "function") seen.push(Reflect.apply(source, value, []));
    if (value === null || (typeof value !== "object" && typeof value !== "function")) { seen.push(String(value)); return; }
    if (visited.has(value) || depth > 8) return;
    visited.add(value);
    for (const key of Reflect.ownKeys(value)) {
      seen.push(String(key));
      try { look(Reflect.get(value, key), depth + 1); } catch (error) { seen.push(String(error && error.stack)); }
    }
    look(Reflect.getPrototypeOf(value), depth + 1);
  };
  look(globalThis, 0); look([input, fetch, log, connection, signal], 0);
  try { null.x; } catch (error) { look(error, 0); seen.push(error.stack); }
  return { seen: seen.join("\\n"), count: visited.size };`;

const actions = {
  "look-around": { run: lookAround },
  echo: {
    run: `const r = await fetch("https://api.vendor.example/echo"); return { headers: [...r.headers], body: await r.text() };`,
  },
  "echo-status": {
    run: `const r = await fetch("https://api.vendor.example/echo-error"); throw new Error("vendor said " + r.statusText + await r.text());`,
  },
  "echo-redirect": {
    run: `const r = await fetch("https://api.vendor.example/redirect"); return { url: r.url, body: await r.text() };`,
  },
  "log-it": {
    run: `const r = await fetch("https://api.vendor.example/echo"); log.info(await r.text()); console.log([...r.headers].join()); return {};`,
  },
  break: { run: `const r = await fetch("https://api.vendor.example/hang-up"); return await r.text();` },
  // In two pieces: written whole, the registry would not publish it.
  ungranted: { run: `await fetch("https:" + "//elsewhere.example/"); return {};` },
};

/** The forms in which a vendor, or a thief, would write it. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    encodeURIComponent(secret),
    [...secret].reverse().join(""),
  ];
}

test("the credential appears in no log, error, answer, event, database or sandbox value", async (t) => {
  const secret = `sk_live_${randomBytes(18).toString("base64url")}+/=${randomBytes(6).toString("hex")}`;
  const atVendor: string[] = [];
  const vendor = createServer((request, response) => {
    const authorization = request.headers.authorization ?? "";
    atVendor.push(authorization);
    const key = authorization.replace("Bearer ", "");
    const [, base64, , hex, encoded] = formsOf(key);
    const echo = JSON.stringify({ authorization, key, base64, hex, encoded, all: request.rawHeaders });
    if (request.url === "/hang-up") return void request.socket.destroy();
    if (request.url === "/redirect")
      return void response.writeHead(302, { location: `/echo?key=${encoded}` }).end();
    response.writeHead(request.url === "/echo-error" ? 500 : 200, "OK", {
      "x-echo": authorization,
      "x-key": base64,
    });
    response.end(echo);
  });
  await new Promise<void>((resolve) => vendor.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    vendor.closeAllConnections();
    vendor.close();
  });
  const vendorUrl = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  const host = await startTestHost(t, { egressRewrite: { "api.vendor.example": vendorUrl } });
  const publisher = await registerPublisher(host.address, "thief");
  await publishTestPlugin(host.address, publisher, { id: "thief/thief", actions, permissions: { network } });
  const tenant = await host.tenant();
  const { connectionId, installId } = await connect(tenant, "thief/thief", { key: secret });

  const answers: string[] = [];
  const keep = async (answer: Promise<{ status: number; body: unknown; headers: Headers }>) => {
    const { status, body, headers } = await answer;
    answers.push(JSON.stringify([status, body, [...headers]]));
    return { status, body: body as Record<string, { count?: number }> };
  };
  const looked = await keep(
    tenant.api.post(`/api/v1/connections/${connectionId}/actions/look-around`, { input: {} }),
  );
  assert.ok((looked.body.output?.count ?? 0) > 50, "the look around saw a good part of the sandbox");
  for (const action of Object.keys(actions)) {
    await keep(tenant.api.post(`/api/v1/connections/${connectionId}/actions/${action}`, { input: {} }));
  }
  await keep(tenant.api.get(`/api/v1/connections/${connectionId}`));
  await keep(tenant.api.get("/api/v1/connections"));
  await keep(tenant.api.get(`/api/v1/installs/${installId}`));
  await keep(
    tenant.api.patch(`/api/v1/connections/${connectionId}`, {
      auth: { type: "apiKey", key: secret, extra: secret },
    }),
  );
  await keep(
    tenant.api.patch(`/api/v1/connections/${connectionId}`, { auth: { type: "nonsense", key: secret } }),
  );
  await keep(host.anonymous.get("/metrics"));

  await t.test("the vendor got it", () => {
    assert.ok(atVendor.length >= 5);
    assert.deepEqual(new Set(atVendor), new Set([`Bearer ${secret}`]));
  });
  const places: [place: string, text: string][] = [
    ["an answer of the API", answers.join("\n")],
    ["the log", host.logged()],
    ["the database", await dump(host.databaseUrl)],
    ["the data directory", await readAll(host.dataDir)],
  ];
  for (const [place, text] of places) {
    await t.test(`it is not in ${place}`, () => {
      assert.ok(text.length > 100, `${place} was looked at`);
      for (const form of formsOf(secret))
        assert.ok(!text.includes(form), `${place} holds the credential as ${form.slice(0, 4)}…`);
    });
  }
  await t.test("and the search would have found it", async () => {
    const planted = new pg.Client({ connectionString: host.databaseUrl });
    await planted.connect();
    await planted.query("update core.connections set config = $1 where id = $2", [
      JSON.stringify({ leaked: secret }),
      connectionId,
    ]);
    await planted.end();
    assert.ok((await dump(host.databaseUrl)).includes(JSON.stringify(secret).slice(1, -1)));
  });
});

/** Every row of every table, as text; bytes in hex and as they are. */
async function dump(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
    );
    const texts: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<Record<string, unknown>>(`select * from ${name}`);
      for (const value of rows.flatMap((row) => Object.values(row))) {
        texts.push(
          Buffer.isBuffer(value)
            ? `${value.toString("hex")} ${value.toString("latin1")}`
            : (JSON.stringify(value) ?? ""),
        );
      }
    }
    return texts.join("\n");
  } finally {
    await client.end();
  }
}

async function readAll(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((file) => readFile(file, "latin1")));
  return texts.join("\n");
}
