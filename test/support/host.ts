import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { type CoreOptions, createCore } from "@plugboard/core";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import { createTestApi, type TestApi } from "./api.ts";
import { hostSchema } from "./schema.ts";

export const adminKey = "admin-key-for-tests-0123456789";

/** A whole host with its embedded registry, over an empty database, listening on a free port. */
export interface TestHost {
  address: string;
  dataDir: string;
  databaseUrl: string;
  admin: TestApi;
  anonymous: TestApi;
  /** Everything that was logged so far. */
  logged(): string;
  /** Stops the host and starts it again on the same data. Gives the new address. */
  restart(): Promise<string>;
  /** A new tenant and a client with a key of it. */
  tenant(scopes?: string[]): Promise<TestTenant>;
}

export interface TestTenant {
  id: string;
  api: TestApi;
  key: string;
}

export interface TestHostOptions {
  egressRewrite?: Record<string, string>;
  egressResolve?: CoreOptions["egressResolve"];
  isolation?: CoreOptions["isolation"];
  /** Where its registry loads what is published; a thread by default, which starts sooner. */
  scanIsolation?: CoreOptions["scanIsolation"];
  /** Short for these limits in the defaults of `pluginSettings`. */
  sandboxLimits?: NonNullable<NonNullable<CoreOptions["pluginSettings"]["defaults"]>["limits"]>;
  pluginSettings?: CoreOptions["pluginSettings"];
  /** How the host keeps up with its registry; seldom by itself, so that a test says when. */
  trust?: Partial<CoreOptions["trust"]>;
  /** What time it is, for what ends at one. */
  now?: () => number;
  entitlementRefreshMs?: number;
  /** Whether it has the connectors that come with Plugboard, for which it takes longer to start. */
  bundledPlugins?: boolean;
  /** Between two looks for newer versions; an hour by default, so that a test says when. */
  updateRoundMs?: number;
  /** Where browsers reach it; its own address otherwise. */
  publicUrl?: string;
  masterKey?: string;
  oauthReturnOrigins?: string[];
  /** Between two looks for connections that are due; an hour by default, so that a test says when. */
  healthRoundMs?: number;
  /** Pauses before streams are opened again; a tenth of a second by default. */
  streamTimes?: CoreOptions["streamTimes"];
  /** Another host, whose database and data directory this one shares. */
  beside?: TestHost;
  /** A registry run apart; its own otherwise. */
  registry?: { url: string; token: string };
}

type Owner = Pick<TestContext, "after">;

export async function startTestHost(owner: Owner, options: TestHostOptions = {}): Promise<TestHost> {
  const dataDir = options.beside?.dataDir ?? (await mkdtemp(path.join(tmpdir(), "plugboard-test-")));
  const lines: string[] = [];
  // The database goes last: the host still writes while it stops.
  const afterwards: (() => Promise<void>)[] = [];
  const databaseUrl =
    options.beside?.databaseUrl ??
    (await openTestDatabase({ after: (undo) => afterwards.push(undo) }, { schema: hostSchema })).url;
  const start = async () => {
    const core = await createCore({
      port: 0,
      host: "127.0.0.1",
      trustProxy: 0,
      dataDir,
      databaseUrl,
      masterKey: options.masterKey,
      adminKey,
      registryUrl: options.registry?.url,
      registryToken: options.registry?.token,
      bundledPlugins: options.bundledPlugins ?? false,
      isolation: options.isolation,
      scanIsolation: options.scanIsolation ?? "thread",
      trust: { stalenessMs: 0, refreshMs: 3_600_000, root: undefined, ...options.trust },
      egressHttp2: true,
      egressRewrite: options.egressRewrite ?? {},
      reviews: undefined,
      entitlementGraceHours: 72,
      upgradesPerMinute: 10_000,
      updateRoundMs: options.updateRoundMs ?? 3_600_000,
      oauthReturnOrigins: options.oauthReturnOrigins ?? [],
      ...(options.publicUrl && { publicUrl: options.publicUrl }),
      healthRoundMs: options.healthRoundMs ?? 3_600_000,
      streamTimes: { unitMs: 100, ...options.streamTimes },
      ...(options.now && { now: options.now }),
      ...(options.entitlementRefreshMs && { entitlementRefreshMs: options.entitlementRefreshMs }),
      ...(options.egressResolve && { egressResolve: options.egressResolve }),
      pluginSettings: options.pluginSettings ?? { defaults: { limits: options.sandboxLimits ?? {} } },
      logLevel: "debug",
      logDestination: { write: (line: string) => lines.push(line) },
    });
    return { core, ...(await core.start()) };
  };
  let running = await start();
  owner.after(async () => {
    await running.core.stop();
    for (const undo of afterwards) await undo();
    if (!options.beside) await rm(dataDir, { recursive: true, force: true });
  });
  const { address } = running;
  const admin = createTestApi(address, adminKey);
  return {
    address,
    async restart() {
      await running.core.stop();
      running = await start();
      return running.address;
    },
    dataDir,
    databaseUrl,
    admin,
    anonymous: createTestApi(address),
    logged: () => lines.join(""),
    async tenant(scopes = ["*"]) {
      const tenant = await admin.post("/api/v1/tenants", { name: "A tenant" });
      const key = await admin.post("/api/v1/api-keys", { name: "tests", tenantId: tenant.body.id, scopes });
      return { id: tenant.body.id, key: key.body.key, api: createTestApi(address, key.body.key) };
    },
  };
}

/** Installs with consent to whatever the plugin asks for, and connects. */
export async function connect(
  tenant: TestTenant,
  plugin: string,
  options: { range?: string; key?: string; config?: Record<string, unknown> } = {},
): Promise<{ installId: string; connectionId: string }> {
  const request = { plugin, ...(options.range !== undefined && { range: options.range }) };
  const asked = await tenant.api.post("/api/v1/installs", request);
  const installed = await tenant.api.post("/api/v1/installs", { ...request, consent: asked.body.consent });
  if (installed.status !== 201) throw new Error(`install of ${plugin}: ${JSON.stringify(installed.body)}`);
  const connection = await tenant.api.post("/api/v1/connections", {
    installId: installed.body.id,
    name: plugin,
    ...(options.config && { config: options.config }),
    auth: { type: "apiKey", key: options.key ?? "key-of-the-tests-0123456789" },
  });
  if (connection.status !== 201) throw new Error(`connection: ${JSON.stringify(connection.body)}`);
  return { installId: installed.body.id, connectionId: connection.body.id };
}
