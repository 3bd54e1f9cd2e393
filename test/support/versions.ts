import type { TestContext } from "node:test";
import type { TestAnswer } from "./api.ts";
import { connect, startTestHost, type TestHost, type TestHostOptions, type TestTenant } from "./host.ts";
import { publishTestPlugin, registerPublisher, type TestPlugin } from "./plugin.ts";

export const plugin = "acme/versions";

/** An action that says which version answers. */
export function sayVersion(version: string) {
  return { version: { run: `return "${version}";` } };
}

export type TestVersion = Omit<TestPlugin, "id"> & { version: string };

/** A host whose registry has these versions of one plugin, which runs in threads unless told otherwise: they start sooner. */
export async function startWithVersions(
  t: TestContext,
  versions: TestVersion[],
  options: TestHostOptions = {},
) {
  const host = await startTestHost(t, { isolation: "thread", ...options });
  const publisher = await registerPublisher(host.address, "acme");
  const publish = (version: TestVersion) =>
    publishTestPlugin(host.address, publisher, {
      id: plugin,
      ...version,
      actions: { ...sayVersion(version.version), ...version.actions },
    });
  for (const version of versions) await publish(version);
  return { host, publish, install: (tenant: TestTenant, range: string) => installed(host, tenant, range) };
}

export type TestInstall = Awaited<ReturnType<typeof installed>>;

/** The tenant's install of the plugin, with one connection. */
export async function installed(_: TestHost, tenant: TestTenant, range: string, config?: object) {
  const ids = await connect(tenant, plugin, { range, ...(config && { config: { ...config } }) });
  const path = `/api/v1/installs/${ids.installId}`;
  const call = (action: string, input: object = {}, api = tenant.api): Promise<TestAnswer> =>
    api.post(`/api/v1/connections/${ids.connectionId}/actions/${action}`, { input });
  return {
    ...ids,
    path,
    tenant,
    call,
    /** The output of an action that succeeds; the code of one that does not. */
    async outcome(action: string, input: object = {}) {
      const { status, body } = await call(action, input);
      return status === 200 ? body.output : body.code;
    },
    read: async () => (await tenant.api.get(path)).body,
    moveTo: (range: string, consent?: string) =>
      tenant.api.patch(path, { range, ...(consent !== undefined && { consent }) }),
    rollBack: () => tenant.api.post(`${path}/rollback`),
    async history() {
      const { items } = (await tenant.api.get(`${path}/history`)).body;
      return items.map(({ change, from, version }: Record<string, string>) => [change, from, version]);
    },
    async events() {
      const { items } = (await tenant.api.get("/api/v1/events?type=plugboard.*")).body;
      return items.map(({ type }: { type: string }) => type.replace("plugboard.", ""));
    },
  };
}
