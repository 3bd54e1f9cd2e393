import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { newId } from "@plugboard/service-kit/crypto";
import { createLogger } from "@plugboard/service-kit/observe";
import fc from "fast-check";
import got from "got";

function capture() {
  const output = new PassThrough().setEncoding("utf8");
  const logger = createLogger({ name: "test", level: "trace", destination: output });
  const read = () => String(output.read() ?? "");
  return { logger, text: read, line: () => JSON.parse(read().trim().split("\n").at(-1) ?? "") };
}

const secret = "hunter2-very-secret-value";

test("a line is JSON with level, time, name, message and fields", () => {
  const { logger, line } = capture();
  logger.info({ tenant: "tnt_1", count: 3, nested: { ok: true } }, "worked");
  const { time, pid, hostname, ...rest } = line();
  assert.ok(!Number.isNaN(Date.parse(time)) && pid && hostname);
  assert.deepEqual(rest, {
    level: "info",
    name: "test",
    tenant: "tnt_1",
    count: 3,
    nested: { ok: true },
    msg: "worked",
  });
});

test("ids are kept, so that a line says what it is about", () => {
  const { logger, line } = capture();
  const ids = { tenantId: newId("tnt"), publication: newId("pub"), callId: newId("call") };
  logger.info(ids, `connection ${newId("con")}`);
  const { tenantId, publication, callId, msg } = line();
  assert.deepEqual({ tenantId, publication, callId }, ids);
  assert.match(msg, /^connection con_[0-9a-f]{32}$/);
});

test("secrets are redacted by name, at any depth, in objects, lists, maps, headers, and bindings of children", () => {
  const names = [
    "password",
    "Password",
    "authorization",
    "Authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "apiKey",
    "api_key",
    "key",
    "accessToken",
    "refresh_token",
    "token",
    "client_secret",
    "clientSecret",
    "credentials",
    "auth",
    "privateKey",
    "masterKey",
    "dataKey",
    "privateJwk",
    "passphrase",
    "session",
    "signature",
  ];
  for (const name of names) {
    const { logger, text } = capture();
    logger.info({ [name]: secret });
    logger.info({ deep: { list: [{ [name]: { value: secret } }] } });
    logger.info({ headers: new Headers({ [name]: secret }), map: new Map([[name, secret]]) });
    logger.info({ rawHeaders: ["Accept", "*/*", name, secret], pairs: [[name, secret]] });
    logger
      .child({ [name]: secret })
      .child({ more: { [name]: [secret] } })
      .info("child");
    const written = text();
    assert.ok(!written.includes("hunter2"), `${name}: ${written}`);
    assert.ok(written.includes("[redacted]"), name);
  }
});

test("secrets are redacted by form in messages, texts and URLs", () => {
  const texts = [
    `Authorization: Bearer ${secret}`,
    `sent Basic ${Buffer.from(`user:${secret}`).toString("base64")}`,
    `connect postgres://user:${secret}@localhost/db`,
    `GET /callback?access_token=${secret}&state=1`,
    `{"password": "${secret}", "a": 1}`,
    `client_secret=${secret}`,
    "key pbk_0123456789abcdefghijABCDEFGHIJ0123456789abc refused",
    "stripe sk_live_0123456789abcdefghij",
    "github ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "slack xoxb-1234567890-abcdefghij",
    "jwt eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
  ];
  const parts = [
    secret,
    Buffer.from(`user:${secret}`).toString("base64"),
    "0123456789abcdefghij",
    "1234567890-abc",
    "c2lnbmF0dXJl",
  ];
  for (const text of texts) {
    const { logger, text: written } = capture();
    logger.info(text);
    logger.info({ detail: text });
    logger.info("with %s", text);
    logger.error(new Error(text));
    logger.error({ url: URL.canParse(text) ? new URL(text) : text });
    const lines = written();
    for (const part of parts) assert.ok(!lines.includes(part), `${text}: ${lines}`);
  }
});

