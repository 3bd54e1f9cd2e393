import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { createRegistry, type RegistryOptions } from "@plugboard/registry";
import { loadMasterKey } from "@plugboard/service-kit/crypto";
import { listen } from "@plugboard/service-kit/http";
import { createLogger } from "@plugboard/service-kit/observe";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import { hostSchema } from "./schema.ts";

export const hostToken = "host-token-for-tests-0123456789";
export const operatorToken = "operator-token-for-tests-0123456789";

/** A registry run apart, over a database of its own. */
export interface TestRegistry {
  address: string;
  stop(): Promise<void>;
}

export async function startTestRegistry(
  t: TestContext,
  options: Pick<RegistryOptions, "now"> = {},
): Promise<TestRegistry> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "plugboard-registry-test-"));
  const afterwards: (() => Promise<void>)[] = [];
  const database = await openTestDatabase({ after: (undo) => afterwards.push(undo) }, { schema: hostSchema });
  const logger = createLogger({ name: "registry-of-the-test", level: "error" });
  const registry = createRegistry({
    database,
    masterKey: await loadMasterKey({ dataDir }),
    logger,
    hostTokens: [hostToken],
    operatorTokens: [operatorToken],
    scanIsolation: "thread",
    ...options,
  });
  await registry.start();
  const listener = await listen(registry.app, { port: 0, host: "127.0.0.1", logger });
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      await listener.close(0);
      await registry.stop();
      for (const undo of afterwards) await undo();
      await rm(dataDir, { recursive: true, force: true });
    })();
    return stopping;
  };
  t.after(stop);
  return { address: listener.address, stop };
}

/** Changes one answer of the registry on its way: whoever sits between host and registry. */
export type Tamper = (path: string, body: Buffer) => Buffer | Promise<Buffer>;

/** What befalls a request (`PATCH /registry/…`) before the registry gets it, and before its answer goes back. */
export interface Mishaps {
  before(request: string): Promise<void> | void;
  after(request: string): Promise<void> | void;
}

/** A proxy in front of a registry. `tamper` and `mishaps` can be changed while it runs; where one throws, the line is cut. */
export async function startTamperingProxy(
  t: TestContext,
  target: string,
): Promise<{ address: string; tamper: Tamper; mishaps: Mishaps; requests: string[] }> {
  const requests: string[] = [];
  const mishaps: Mishaps = { before() {}, after() {} };
  const proxy = { address: "", tamper: ((_, body) => body) as Tamper, mishaps, requests };
  const server = createServer(async (incoming, outgoing) => {
    const request = `${incoming.method} ${pathOf(incoming)}`;
    requests.push(request);
    try {
      await proxy.mishaps.before(request);
      forward(target, incoming, outgoing, async (path, body) => {
        await proxy.mishaps.after(request);
        return proxy.tamper(path, body);
      });
    } catch {
      outgoing.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return proxy;
}

/** Without the query, which says for which tenant something is read. */
function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?")[0] ?? url;
}

function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  tamper: (path: string, body: Buffer) => Promise<Buffer>,
): void {
  const { method, headers, url = "/" } = incoming;
  const request = httpRequest(new URL(url, target), { method, headers }, async (response) => {
    const body = await tamper(pathOf(incoming), Buffer.concat(await response.toArray())).catch(
      () => undefined,
    );
    if (!body) return outgoing.destroy();
    const { "content-length": _, "transfer-encoding": __, ...kept } = response.headers;
    outgoing.writeHead(response.statusCode ?? 502, { ...kept, "content-length": body.length }).end(body);
  });
  request.once("error", () => outgoing.destroy());
  incoming.pipe(request);
}
