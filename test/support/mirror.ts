import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import type { Json } from "@plugboard/plugin-sdk";
import { PluginFailure, type TestHost as TestHostOfSdk, type TestWrite } from "@plugboard/plugin-sdk/testing";
import type { TestAnswer, TestApi } from "./api.ts";

/** What became of a call, in words that both hosts have. */
export type Outcome =
  | { output: Json }
  | { code: string; message?: string; details?: Json; retryAfter?: number; pointers?: string[] };

/** One host as the table of calls sees it. */
export interface Side {
  run(action: string, input: object): Promise<Outcome>;
  entity(name: string, operation: string, args: { [member: string]: Json }): Promise<Outcome>;
  batch(entity: string, writes: TestWrite[]): Promise<Outcome>;
  /** Polls once, for nothing. */
  poll(trigger: string, config?: { [field: string]: Json }): Promise<Outcome>;
}

/** `createTestHost`: what it throws, as the API says it. */
export function authorsSide(host: TestHostOfSdk): Side {
  const outcome = async (kind: string, work: Promise<unknown>): Promise<Outcome> => {
    try {
      return { output: (await work) as Json };
    } catch (error) {
      if (error instanceof PluginFailure) return failed(kind, error);
      if (error instanceof TypeError) return misfit(kind, error.message);
      throw error;
    }
  };
  return {
    run: (action, input) => outcome("action", host.run(action, input as Json)),
    entity: (name, operation, args) =>
      outcome("entity", host.entity(name, operation as "get", args).then(withoutSeal(operation))),
    batch: (entity, writes) => outcome("entity", host.batch(entity, writes).then(asJson)),
    poll: (name, config = {}) =>
      outcome(
        "trigger",
        host
          .poll(name, { config })
          .then(({ items, hasMore }) => ({ items: items.map(({ item }) => item), hasMore })),
      ),
  };
}

function failed(kind: string, { code, message, details, retryAfterMs }: PluginFailure): Outcome {
  return {
    code: code === "plugin-output-invalid" ? `${kind}-output-invalid` : code,
    message,
    ...(details !== undefined && { details: details as Json }),
    ...(retryAfterMs !== undefined && { retryAfter: Math.ceil(retryAfterMs / 1000) }),
  };
}

/** `The input does not fit its schema: /size must be … /id must be …` */
function misfit(kind: string, message: string): Outcome {
  const [, which] = /^The (input|output|config) does not fit its schema/.exec(message) ?? [];
  if (which === undefined) return { code: `${kind}-not-found` };
  const place = kind === "trigger" && which === "input" ? "config" : which;
  return { code: `${kind}-${place}-invalid`, pointers: pointersOf(message.split(": ").slice(1).join(": ")) };
}

const pointersOf = (message: string) => (message.match(/(?<=^|\s)\/\S*(?= )/g) ?? []).sort();

/** The API of a host. */
export function tenantsSide(api: TestApi, connectionId: string): Side {
  const path = `/api/v1/connections/${connectionId}`;
  const body = (method: string, at: string, value: unknown) =>
    api.send(method, `${path}${at}`, {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(value),
    });
  return {
    async run(action, input) {
      const answer = await api.post(`${path}/actions/${action}`, { input });
      return outcomeOf(answer, answer.body.output);
    },
    async entity(name, operation, { key, ...args }) {
      const at = `/entities/${name}`;
      const record = `${at}/${encodeURIComponent(String(key))}`;
      const answer = await {
        list: () => api.get(`${path}${at}?${listQuery(args)}`),
        get: () => api.get(`${path}${record}`),
        create: () => body("POST", at, args.record),
        update: () => body("PATCH", record, args.changes),
        upsert: () => body("PUT", record, args.record),
        remove: () => api.delete(`${path}${record}`),
        changesSince: () => api.get(`${path}${at}/changes?${listQuery(args)}`),
      }[operation as "list"]();
      return outcomeOf(answer, answer.status === 204 ? null : withoutSeal(operation)(answer.body));
    },
    async batch(entity, writes) {
      const answer = await api.post(`${path}/entities/${entity}/batch`, { writes });
      return outcomeOf(answer, asJson(answer.body.results?.map(inWordsOfBoth)));
    },
    async poll(trigger, config = {}) {
      const answer = await api.post(`${path}/triggers/${trigger}/test`, { config });
      return outcomeOf(answer, answer.body);
    },
  };
}

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value ?? null));

/** What became of a write, as the API says it. */
function inWordsOfBoth({ problem, ...outcome }: { problem?: TestAnswer["body"] }): object {
  if (!problem) return outcome;
  const { code, reason, detail, problems, details, retryAfterSeconds: seconds } = problem;
  const said = problems
    ?.map(({ pointer, message }: { pointer: string; message: string }) => `${pointer} ${message}`)
    .join(" ");
  const message = said ?? detail.replace(/^\S+ \S+, \w+ "[^"]*": /, "").replace(/^"[^"]*": /, "");
  return {
    ...outcome,
    code: reason ?? code,
    message,
    ...(details !== undefined && { details }),
    ...(seconds !== undefined && { retryAfterMs: seconds * 1_000 }),
  };
}

/** The cursor of changes is sealed by a host, so that it is another text there. */
const withoutSeal =
  (operation: string) =>
  (answer: unknown): Json =>
    operation === "changesSince"
      ? { ...(answer as { [member: string]: Json }), cursor: "…" }
      : (answer as Json);

