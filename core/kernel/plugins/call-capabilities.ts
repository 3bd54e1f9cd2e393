import type { Capability, SandboxCall } from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import { type EgressBroker, logCapability } from "../capabilities/index.ts";
import type { ActivePlugin } from "./active-plugins.ts";
import type { CallSite } from "./plugin-errors.ts";
import type { ActionCall } from "./run.ts";

/** What one call may do: what the signed manifest asks for and its tenant agreed to, and nothing besides. */
export function callCapabilities(
  host: { egress: EgressBroker; logger: Logger },
  plugin: ActivePlugin,
  call: ActionCall,
  site: CallSite,
): SandboxCall["capabilities"] {
  const fields = { ...site, tenantId: call.connection.tenantId, connectionId: call.connection.id };
  const fetch = openFetch(host, plugin, call, fields);
  return { log: logCapability({ logger: host.logger, fields }), ...(fetch && { fetch }) };
}

/** Most of the cost is in the logger's bindings; a call that fetches nothing does not pay it. */
function openFetch(
  { egress, logger }: { egress: EgressBroker; logger: Logger },
  { manifest }: ActivePlugin,
  { connection }: ActionCall,
  fields: object,
): Capability | undefined {
  const { network } = manifest.permissions;
  if (!network) return undefined;
  const auth = manifest.auth?.find((declaration) => declaration.type === connection.authType);
  let opened: Capability | undefined;
  return (argument, context) => {
    opened ??= egress.fetchCapability({
      network,
      connection: { ...connection, pluginId: manifest.id, auth },
      log: logger.child(fields),
    });
    return opened(argument, context);
  };
}
