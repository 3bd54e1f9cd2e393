import { randomBytes } from "node:crypto";
import {
  generateSigningKey,
  type OnlineKey,
  type SigningKeyPair,
  signStatement,
  statementTypes,
  verifyRoot,
} from "@plugboard/plugin-sdk/trust";
import { createRegistry, type RegistryOptions } from "@plugboard/registry";
import { createRegistryClient, type Publication, type RegistryClient } from "@plugboard/registry/client";
import { loadMasterKey } from "@plugboard/service-kit/crypto";
import type { Database } from "@plugboard/service-kit/database";
import { listen } from "@plugboard/service-kit/http";
import { createLogger } from "@plugboard/service-kit/observe";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import { registryMigrations } from "../../migrations/index.ts";
import { type PluginSource, pack, sign } from "./plugins.ts";

const schema = { migrated: [{ schema: "registry", migrations: registryMigrations }], jobs: true };

export const hostToken = "pbh_the-token-of-the-host-in-tests";
export const otherHostToken = "pbh_the-token-of-another-host-in-tests";
export const operatorToken = "pbo_the-token-of-the-operator-in-tests";
export const tenant = "tnt_a";

export interface TestRegistry {
  url: string;
  database: Database;
  /** As the host and the operator. */
  client: RegistryClient;
  vouchFor(publisher: string): Promise<void>;
}

/**
 * A registry over an empty database, listening, gone when the test is over. It loads what is published in a thread, which
 * starts sooner than a process, unless told otherwise.
 */
export async function startRegistry(
  t: { after(step: () => Promise<void>): void },
  options: Partial<
    Pick<
      RegistryOptions,
      | "now"
      | "jobs"
      | "scanners"
      | "scanIsolation"
      | "uploadLimits"
      | "arrivalLimits"
      | "trustProxy"
      | "billing"
    >
  > = {},
): Promise<TestRegistry> {
  const undo: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const step of undo.toReversed()) await step();
  });
  const later = { after: (step: () => Promise<void>) => void undo.push(step) };
  const database = await openTestDatabase(later, { schema });
  const logger = createLogger({ name: "registry", level: "error" });
  const registry = createRegistry({
    database,
    masterKey: await loadMasterKey({ masterKey: randomBytes(32).toString("base64"), dataDir: "" }),
    logger,
    hostTokens: [hostToken, otherHostToken],
    operatorTokens: [operatorToken],
    checkResponses: true,
    scanIsolation: "thread",
    ...options,
  });
  undo.push(() => registry.stop());
  await registry.start();
  const listener = await listen(registry.app, { port: 0, host: "127.0.0.1", logger });
  undo.push(() => listener.close(1000));
  const url = listener.address;
  const client = createRegistryClient({ baseUrl: url, hostToken, operatorToken, timeoutMs: 60_000 });
  return { url, database, client, vouchFor: registry.vouchFor };
}

/** The keys that the registry's root names for everyday use. */
export async function onlineKeysOf(client: RegistryClient): Promise<OnlineKey[]> {
  return (await verifyRoot(await client.getRoot())).onlineKeys;
}

export interface TestPublisher {
  name: string;
  key: SigningKeyPair;
  /** Packs, signs, publishes, and waits for the outcome. */
  publish(source: Omit<PluginSource, "id"> & { name: string }): Promise<Publication>;
}

export async function registerPublisher(
  client: RegistryClient,
  name: string,
  now = new Date(),
): Promise<TestPublisher> {
  const key = await generateSigningKey();
  const claim = await claimFor(name, key, { issuedAt: now.toISOString() });
  await client.registerPublisher({ publisher: name, key: key.publicJwk, claim });
  return {
    name,
    key,
    async publish({ name: plugin, ...source }) {
      const tarball = await pack({ ...source, id: `${name}/${plugin}` });
      const { id } = await client.publish(await sign(tarball, key.privateJwk));
      return client.waitForPublication(id);
    },
  };
}

export async function claimFor(publisher: string, key: SigningKeyPair, claim: Record<string, unknown> = {}) {
  const payload = { publisher, audience: "plugboard-registry", issuedAt: new Date().toISOString(), ...claim };
  return signStatement(statementTypes.claim, payload, { privateJwk: key.privateJwk });
}
