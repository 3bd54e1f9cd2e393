import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { encoders, leaks } from "../../../core/test/capabilities/echoes.ts";
import { createTestHost, type ExchangesOptions } from "../../testing/index.ts";
import { type Author, createAuthor, manifestWith } from "../cli/author.ts";

// Of the machine that runs these tests; what they mean to a recording is told here.
delete process.env.CI;
delete process.env.PLUGBOARD_RECORD;

const secret = "sk_live/of+the=tests~0123456789";

const auths = {
  header: { type: "apiKey", in: "header", name: "X-Key", format: "Key {key}" },
  query: { type: "apiKey", in: "query", name: "key" },
  basic: { type: "basic" },
};

const code = `
import { action, definePlugin, Type } from "@plugboard/plugin-sdk";
const ask = action({ title: "Ask", input: Type.Object({ path: Type.String(), body: Type.Optional(Type.Unknown()) }), output: Type.Unknown(),
  async run({ input, idempotencyKey, fetch }) {
    if (input.body === "key") input = { ...input, body: { idempotencyKey } };
    try {
      const response = await fetch("https://api.example.com" + input.path, input.body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(input.body) });
      const text = await response.text();
      return { status: response.status, tag: response.headers.get("x-tag"), text };
    } catch (error) { return { caught: error.code }; }
  } });
export default definePlugin({ actions: { ask } });
`;

async function openAuthor(t: TestContext, auth: object = auths.header): Promise<Author> {
  const author = await createAuthor(t);
  await author.write({
    "plugin.json": manifestWith({
      auth: [auth],
      permissions: {
        network: [{ hosts: ["api.example.com"], methods: ["GET", "POST"], reason: "Reach the lamps" }],
      },
    }),
    "index.ts": code,
  });
  return author;
}

