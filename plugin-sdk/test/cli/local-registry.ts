import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** One request that a registry got; multipart bodies taken apart. */
export interface RegistryRequest {
  method: string;
  path: string;
  json?: { [name: string]: unknown };
  form?: FormData;
  authorization?: string;
}

export interface RegistryReply {
  status: number;
  body: object;
  headers?: { [name: string]: string };
}

/** A registry that answers as told, by `METHOD path`; each entry's replies in turn, the last one for ever. */
export async function startRegistry(
  t: TestContext,
  replies: { [request: string]: RegistryReply[] },
): Promise<{ url: string; requests: RegistryRequest[] }> {
  const requests: RegistryRequest[] = [];
  const answered = new Map<string, number>();
  const server = createServer(async (incoming, outgoing) => {
    const request = await read(incoming);
    requests.push(request);
    const key = `${request.method} ${request.path}`;
    const turn = answered.get(key) ?? 0;
    answered.set(key, turn + 1);
    const { status, body, headers } = replies[key]?.[turn] ??
      replies[key]?.at(-1) ?? {
        status: 404,
        body: { code: "route-not-found", detail: key },
        headers: {},
      };
    outgoing.writeHead(status, {
      "Content-Type": status < 400 ? "application/json" : "application/problem+json",
      ...headers,
    });
    outgoing.end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

async function read(incoming: IncomingMessage): Promise<RegistryRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const type = incoming.headers["content-type"] ?? "";
  const body = new Response(Buffer.concat(chunks), { headers: { "content-type": type } });
  return {
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    ...(incoming.headers.authorization !== undefined && { authorization: incoming.headers.authorization }),
    ...(type.startsWith("application/json")
      ? { json: (await body.json()) as { [name: string]: unknown } }
      : {}),
    ...(type.startsWith("multipart/form-data") ? { form: await body.formData() } : {}),
  };
}
