import type { Capability, SandboxCall } from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import { type EgressBroker, logCapability, type OpenCapability } from "../capabilities/index.ts";
import type { ActivePlugin } from "./active-plugins.ts";
import type { CallConnection, PluginCall } from "./plugin-call.ts";

/** What the host has to give; each permission takes from it what it needs. */
export interface CapabilityHost {
  egress: EgressBroker;
  logger: Logger;
}

export interface CallCapabilities {
  functions: SandboxCall["capabilities"];
  /** Must be called when the call has ended. Never throws. */
  close(): Promise<void>;
}

/** What one call may do: what the signed manifest asks for and its tenant agreed to, and nothing besides. */
export function openCapabilities(
  host: CapabilityHost,
  plugin: ActivePlugin,
  call: PluginCall,
  fields: Record<string, unknown>,
): CallCapabilities {
  const opened: OpenCapability[] = [
    { functions: { log: logCapability({ logger: host.logger, fields }) } },
    ...openFetch(host, plugin, call.connection, fields),
  ];
  return {
    functions: Object.assign({}, ...opened.map(({ functions }) => functions)),
    async close() {
      for (const { close } of opened) {
        try {
          await close?.();
        } catch (error) {
          host.logger.error({ ...fields, err: error }, "a capability could not be taken down after its call");
        }
      }
    },
  };
}

/** Most of the cost is in the logger's bindings; a call that fetches nothing does not pay it. */
function openFetch(
  { egress, logger }: CapabilityHost,
  { manifest }: ActivePlugin,
  connection: CallConnection | undefined,
  fields: object,
): OpenCapability[] {
  const { network } = manifest.permissions;
  // Without an account at the vendor there is nothing to call: a hook that runs outside of any connection.
  if (!network || !connection) return [];
  const auth = manifest.auth?.find((declaration) => declaration.type === connection.authType);
  let opened: Capability | undefined;
  const fetch: Capability = (argument, context) => {
    opened ??= egress.fetchCapability({
      network,
      connection: { ...connection, pluginId: manifest.id, auth },
      log: logger.child(fields),
    });
    return opened(argument, context);
  };
  return [{ functions: { fetch } }];
}
