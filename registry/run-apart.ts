import path from "node:path";
import { loadMasterKey, readOrCreateSecretFile, secretToken } from "@plugboard/service-kit/crypto";
import { openDatabase } from "@plugboard/service-kit/database";
import { listen } from "@plugboard/service-kit/http";
import { createLogger, createMetrics, type Logger } from "@plugboard/service-kit/observe";
import { publishBundledPlugins } from "./bundled/index.ts";
import { createRegistryClient } from "./client/index.ts";
import type { RegistryConfig } from "./config.ts";
import { createRegistry, type Registry } from "./create-registry.ts";

export interface RunningRegistry {
  /** `http://host:port` */
  address: string;
  /** Where the host token is kept; undefined if it was given from outside. */
  tokenFile: string | undefined;
  /** The same of the operator token. */
  operatorTokenFile: string | undefined;
  logger: Logger;
  /** Takes no new requests, finishes those in flight, then closes what was opened, in the opposite order. */
  stop(): Promise<void>;
}

/** How long requests in flight may take to finish when the registry stops. */
const stopGraceMs = 10_000;

/** Runs a registry in a process of its own: its database, its port, its host token. */
export async function runApart(config: RegistryConfig): Promise<RunningRegistry> {
  const { dataDir, databaseUrl, maxConnections, statementTimeoutMs, masterKey } = config;
  const logger = createLogger({ name: "plugboard-registry", level: config.logLevel });
  const opened: (() => Promise<void>)[] = [];
  async function stop(): Promise<void> {
    for (const close of opened.splice(0).toReversed()) {
      // What fails must not keep the rest open, nor the process alive.
      await close().catch((err) => logger.error({ err }, "a part of the registry did not stop as it should"));
    }
  }

  try {
    const database = await openDatabase({
      databaseUrl,
      dataDir,
      logger,
      applicationName: "plugboard-registry",
      ...(maxConnections !== undefined && { maxConnections }),
      ...(statementTimeoutMs !== undefined && { statementTimeoutMs }),
    });
    opened.push(() => database.close());
    const host = await resolveToken(config.hostToken, path.join(dataDir, "registry-token"), "pbh_");
    const operatorFile = path.join(dataDir, "registry-operator-token");
    const operator = await resolveToken(config.operatorToken, operatorFile, "pbo_");
    const registry = createRegistry({
      database,
      masterKey: await loadMasterKey({ masterKey, dataDir }),
      logger,
      metrics: createMetrics(),
      reviews: config.reviews,
      trustProxy: config.trustProxy,
      hostTokens: [host.token],
      operatorTokens: [operator.token],
    });
    opened.push(() => registry.stop());
    await registry.start();
    await publishUnseen(registry, { dataDir, logger });
    const listener = await listen(registry.app, { port: config.port, host: config.host, logger });
    opened.push(() => listener.close(stopGraceMs));
    const files = { tokenFile: host.file, operatorTokenFile: operator.file };
    return { address: listener.address, ...files, logger, stop };
  } catch (error) {
    // What was opened before the failure must not keep the process (or its PostgreSQL) alive.
    await stop();
    throw error;
  }
}

/**
 * Publishes the bundled plugins through the registry's own routes, on a port that nobody knows yet: so that no one is
 * quicker to take their publisher's name.
 */
async function publishUnseen(registry: Registry, o: { dataDir: string; logger: Logger }): Promise<void> {
  const listener = await listen(registry.app, { port: 0, host: "127.0.0.1", logger: o.logger });
  try {
    const client = createRegistryClient({ baseUrl: listener.address });
    await publishBundledPlugins({ registry: client, vouchFor: registry.vouchFor, ...o });
  } finally {
    await listener.close(stopGraceMs);
  }
}

/** Given from outside, or made at the first start and kept in a file of its owner's. */
async function resolveToken(
  given: string | undefined,
  file: string,
  prefix: string,
): Promise<{ token: string; file: string | undefined }> {
  if (given !== undefined) return { token: given, file: undefined };
  return { token: await readOrCreateSecretFile(file, () => secretToken(prefix).token), file };
}
