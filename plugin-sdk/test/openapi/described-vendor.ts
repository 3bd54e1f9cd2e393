import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type Request as DescribedRequest, type Document, OpenAPIBackend } from "openapi-backend";

/** A server that takes what a description says that the API takes, and says what is wrong with all else. */
export interface DescribedVendor {
  /** Sends a request of the plugin's there, whatever its host. */
  answer(request: Request): Promise<Response>;
  /** What was sent, in order: `POST /v1/customers`, with the description's operation and the parsed body. */
  requests: { line: string; operationId: string | undefined; query: unknown; body: unknown }[];
  /** What the description's schemas had against requests. */
  problems: string[];
}

/**
 * Opens a vendor by a description alone, read by another library than the one under test: requests are matched and
 * validated by its paths, parameters and schemas, and answered with `replies` by operation.
 */
export async function openDescribedVendor(
  t: TestContext,
  o: { document: object; operations: string[]; replies: { [operationId: string]: unknown } },
): Promise<DescribedVendor> {
  const api = new OpenAPIBackend({
    definition: sliceOf(o.document as Document, o.operations),
    quick: true,
    validate: true,
    ajvOpts: { strict: false, coerceTypes: "array", allErrors: true, formats: looseFormats },
  });
  await api.init();
  const requests: DescribedVendor["requests"] = [];
  const problems: string[] = [];
  const server = createServer((message, reply) => {
    respond(message, reply).catch((error: Error) => {
      problems.push(`the vendor failed: ${error.message}`);
      reply.writeHead(500).end();
    });
  });
  async function respond(message: IncomingMessage, reply: ServerResponse): Promise<void> {
    const request = await read(message);
    const operation = api.matchOperation(request);
    const line = `${request.method} ${request.path}`;
    requests.push({ line, operationId: operation?.operationId, query: request.query, body: request.body });
    const result = operation ? api.validateRequest(request, operation) : undefined;
    if (!operation) problems.push(`${line} is no operation of the description`);
    for (const error of result?.errors ?? [])
      problems.push(`${line}: ${error.instancePath} ${error.message}`);
    const answer = o.replies[operation?.operationId ?? ""];
    reply.writeHead(answer === undefined ? 204 : 200, { "content-type": "application/json" });
    reply.end(answer === undefined ? undefined : JSON.stringify(answer));
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return {
    requests,
    problems,
    async answer(request) {
      const { pathname, search } = new URL(request.url);
      const init = { method: request.method, headers: request.headers, body: await request.text() };
      const { body, ...bodyless } = init;
      return fetch(`http://127.0.0.1:${port}${pathname}${search}`, body === "" ? bodyless : init);
    },
  };
}

async function read(message: IncomingMessage): Promise<DescribedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  const { pathname, search } = new URL(message.url ?? "/", "http://vendor");
  const type = message.headers["content-type"] ?? "";
  const body = type.includes("json")
    ? JSON.parse(text)
    : type.includes("urlencoded")
      ? parseForm(text)
      : text;
  return {
    method: message.method ?? "GET",
    path: pathname,
    query: search.slice(1),
    headers: message.headers as { [name: string]: string },
    body: text === "" ? undefined : body,
  };
}

/** As Rails, PHP and qs read forms: `metadata[plan]=pro&expand[0]=customer`. */
function parseForm(text: string): unknown {
  const root: Node = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const path = [
      name.replace(/\[.*$/, ""),
      ...[...name.matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? ""),
    ];
    let node = root;
    for (const part of path.slice(0, -1)) {
      const inner = node[part];
      const next = typeof inner === "object" ? inner : {};
      node[part] = next;
      node = next;
    }
    node[path.at(-1) ?? ""] = value;
  }
  return listsOf(root);
}

interface Node {
  [name: string]: string | Node;
}

function listsOf(node: string | Node): unknown {
  if (typeof node === "string") return node;
  const keys = Object.keys(node);
  const values = Object.values(node).map(listsOf);
  if (keys.length > 0 && keys.every((key, index) => key === String(index))) return values;
  return Object.fromEntries(keys.map((key, index) => [key, values[index]]));
}

/** The operations by themselves, with all that they refer to. */
function sliceOf(document: Document, operations: string[]): Document {
  const paths = Object.entries(document.paths ?? {}).flatMap(([path, item]) => {
    const own = Object.entries(item ?? {}).filter(
      ([, one]) =>
        typeof one === "object" && "operationId" in one && operations.includes(String(one.operationId)),
    );
    return own.length === 0 ? [] : [[path, { parameters: item?.parameters, ...Object.fromEntries(own) }]];
  });
  const { security: _, ...rest } = document;
  return {
    ...structuredClone(rest),
    servers: [{ url: "/" }],
    paths: withNull(Object.fromEntries(paths)),
  } as Document;
}

/** `nullable` beside `oneOf` says that null is one of them, which the validator knows only beside a type. */
function withNull(paths: object): object {
  return JSON.parse(JSON.stringify(paths), (_, value) => {
    if (!value?.nullable || value.type !== undefined) return value;
    const { nullable, ...schema } = value;
    return { anyOf: [schema, { type: "null" }] };
  });
}

/** What descriptions call formats and JSON Schema does not. */
const looseFormats = Object.fromEntries(
  [
    "unix-time",
    "decimal",
    "int32",
    "int64",
    "double",
    "float",
    "date-time",
    "uri",
    "email",
    "currency",
    "repo.nwo",
    "binary",
    "password",
    "ipv4",
    "uuid",
    "date",
  ].map((name) => [name, true as const]),
);
