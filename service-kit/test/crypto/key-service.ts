import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { type KeyManagement, open, seal } from "../../crypto/index.ts";

/** A service that keeps its keys to itself and is asked over HTTP, each in a version that its answers name. */
export async function startKeyService(t: Pick<TestContext, "after">) {
  const versions = new Map([["1", randomBytes(32)]]);
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const [, what, version = ""] = (request.url ?? "").split("/");
    const key = versions.get(version);
    if (service.isDown || !key) return void response.writeHead(503).end();
    try {
      response.end(what === "wrap" ? seal(key, body, "data key") : open(key, body, "data key"));
    } catch {
      response.writeHead(400).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close());
  const { port } = server.address() as AddressInfo;

  async function ask(what: "wrap" | "unwrap", version: string, body: Buffer<ArrayBuffer>): Promise<Buffer> {
    const answer = await fetch(`http://127.0.0.1:${port}/${what}/${version}`, { method: "POST", body });
    if (!answer.ok) throw new Error(`the key service answered ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  function keysAt(current: string): KeyManagement {
    const prefixOf = (version: string) => `service:${version}:`;
    return {
      kind: "a service of the tests",
      currentKeyId: current,
      keyIds: [...versions.keys()],
      currentPrefix: prefixOf(current),
      wrapped: (text) => text.startsWith("service:"),
      wrap: async (dataKey) =>
        prefixOf(current) + (await ask("wrap", current, Buffer.from(dataKey))).toString("base64"),
      async unwrap(wrapped) {
        const [, version, body] = /^service:(\d+):(.+)$/.exec(wrapped) ?? [];
        if (version === undefined || body === undefined) throw new Error("this was not wrapped here");
        return ask("unwrap", version, Buffer.from(body, "base64"));
      },
    };
  }

  const service = {
    isDown: false,
    keys: keysAt("1"),
    /** Its key in another version; what was wrapped under the one before still opens. */
    rotate(): KeyManagement {
      const version = String(versions.size + 1);
      versions.set(version, randomBytes(32));
      return keysAt(version);
    },
  };
  return service;
}
