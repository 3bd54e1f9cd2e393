import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startProgram } from "../scripts/processes.ts";
import { createTestApi } from "../test/support/api.ts";
import { connect, type TestTenant } from "../test/support/host.ts";
import { publishTestPlugin, registerPublisher, type TestPlugin } from "../test/support/plugin.ts";

const adminKey = "admin-key-of-the-bench-0123456789";

/** A whole host in a process of its own, as `npm start` runs it, on an empty data directory. */
export interface BenchHost {
  address: string;
  pid: number;
  /** Publishes a plugin of the publisher `bench`. */
  publish(plugin: TestPlugin): Promise<void>;
  tenant(name: string): Promise<TestTenant>;
  /** Installs and connects; gives the URL below which the plugin's actions are. */
  connect(
    tenant: TestTenant,
    plugin: string,
    range?: string,
  ): Promise<{ installId: string; actions: string }>;
  stop(): Promise<void>;
}

export async function startBenchHost(env: Record<string, string> = {}): Promise<BenchHost> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "plugboard-bench-"));
  const program = await startProgram({
    program: "core/start.js",
    env: {
      PORT: "0",
      PLUGBOARD_ADMIN_KEY: adminKey,
      PLUGBOARD_DATA_DIR: dataDir,
      LOG_LEVEL: "error",
      ...env,
    },
    ready: /ready at (\S+)/,
  });
  const address = program.ready;
  const admin = createTestApi(address, adminKey);
  const publisher = await registerPublisher(address, "bench");
  return {
    address,
    pid: program.pid,
    publish: (plugin) => publishTestPlugin(address, publisher, plugin),
    async tenant(name) {
      const { id } = (await admin.post("/api/v1/tenants", { name })).body;
      const { key } = (await admin.post("/api/v1/api-keys", { name, tenantId: id, scopes: ["*"] })).body;
      return { id, key, api: createTestApi(address, key) };
    },
    async connect(tenant, plugin, range) {
      const options = range === undefined ? {} : { range };
      const { installId, connectionId } = await connect(tenant, plugin, options);
      return { installId, actions: `${address}/api/v1/connections/${connectionId}/actions` };
    },
    async stop() {
      await program.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
