import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { DevAddress } from "./address-file.ts";
import { callPlugin } from "./call.ts";
import type { DevSession } from "./session.ts";

/** What the server can be asked for besides calls. */
export interface DevRecords {
  requests: readonly object[];
  logs: readonly object[];
}

/**
 * A small HTTP API on this machine alone: `GET /` says what serves, `POST /call/{kind}/{name}` calls it, and `/requests`,
 * `/logs`, `/events` and `/storage` show what happened. Whoever has not the token is refused: other people of this
 * machine, and web pages that try all ports.
 */
export async function openDevServer(
  session: DevSession,
  records: DevRecords,
  port: number,
): Promise<DevAddress & { close(): Promise<void> }> {
  const token = randomBytes(24).toString("base64url");
  const server = createServer((request, response) => {
    answer(session, records, token, request)
      .catch((error) => ({ status: 500, body: { error: { code: "unexpected", message: String(error) } } }))
      .then(({ status, body }) => send(response, status, body));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${taken}`, token, close: () => close(server) };
}

interface Answer {
  status: number;
  body: object;
}

async function answer(
  session: DevSession,
  records: DevRecords,
  token: string,
  request: IncomingMessage,
): Promise<Answer> {
  if (!isAllowed(request, token))
    return refusal(
      401,
      "unauthorized",
      "Send the token of .plugboard/dev.json as Authorization: Bearer <token>.",
    );
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (request.method === "GET") {
    const found = shown(session, records)[pathname];
    return found ? { status: 200, body: found() } : refusal(404, "not-found", `There is no ${pathname}.`);
  }
  const [, kind, name] = /^\/call\/([a-z]+)\/([^/]+)$/.exec(pathname) ?? [];
  if (request.method !== "POST" || !kind || !name)
    return refusal(404, "not-found", "There is POST /call/{action|entity|trigger|hook|webhook}/{name}.");
  return callPlugin(session, kind, decodeURIComponent(name), await json(request));
}

/** What there is to look at. */
const shown = (session: DevSession, records: DevRecords): { [path: string]: (() => object) | undefined } => ({
  "/": () => {
    const { id, version, contributes } = session.serving()?.manifest ?? {};
    return { plugin: id ?? null, version: version ?? null, contributes, problems: session.problems() };
  },
  "/requests": () => ({ items: records.requests }),
  "/logs": () => ({ items: records.logs }),
  "/events": () => ({ items: session.events() }),
  "/storage": () => ({ storage: session.storage() }),
});

/** By the token alone: an address can be made to lead here by any name, and any page can send a request. */
function isAllowed({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization?.replace(/^Bearer /, "") ?? "");
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function refusal(status: number, code: string, message: string): Answer {
  return { status, body: { error: { code, message } } };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, "close").catch(() => {});
}
