import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import {
  form,
  graphql,
  PluginError,
  pageByLink,
  pageByNumber,
  pageByOffset,
  paginate,
  readJson,
  requestJson,
  sendRequest,
  withQuery,
} from "@plugboard/plugin-sdk";

interface Seen {
  method: string | undefined;
  path: string | undefined;
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

let answer: (seen: Seen) => { status?: number; headers?: Record<string, string>; body?: string };
const server = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const { method, url: path, headers } = request;
  const reply = answer({ method, path, headers, body });
  response.writeHead(reply.status ?? 200, reply.headers).end(reply.body ?? "");
});
let vendor = "";
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  vendor = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
});
after(() => server.close());

async function failure(work: Promise<unknown>): Promise<PluginError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PluginError, String(error));
  return error;
}

describe("requestJson", () => {
  it("sends JSON, forms and an idempotency key, and answers the reply's JSON", async () => {
    const requests: Seen[] = [];
    answer = (seen) => {
      requests.push(seen);
      return { body: seen.method === "DELETE" ? "" : '{"id":"1"}' };
    };
    assert.deepEqual(await requestJson(fetch, `${vendor}/a`), { id: "1" });
    await requestJson(fetch, `${vendor}/b`, { json: { a: 1 }, idempotencyKey: "k1" });
    await requestJson(fetch, `${vendor}/c`, { method: "PUT", body: form({ a: "x y" }) });
    assert.equal(await requestJson(fetch, `${vendor}/d`, { method: "DELETE" }), null);
    assert.deepEqual(
      requests.map(({ method, path, body, headers }) => [
        method,
        path,
        body,
        headers["content-type"]?.toString().split(";")[0],
        headers["idempotency-key"],
      ]),
      [
        ["GET", "/a", "", undefined, undefined],
        ["POST", "/b", '{"a":1}', "application/json", "k1"],
        ["PUT", "/c", "a=x+y", "application/x-www-form-urlencoded", undefined],
        ["DELETE", "/d", "", undefined, undefined],
      ],
    );
  });

  it("throws the class that a status speaks for, with the vendor's words and Retry-After", async () => {
    const classes: [number, string, string, string][] = [
      [400, '{"error":{"message":"Bad email"}}', "invalid-input", "Bad email"],
      [
        401,
        '{"error":"invalid_token","error_description":"It has expired"}',
        "unauthorized",
        "It has expired",
      ],
      [403, "<html>", "forbidden", "The vendor answered 403."],
      [404, '{"message":"Not Found"}', "not-found", "Not Found"],
      [409, '{"errors":[{"detail":"Taken"}]}', "conflict", "Taken"],
      [410, "", "not-found", "The vendor answered 410."],
      [418, "null", "vendor-error", "The vendor answered 418."],
      [422, '{"title":"Unprocessable"}', "invalid-input", "Unprocessable"],
      [429, '{"error":"slow down"}', "rate-limited", "slow down"],
      [500, "[]", "vendor-unavailable", "The vendor answered 500."],
      [503, "{}", "vendor-unavailable", "The vendor answered 503."],
    ];
    for (const [status, body, code, message] of classes) {
      answer = () => ({ status, body, headers: { "Retry-After": "2" } });
      const error = await failure(requestJson(fetch, vendor));
      assert.deepEqual(
        [error.code, error.message, error.retryAfterMs],
        [code, message, 2_000],
        String(status),
      );
      assert.deepEqual(error.details, { status });
    }
  });

  it("lets the author say better what an answer means", async () => {
    answer = () => ({ status: 402, body: '{"reason":"card_declined"}' });
    const error = await failure(
      requestJson(fetch, vendor, {
        error: ({ body }) => ({ code: "conflict", message: "Declined", details: { body: body ?? null } }),
      }),
    );
    assert.deepEqual([error.code, error.message], ["conflict", "Declined"]);
    assert.deepEqual(error.details, { body: { reason: "card_declined" } });
  });

  it("takes a reply that is no JSON for an error of the vendor's", async () => {
    answer = () => ({ body: "<html>" });
    assert.equal((await failure(requestJson(fetch, vendor))).code, "vendor-error");
  });
});

describe("graphql", () => {
  it("answers the data, and throws what the errors say", async () => {
    answer = ({ body }) => ({ body: JSON.stringify({ data: JSON.parse(body) }) });
    const document = { query: "query($id: ID!) { a(id: $id) }", variables: { id: "1" } };
    assert.deepEqual(await graphql(fetch, vendor, document), document);

    const codes = {
      THROTTLED: "rate-limited",
      UNAUTHENTICATED: "unauthorized",
      ACCESS_DENIED: "forbidden",
      NOT_FOUND: "not-found",
      BAD_USER_INPUT: "invalid-input",
      GRAPHQL_VALIDATION_FAILED: "invalid-input",
      INTERNAL_SERVER_ERROR: "vendor-unavailable",
      SOMETHING_ELSE: "vendor-error",
    };
    for (const [code, expected] of Object.entries(codes)) {
      answer = () => ({
        body: JSON.stringify({ data: null, errors: [{ message: "No.", extensions: { code } }] }),
      });
      const error = await failure(graphql(fetch, vendor, document));
      assert.deepEqual([error.code, error.message], [expected, "No."], code);
    }
    answer = () => ({ body: "{}" });
    assert.match((await failure(graphql(fetch, vendor, document))).message, /neither data nor errors/);
    answer = () => ({ status: 429 });
    assert.equal((await failure(graphql(fetch, vendor, document))).code, "rate-limited");
  });

  it("does not call a mutation refused that was carried out", async () => {
    const errors = [{ message: "No.", path: ["add", "owner"], extensions: { code: "UNAVAILABLE" } }];
    const reply = (data: object) => {
      answer = () => ({ body: JSON.stringify({ data, errors }) });
    };
    const mutation = "# adds\nfragment A on Item { id }\nmutation Add { add { ...A owner } }";
    const send = (query: string) => failure(graphql(fetch, vendor, { query }));
    reply({ add: { id: "1", owner: null } });
    const made = await send(mutation);
    assert.deepEqual(
      [made.code, made.message],
      ["vendor-error", "The change was made, at least in part; not all of the answer may be read: No."],
    );
    assert.deepEqual(made.details, {
      errors: [{ message: "No.", path: ["add", "owner"], code: "UNAVAILABLE" }],
      data: { add: { id: "1", owner: null } },
    });
    assert.equal((await send("query Mutation { mutation: add { id } }")).code, "vendor-unavailable");
    reply({ add: null });
    assert.equal((await send(mutation)).code, "vendor-unavailable");
  });
});

