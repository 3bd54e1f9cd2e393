import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { TestContext } from "node:test";

/** The name under which plugin code finds it; give `rewrite` to the host. */
export const ledgerHost = "api.ledger.example";

/** One request that changes something, as the vendor saw it. */
export interface LedgerRequest {
  method: string;
  path: string;
  idempotencyKey: string | undefined;
  body: unknown;
}

interface Entry {
  id: string;
  text: string;
}

/**
 * A vendor of entries, written one by one or many in one request. What a text says is done: `refused` is refused, `busy` is
 * the first time, `hangs up` is written and not answered, and `held` not until it is let go. Of the deletion of `elsewhere` it tells in another place.
 */
export async function startLedgerVendor(t: Pick<TestContext, "after">) {
  const entries = new Map<string, Entry>();
  const requests: LedgerRequest[] = [];
  let made = 0;
  let isBusy = true;
  const { promise: letGo, resolve: release } = Promise.withResolvers<void>();
  const { promise: isHolding, resolve: holds } = Promise.withResolvers<void>();

  function write(id: string, text: string): { entry: Entry } | { error: string } {
    if (text === "refused") return { error: `There is something wrong with ${id}.` };
    const entry = { id, text };
    entries.set(id, entry);
    return { entry };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", headers, url: path = "" } = request;
    const [, , key] = path.split("/").map(decodeURIComponent);
    const body = (method === "DELETE" ? null : await json(request)) as { text: string } & Entry[];
    const idempotencyKey = headers["idempotency-key"] as string | undefined;
    requests.push({ method, path, idempotencyKey, body });
    const send = (status: number, value: unknown) =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    const texts = [body ?? []].flat().map(({ text }) => text);
    if (texts.includes("busy") && isBusy) {
      isBusy = false;
      return send(429, { message: "Too much at once." });
    }
    if (key === "batch") {
      const results = body.map(({ id, text }) => write(id ?? `e${++made}`, text));
      if (body.some(({ text }) => text === "hangs up")) return void request.socket.destroy();
      return send(200, { results });
    }
    if (key === "elsewhere") {
      entries.delete(key);
      return void response.writeHead(302, { location: "https://elsewhere.example/" }).end();
    }
    if (method === "DELETE") return send(entries.delete(key ?? "") ? 200 : 404, {});
    const written = write(key ?? `e${++made}`, body.text);
    if (body.text === "hangs up") return void request.socket.destroy();
    if (body.text === "held") {
      holds();
      await letGo;
    }
    return "error" in written ? send(422, { message: written.error }) : send(200, written.entry);
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    release();
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    entries,
    /** Those since the last time that this was asked. */
    requests: () => requests.splice(0),
    /** Resolves once an answer is held. */
    isHolding,
    release,
    /** The next request with `busy` in it is refused again. */
    getBusy() {
      isBusy = true;
    },
    rewrite: { [ledgerHost]: url },
  };
}