/** A vendor on this machine, to which requests are recorded; `credential` is what they are authenticated with. */
async function openVendor(
  t: TestContext,
  credential: object,
  handle: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
): Promise<void> {
  const server = createServer(handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const env = {
    PLUGBOARD_EGRESS_REWRITE: JSON.stringify({ "api.example.com": `http://127.0.0.1:${port}` }),
    PLUGBOARD_DEV_CREDENTIAL: JSON.stringify(credential),
  };
  Object.assign(process.env, env);
  t.after(() => {
    for (const name of Object.keys(env)) delete process.env[name];
    server.close();
  });
}

const file = "test/exchanges/lamps.json";
const run = async (author: Author, mode: ExchangesOptions["mode"], calls: object[]) => {
  const exchanges = { file, ...(mode && { mode }) };
  const host = await createTestHost({ directory: author.folder, exchanges });
  try {
    const answers = [];
    for (const input of calls) answers.push(await host.run("ask", input as never));
    return answers;
  } finally {
    await host.close();
  }
};
const recorded = async (author: Author) => JSON.parse(await readFile(join(author.folder, file), "utf8"));

test("a request with an idempotency key in its body is found again, and each recording has keys of its own", async (t) => {
  const author = await openAuthor(t);
  const seen: string[] = [];
  await openVendor(t, { type: "apiKey", key: secret }, async (request, response) => {
    seen.push(JSON.parse(await text(request)).idempotencyKey);
    response.end(`${seen.length}`);
  });
  const calls = [
    { path: "/lamps", body: "key" },
    { path: "/lamps", body: "key" },
  ];
  await run(author, "record", calls);
  const [first, second, ...rest] = seen;
  assert.deepEqual([first === second, rest], [false, []]);
  const answers = (await run(author, "replay", calls)) as { text: string }[];
  assert.deepEqual(
    answers.map((answer) => answer.text),
    ["1", "2"],
  );
  const { keyPrefix, ...old } = await recorded(author);
  assert.ok(first?.startsWith(keyPrefix), "a vendor that was asked before knows none of them");
  await writeFile(join(author.folder, file), JSON.stringify(old));
  await assert.rejects(run(author, "replay", calls), /differs in the body/, "that is how it was found again");
});

test("what was recorded at a vendor is answered again without one, in its order", async (t) => {
  const author = await openAuthor(t);
  let asked = 0;
  await openVendor(t, { type: "apiKey", key: secret }, async (request, response) => {
    asked += 1;
    assert.equal(request.headers["x-key"], `Key ${secret}`);
    if (request.url === "/moved") return void response.writeHead(302, { location: "/lamps" }).end();
    if (request.url === "/gone") return void response.writeHead(204, { "x-tag": "none" }).end();
    if (request.url === "/bytes") return void response.end(Buffer.from([0xff, 0, 1]));
    if (request.url === "/big")
      return void response.writeHead(200, { "content-type": "application/json" }).end("12345678901234567890");
    response.writeHead(200, { "content-type": "application/json", "x-tag": `t${asked}`, date: "now" });
    response.end(JSON.stringify({ count: asked, got: await text(request) }));
  });
  const calls = [
    { path: "/lamps" },
    { path: "/lamps" },
    { path: "/lamps", body: { b: 1, a: [2] } },
    ...["/moved", "/gone", "/bytes", "/big"].map((path) => ({ path })),
  ];

  await assert.rejects(run(author, undefined, calls), /no .*lamps\.json to replay.*plugboard test --record/s);
  const answers = await run(author, "auto", calls);
  assert.equal(asked, 8, "the redirect too");
  delete process.env.PLUGBOARD_EGRESS_REWRITE;
  assert.deepEqual(await run(author, "auto", calls), answers);
  assert.deepEqual(await run(author, undefined, calls), answers);
  assert.equal(asked, 8);

  const { exchanges } = await recorded(author);
  assert.deepEqual(exchanges[2], {
    request: {
      method: "POST",
      url: "https://api.example.com/lamps",
      headers: { "content-type": "application/json" },
      json: { b: 1, a: [2] },
    },
    response: {
      status: 200,
      headers: { "content-type": "application/json", "x-tag": "t3" },
      json: { count: 3, got: '{"b":1,"a":[2]}' },
    },
  });
  assert.deepEqual(
    exchanges.slice(5).map(({ response }: { response: object }) => response),
    [
      { status: 204, headers: { "x-tag": "none" } },
      { status: 200, headers: {}, base64: "/wAB" },
      { status: 200, headers: { "content-type": "application/json" }, text: "12345678901234567890" },
    ],
  );
});

test("a request that was not recorded fails the call, whatever the plugin makes of it, with the nearest one", async (t) => {
  const author = await openAuthor(t);
  const exchange = (url: string, request: object = {}) => ({
    request: { method: "GET", url, headers: {}, ...request },
    response: { status: 200, headers: {}, text: "ok" },
  });
  const exchanges = [
    exchange("https://api.example.com/lamps?limit=2&page=1"),
    exchange("https://api.example.com/lamps", { method: "POST", json: { on: true } }),
  ];
  await author.write({ [file]: { exchanges } });
  const fails = (input: object, message: RegExp) => assert.rejects(run(author, "replay", [input]), message);
  await fails(
    { path: "/lamps?limit=3&page=1" },
    /no exchange left for GET \S+limit=3\S*\. The nearest that was recorded is GET \S+limit=2&page=1: it differs in the parameter limit \("2" was recorded, not "3"\)\./,
  );
  await fails(
    { path: "/lamps", body: { on: false } },
    /nearest that was recorded is POST \S+lamps: it differs in the body\./,
  );
  const twice = { path: "/lamps", body: { on: true } };
  await assert.rejects(run(author, "replay", [twice, twice]), /POST \S+lamps: it was answered already\./);
  await writeFile(join(author.folder, file), '{"exchanges":[{}]}');
  await fails(twice, /does not hold \{ "exchanges"/);
  await rm(join(author.folder, file));
  process.env.CI = "true";
  t.after(() => delete process.env.CI);
  await assert.rejects(
    run(author, "auto", [twice]),
    /no .*lamps\.json to replay/,
    "nothing is recorded unasked in CI",
  );
});

for (const [where, auth] of Object.entries(auths))
  test(`a vendor that echoes the credential, sent as ${where}, gets none of it into a recording`, async (t) => {
    const author = await openAuthor(t, auth);
    const credential =
      where === "basic"
        ? { type: "basic", username: "jörg", password: secret }
        : { type: "apiKey", key: secret };
    const names = Object.keys(encoders);
    await openVendor(t, credential, (request, response) => {
      const { pathname } = new URL(request.url ?? "/", "http://vendor");
      const encode = Object.values(encoders)[Number(pathname.slice(1))];
      const sent = `${request.url} ${request.headers["x-key"] ?? request.headers.authorization ?? ""}`;
      const echo = encode?.(secret) ?? "";
      const inHeader = Buffer.from(echo).toString("latin1");
      response.writeHead(200, {
        "content-type": "application/json",
        "x-tag": `a ${inHeader} b`,
        "set-cookie": `s=${inHeader}`,
      });
      response.end(JSON.stringify({ echo, sent, twice: Buffer.from(sent).toString("base64") }));
    });
    await run(author, "record", [
      ...names.map((_, index) => ({ path: `/${index}` })),
      // A test that hands it to the plugin itself.
      {
        path: `/0?mine=${encodeURIComponent(secret)}`,
        body: { mine: secret, coded: Buffer.from(secret).toString("base64") },
      },
    ]);
    const held = await readFile(join(author.folder, file), "utf8");
    assert.equal(JSON.parse(held).exchanges.length, names.length + 1);
    assert.deepEqual(leaks(held, secret), []);
    assert.ok(!held.includes("set-cookie"));
    assert.ok(held.includes("[redacted]"));
  });

test("the user name beside a password is not recorded where the vendor tells it, and the plugin's own words are", async (t) => {
  const author = await openAuthor(t, auths.basic);
  const username = "jörg@lamps.example";
  await openVendor(t, { type: "basic", username, password: secret }, (_, response) => {
    response.writeHead(200, {
      "content-type": "application/json",
      "x-tag": `of ${encodeURIComponent(username)}`,
    });
    response.end(JSON.stringify({ owner: username, boss: `x${username}`, shop: "lamps.example" }));
  });
  const asked = { path: "/lamps?shop=lamps.example" };
  const [recorded] = await run(author, "record", [asked]);
  const held = await readFile(join(author.folder, file), "utf8");
  assert.ok(!held.includes(`"${username}`) && !held.includes(encodeURIComponent(username)), held);
  const { response } = JSON.parse(held).exchanges[0];
  assert.deepEqual(response.json, { owner: "[user]", boss: `x${username}`, shop: "lamps.example" });
  assert.equal(response.headers["x-tag"], "of [user]");
  assert.deepEqual(await run(author, "replay", [asked]), [recorded], "a replay says what the vendor said");
});

test("two hosts cannot record one file, and a vendor is either played or recorded", async (t) => {
  const author = await openAuthor(t);
  await openVendor(t, { type: "apiKey", key: secret }, (_, response) => void response.end("ok"));
  await run(author, "record", [{ path: "/" }]);
  await assert.rejects(run(author, "record", []), /is recorded by another test host/);
  const both = { directory: author.folder, answer: () => new Response(), exchanges: { file } };
  await assert.rejects(createTestHost(both), /either answer\(\) or exchanges/);
  const neither = await createTestHost({ directory: author.folder });
  t.after(() => neither.close());
  await assert.rejects(neither.run("ask", { path: "/" }), /the test says nobody who answers/);
});
