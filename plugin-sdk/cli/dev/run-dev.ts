import { readFile } from "node:fs/promises";
import type { Json } from "../../author/index.ts";
import { createNetwork, createReplies } from "../../egress/index.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { readCredential, readStandIns } from "../vendor-access/index.ts";
import { removeAddress, writeAddress } from "./address-file.ts";
import { openDevServer } from "./server.ts";
import { createDevSession, type DevEvent } from "./session.ts";
import { watchSources } from "./watch.ts";

export interface DevOptions {
  directory: string;
  env: CliHost["env"];
  /** 0 for any. */
  port: number;
  /** A file with the credential that requests get. */
  credential?: string | undefined;
  /** A file with the settings of the connection, as JSON. */
  config?: string | undefined;
  /** A file with replies, instead of the network. */
  replies?: string | undefined;
  /** Is told of each text of the credential, which nothing shown may have in it. */
  keepSecret?(secret: string): void;
  tell(event: DevEvent | { type: "ready"; url: string } | { type: "changed"; paths: string[] }): void;
}

/** What the local API remembers of each kind. */
const keptMost = 1_000;

/**
 * Serves a plugin on its author's machine, and builds it anew whenever a file changes.
 *
 * @throws {CliFailure} when it cannot begin; a plugin that does not build is told, and tried again
 */
export async function runDev(options: DevOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { directory, env, tell } = options;
  const credential = await readCredential(env, options.credential, options.keepSecret);
  const config = options.config === undefined ? {} : await readConfig(options.config);
  const network = createNetwork(readStandIns(env));
  const send = options.replies === undefined ? network.send : createReplies(options.replies);
  const requests: object[] = [];
  const logs: object[] = [];
  const keep = (list: object[], item: object) => {
    list.push(item);
    if (list.length > keptMost) list.shift();
  };

  const session = createDevSession({
    directory,
    egress: { send, credential, config },
    config,
    tell(event) {
      if (event.type === "request") keep(requests, event.request);
      if (event.type === "log") keep(logs, event.line);
      tell(event);
    },
  });
  const opened: { close(): Promise<void> }[] = [network, session];
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  };
  try {
    await session.reload();
    const server = await openDevServer(session, { requests, logs }, options.port);
    opened.push(server);
    await writeAddress(directory, server);
    opened.push({ close: () => removeAddress(directory) });
    const watcher = await watchSources(directory, (paths) => {
      tell({ type: "changed", paths });
      void session.reload();
    });
    opened.push(watcher);
    tell({ type: "ready", url: server.url });
    return { url: server.url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function readConfig(path: string): Promise<{ [field: string]: Json }> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as { [field: string]: Json };
    throw new TypeError("it is not a JSON object");
  } catch (cause) {
    throw new CliFailure(
      "dev-config-malformed",
      `The connection's settings in ${path} cannot be used: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}
