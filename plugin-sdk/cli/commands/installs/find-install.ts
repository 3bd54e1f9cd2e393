import { CliFailure } from "../../failure.ts";
import type { HostApi, Install } from "../../host-api/index.ts";

/** The tenant's install of a plugin. @throws {CliFailure} when it has none */
export async function findInstall(api: HostApi, plugin: string): Promise<Install> {
  const install = (await api.listInstalls()).find((one) => one.plugin === plugin);
  if (install) return install;
  throw new CliFailure(
    "install-not-found",
    `${plugin} is not installed at ${api.url}. "plugboard installs" lists what is.`,
  );
}