test("a thumbprint is no secret, whatever it looks like, where the word for it stands before it", () => {
  const { logger, text: written } = capture();
  const kids = ["lp_ChoAoQtQJudPUPZ93xOcSlKXAvFLG7PTCLehQuOI", "l-iatc_PNy5bEYqP4x1fYrpHUz0qk3eWYt-TEifsZMQ"];
  logger.info({ root: { rootKeys: kids.map((kid) => `kid ${kid}`) } });
  logger.info("unknown kid sk_live_4eC39HqLyjWDarjtT1zdp7dc");
  const line = written();
  for (const kid of kids) assert.ok(line.includes(kid), line);
  assert.ok(!line.includes("4eC39"), line);
});

test("words that only sound like secrets are left alone", () => {
  const { logger, line } = capture();
  const fields = {
    author: "me",
    keyId: "k1",
    tokens: 12,
    passwordSet: true,
    cookie: null,
    kid: "x",
    authenticated: false,
    tokenLimit: 3,
  };
  logger.info(fields, "the secretary read a key note about tokens");
  const { level, time, pid, hostname, name, msg, ...rest } = line();
  assert.deepEqual(rest, fields);
  assert.equal(msg, "the secretary read a key note about tokens");
});

test("errors come with type, message, stack and causes; their secrets and their baggage do not", () => {
  const { logger, text, line } = capture();
  const cause = Object.assign(new Error(`token=${secret}`), {
    code: "ECONNRESET",
    headers: { authorization: secret },
  });
  const error = Object.assign(new TypeError("outer", { cause }), {
    status: 502,
    apiKey: secret,
    options: { headers: { authorization: secret }, note: "baggage" },
    response: { body: "baggage" },
    details: { password: secret },
  });
  logger.error({ err: new AggregateError([error], "several") }, "failed");
  const written = line();
  const [inner] = written.err.errors;
  assert.deepEqual(
    [written.err.type, inner.type, inner.message, inner.status],
    ["AggregateError", "TypeError", "outer", 502],
  );
  assert.deepEqual([inner.cause.code, inner.cause.message], ["ECONNRESET", "token=[redacted]"]);
  assert.match(inner.stack, /logger\.test/);

  logger.error({ err: error });
  logger.error(error);
  const all = text() + JSON.stringify(written);
  assert.ok(!all.includes("hunter2") && !all.includes("baggage"), all);
});

test("an error of got, thrown with credentials in its options, shows none", async () => {
  const { logger, text, line } = capture();
  const error = await got
    .post("http://127.0.0.1:1/path", {
      headers: { authorization: `Bearer ${secret}`, "x-api-key": secret },
      username: "user",
      password: secret,
      searchParams: { api_key: secret },
      json: { card: secret, password: secret },
      retry: { limit: 0 },
    })
    .catch((thrown: unknown) => thrown);
  logger.error({ err: error }, "call failed");
  const { err } = line();
  assert.equal(err.cause.code, "ECONNREFUSED", JSON.stringify(err));
  logger.error(error);
  assert.ok(!text().includes("hunter2"));
});

test("anything at all can be logged: no value makes the logger throw, and every line stays JSON", () => {
  const { logger, text } = capture();
  const circular: Record<string, unknown> = { name: "loop" };
  circular.self = circular;
  const hostile = {
    get broken() {
      throw new Error("no");
    },
  };
  const proxy = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error("trap");
      },
    },
  );
  const odd = [
    circular,
    hostile,
    proxy,
    10n,
    Symbol("s"),
    () => 1,
    new Date(Number.NaN),
    Buffer.alloc(9),
    new Set([1]),
    null,
    undefined,
  ];
  for (const value of odd) logger.info({ value });
  logger.info(JSON.parse('{"__proto__": {"polluted": true}, "hasOwnProperty": 1, "toJSON": 1}'));
  fc.assert(
    fc.property(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withNullPrototype: true,
        withTypedArray: true,
      }),
      (value) => logger.info({ value }),
    ),
  );
  let deep: unknown = secret;
  for (let i = 0; i < 10_000; i++) deep = [deep];
  logger.info({ deep, long: "x".repeat(1_000_000) });
  const lines = text().trim().split("\n");
  for (const written of lines) JSON.parse(written);
  assert.ok(lines.every((written) => written.length < 50_000));
  assert.equal(Object.hasOwn(Object.prototype, "polluted"), false);
});
