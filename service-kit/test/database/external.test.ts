import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { test } from "node:test";
import { openDatabase } from "@plugboard/service-kit/database";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import { quiet } from "./host-process.ts";

function open(databaseUrl: string) {
  return openDatabase({ databaseUrl, dataDir: "/nowhere", logger: quiet });
}

async function refusal(databaseUrl: string): Promise<{ code: string; message: string }> {
  const error = await open(databaseUrl).then(
    () => assert.fail("it opened"),
    (thrown: Error & { code: string }) => thrown,
  );
  assert.ok(!error.message.includes("\n"), "one line");
  assert.ok(!error.message.includes("s3cret"), "no password");
  return error;
}

test("a configured server is used, and is not ours to stop", async (t) => {
  const { url } = await openTestDatabase(t);
  const database = await open(url);
  assert.equal(database.embedded, false);
  await database.pool.query("create table kept (value text)");
  await database.close();

  const again = await open(url);
  assert.deepEqual((await again.pool.query("select value from kept")).rows, []);
  await again.close();
});

test("what is not the URL of a PostgreSQL server is refused with an example of one", async () => {
  for (const url of ["localhost:5432", "mysql://root:s3cret@localhost/db", "postgres//", "::"]) {
    const { code, message } = await refusal(url);
    assert.equal(code, "database-url-invalid", url);
    assert.match(message, /postgres:\/\/user:password@host:port\/database/);
  }
});

test("a server that is not there is named by host and port", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");

  const { code, message } = await refusal(`postgres://user:s3cret@127.0.0.1:${port}/plugboard`);
  assert.equal(code, "database-unreachable");
  assert.match(message, new RegExp(`127\\.0\\.0\\.1:${port}/plugboard cannot be reached`));
  assert.equal((await refusal("postgres://user:s3cret@no-such-host.invalid/x")).code, "database-unreachable");
});

test("a server that says no is quoted: wrong password, wrong user, no such database", async (t) => {
  const { url } = await openTestDatabase(t);
  const change = (edit: (parsed: URL) => void) => {
    const parsed = new URL(url);
    edit(parsed);
    return parsed.href;
  };
  const wrong = [
    change((parsed) => {
      parsed.username = "stranger";
      parsed.password = "s3cret";
    }),
    change((parsed) => {
      parsed.pathname = "/no_such_database";
    }),
  ];
  for (const candidate of wrong) {
    const { code, message } = await refusal(candidate);
    assert.equal(code, "database-refused");
    assert.match(message, /Check user, password and database name in DATABASE_URL/);
  }
});

test("a server older than 15 is refused by its version", async (t) => {
  const url = await fakeServer(t, { server_version_num: "140011", version: "PostgreSQL 14.11" });
  const { code, message } = await refusal(url);
  assert.equal(code, "database-too-old");
  assert.match(message, /is PostgreSQL 14; version 15 or newer is needed/);
});

/** Speaks just enough of PostgreSQL's protocol 3.0 to let one client in and answer every query with one row. */
async function fakeServer(t: { after(fn: () => void): void }, row: Record<string, string>): Promise<string> {
  const server = createServer((socket: Socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(Buffer.concat([message("R", int32(0)), message("Z", Buffer.from("I"))]));
      socket.on("data", (query) => {
        if (query[0] !== 0x51) return; // "Q", a simple query
        const values = Object.values(row);
        const columns = ["number", "version"].map((name) =>
          Buffer.concat([Buffer.from(`${name}\0`), columnOfText]),
        );
        const cells = values.map((value) => Buffer.concat([int32(value.length), Buffer.from(value)]));
        socket.write(
          Buffer.concat([
            message("T", Buffer.concat([int16(columns.length), ...columns])),
            message("D", Buffer.concat([int16(cells.length), ...cells])),
            message("C", Buffer.from("SELECT 1\0")),
            message("Z", Buffer.from("I")),
          ]),
        );
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  return `postgres://user:s3cret@127.0.0.1:${port}/x`;
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

/** Table 0, column 0, type text (25), of any length, no modifier, as text. */
const columnOfText = Buffer.concat([int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)]);