function listQuery({ filter, ...rest }: { [member: string]: Json }): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter ?? {})) query.set(`filter[${name}]`, String(value));
  for (const [name, value] of Object.entries(rest)) query.set(name, String(value));
  return query;
}

/** `reason` is what the plugin or a capability has thrown, where the API has another word for it. */
function outcomeOf({ status, body, headers }: TestAnswer, output: Json): Outcome {
  if (status < 300) return { output };
  // What there is instead is said of entities and their operations in different ways.
  if (body.available) return { code: body.code };
  const retryAfter = headers.get("retry-after");
  if (body.problems)
    return {
      code: body.code,
      pointers: body.problems
        .map(({ pointer }: { pointer: string }) => pointer.replace(/^\/(in|out)put/, ""))
        .sort(),
    };
  return {
    code: body.reason ?? body.code,
    // Without the place in front of it.
    message: body.detail.replace(/^\S+ \S+, \w+ "[^"]*": /, ""),
    ...(body.details !== undefined && { details: body.details }),
    ...(retryAfter !== null && { retryAfter: Number(retryAfter) }),
  };
}

/** A vendor with widgets and rows, each twice over: what one host writes, the other does not see. */
export async function startMirrorVendor(t: Pick<TestContext, "after">) {
  const rows: { [side: string]: { id: number }[] } = { a: [], b: [] };
  const widgets: { [side: string]: Map<string, { [field: string]: Json }> } = { a: new Map(), b: new Map() };
  let writes = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://vendor");
    const [, side = "", kind, key] = pathname.split("/").map(decodeURIComponent);
    const body = await text(request);
    const send = (status: number, value?: unknown, headers = {}) =>
      void response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(value === undefined ? undefined : JSON.stringify(value));
    if (pathname === "/echo") return send(200, { headers: echoed(request), body });
    if (side === "say") return say(kind ?? "", request, response);
    const held = widgets[side];
    if (kind === "rows") {
      const after = Number(searchParams.get("after") ?? 0);
      const least = Number(searchParams.get("least") ?? 0);
      const found = (rows[side] ?? []).filter(({ id }) => id > after && id >= least);
      return send(200, { rows: found.slice(0, 2), more: found.length > 2 });
    }
    if (!held || kind !== "widgets") return send(404, { error: "There is no such thing." });
    if (key === undefined && request.method === "GET")
      return send(200, page([...held.values()], searchParams));
    const id = key ?? `w${held.size + 1}`;
    if (request.method === "PUT" || key === undefined) {
      if (key === undefined && JSON.parse(body).name === "taken")
        return send(409, { message: "The name is taken." });
      writes += 1;
      held.set(id, { id, updated: "2026-01-31T12:00:00Z", ...JSON.parse(body) });
      return send(200, held.get(id));
    }
    const found = held.get(id);
    if (!found) return send(404, { error: { message: `There is no widget ${id}.` } });
    if (request.method === "POST") held.set(id, { ...found, ...JSON.parse(body) });
    if (request.method === "DELETE") held.delete(id);
    return request.method === "DELETE" ? send(204) : send(200, held.get(id));
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, rows, writes: () => writes, rewrite: { "api.mirror.test": url } };
}

function page(all: { [field: string]: Json }[], query: URLSearchParams) {
  const size = query.get("size");
  const fit = all.filter((one) => size === null || one.size === Number(size));
  const from = Number(query.get("cursor") ?? 0);
  const end = from + Number(query.get("limit"));
  return { items: fit.slice(from, end), nextCursor: end < fit.length ? String(end) : null };
}

/** The headers that a plugin can have set, or a host for it. */
function echoed({ rawHeaders }: IncomingMessage): [string, string][] {
  const pairs = rawHeaders.flatMap((name, at): [string, string][] =>
    at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1] ?? ""]] : [],
  );
  const own = ["accept", "authorization", "content-type", "idempotency-key", "x-key", "x-other"];
  return pairs.filter(([name]) => own.includes(name)).sort();
}

/** Answers of every sort. */
function say(what: string, request: IncomingMessage, response: ServerResponse): void {
  const credential = request.headers["x-key"] ?? "none";
  const answers: { [what: string]: () => unknown } = {
    moved: () => response.writeHead(302, { location: "/say/arrived" }).end(),
    "moved-away": () => response.writeHead(302, { location: "https://elsewhere.test/" }).end(),
    "moved-to-http": () => response.writeHead(302, { location: "http://api.mirror.test/say/arrived" }).end(),
    around: () => response.writeHead(307, { location: "/say/around" }).end(),
    arrived: () => response.end(request.method),
    cookies: () => response.writeHead(200, { "set-cookie": ["a=b", "c=d"], "x-kept": "yes" }).end("x"),
    locked: () => response.writeHead(200, { "content-type": "application/json" }).end('{"code":"locked"}'),
    slow: () => response.writeHead(408).end(),
    broken: () => response.writeHead(500).end(),
    graphql: () => response.end("{}"),
    empty: () => response.writeHead(204).end(),
    teapot: () => response.writeHead(418, "I'm a teapot").end("short and stout"),
    secret: () =>
      response
        .writeHead(200, { "x-echo": String(credential) })
        .end(Buffer.from(String(credential)).toString("base64")),
  };
  (answers[what] ?? (() => response.writeHead(404).end("no")))();
}