describe("form and withQuery", () => {
  it("write nested fields and lists as vendors read them", () => {
    const fields = { a: 1, b: undefined, c: null, none: [], d: { e: true, f: ["x", "y"] } };
    const text = (lists?: "indices" | "brackets" | "repeat" | "comma") =>
      decodeURIComponent(form(fields, lists ? { lists } : {}).toString());
    assert.equal(text(), "a=1&d[e]=true&d[f][0]=x&d[f][1]=y");
    assert.equal(text("brackets"), "a=1&d[e]=true&d[f][]=x&d[f][]=y");
    assert.equal(text("repeat"), "a=1&d[e]=true&d[f]=x&d[f]=y");
    assert.equal(text("comma"), "a=1&d[e]=true&d[f]=x,y");
    assert.equal(withQuery("https://a.test/x", { after: null, limit: 5 }), "https://a.test/x?limit=5");
    assert.equal(withQuery("https://a.test/x?y=1", { q: "a&b" }), "https://a.test/x?y=1&q=a%26b");
    assert.equal(withQuery("https://a.test/x", { after: null }), "https://a.test/x");
  });
});

describe("pages", () => {
  const all = [1, 2, 3, 4, 5];

  /** Reads a list to its end. */
  async function read(
    page: (cursor: string | null) => Promise<{ items: number[]; nextCursor: string | null }>,
  ): Promise<number[]> {
    const items: number[] = [];
    for await (const item of paginate(page)) items.push(item);
    return items;
  }

  it("by number end with one that is not full, or when the vendor says so", async () => {
    const asked: number[] = [];
    const full = await read((cursor) =>
      pageByNumber({ cursor, limit: 2 }, async (page, limit) => {
        asked.push(page);
        return { items: all.slice((page - 1) * limit, page * limit) };
      }),
    );
    assert.deepEqual([full, asked], [all, [1, 2, 3]]);
    const told = await read((cursor) =>
      pageByNumber({ cursor, limit: 2, first: 0 }, async (page) => ({ items: [page], hasMore: page < 2 })),
    );
    assert.deepEqual(told, [0, 1, 2]);
  });

  it("by offset end at the total, or with one that is not full", async () => {
    for (const total of [undefined, all.length]) {
      const items = await read((cursor) =>
        pageByOffset({ cursor, limit: 2 }, async (offset, limit) => ({
          items: all.slice(offset, offset + limit),
          total,
        })),
      );
      assert.deepEqual(items, all);
    }
    // A total that is never reached does not make it go on for ever.
    assert.deepEqual(await pageByOffset({ cursor: "4", limit: 2 }, async () => ({ items: [], total: 9 })), {
      items: [],
      nextCursor: null,
    });
  });

  it("by Link header follow rel=next, and stay on the vendor's host", async () => {
    answer = ({ path }) => {
      const page = Number(new URL(path ?? "", vendor).searchParams.get("page") ?? 1);
      const next = `<${vendor}/rows?page=${page + 1}>; rel="next"`;
      const links = `<${vendor}/rows?page=1>; rel="first"${page < 3 ? `, ${next}` : ""}`;
      return { headers: { Link: links }, body: `[${page}]` };
    };
    const list = (cursor: string | null) =>
      pageByLink({ cursor }, `${vendor}/rows`, async (url) => {
        const response = await sendRequest(fetch, url);
        return { response, items: await readJson<number[]>(response) };
      });
    assert.deepEqual(await read(list), [1, 2, 3]);
    assert.equal((await list(null)).nextCursor, "/rows?page=2");
    for (const cursor of ["https://evil.test/", "//evil.test/x"])
      assert.equal((await failure(list(cursor))).code, "invalid-input", cursor);
    answer = () => ({ headers: { Link: '<https://evil.test/2>; rel="next"' }, body: "[]" });
    assert.match((await failure(list(null))).message, /another host/);
  });

  it("refuse a cursor that is none of theirs, and a list that goes round in a circle", async () => {
    const empty = async () => ({ items: [] });
    for (const cursor of ["-1", "x", "1e400", "0.5"])
      assert.equal((await failure(pageByNumber({ cursor, limit: 2 }, empty))).code, "invalid-input", cursor);
    assert.match(
      (await failure(read(async () => ({ items: [1], nextCursor: "a" })))).message,
      /has just sent/,
    );
  });
});
