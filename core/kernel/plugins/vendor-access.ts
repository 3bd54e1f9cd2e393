import { isSafe } from "@plugboard/plugin-sdk/exchange";
import type { Capability } from "@plugboard/sandbox";
import type { EgressBroker, VendorStream } from "../capabilities/index.ts";
import { authDeclaration } from "../credentials/index.ts";
import type { ActivePlugin } from "./active-plugins.ts";
import type { CapabilityHost } from "./call-capabilities.ts";
import type { CallEffects } from "./call-effects.ts";
import type { CallConnection, StreamCall } from "./plugin-call.ts";

type Host = Pick<CapabilityHost, "egress" | "logger">;

/** `fetch`, where the plugin has a permission for it. */
export function openFetch(...given: Parameters<typeof openSending>): { functions: { fetch: Capability } }[] {
  const send = openSending(...given);
  return send ? [{ functions: { fetch: send } }] : [];
}

/**
 * The way to the vendor, where there is one. Most of the cost is in the logger's bindings; a call that sends nothing does
 * not pay it.
 */
export function openSending(
  { egress, logger }: Host,
  { manifest }: ActivePlugin,
  connection: CallConnection | undefined,
  fields: object,
  effects?: CallEffects,
) {
  const { network } = manifest.permissions;
  // Without an account at the vendor there is nothing to call: a hook that runs outside of any connection.
  if (!network || !connection) return undefined;
  const auth = authDeclaration(manifest, connection.authType);
  let opened: ReturnType<EgressBroker["fetchCapability"]> | undefined;
  const send: ReturnType<EgressBroker["fetchCapability"]> = (argument, context) => {
    opened ??= egress.fetchCapability({
      network,
      requests: manifest.requests,
      connection: { ...connection, pluginId: manifest.id, auth },
      log: logger.child(fields),
    });
    const end = effects?.begin(!isSafe((argument as { method?: unknown } | null)?.method));
    return opened(argument, {
      ...context,
      heard: (record) => end?.(record.mayHaveChanged, record.isRefused),
    });
  };
  return send;
}

/** A socket of the vendor's, under the same permissions. @throws CapabilityError */
export async function openStream(
  { egress, logger }: Host,
  { manifest }: ActivePlugin,
  { connection, opening, signal }: Pick<StreamCall, "connection" | "opening" | "signal">,
  fields: object,
): Promise<VendorStream> {
  const { network, binary } = manifest.permissions;
  const scope = {
    network,
    requests: manifest.requests,
    connection: {
      ...connection,
      pluginId: manifest.id,
      auth: authDeclaration(manifest, connection.authType),
    },
    log: logger.child(fields),
    allowsBinary: binary !== undefined,
  };
  return egress.openStream(scope, opening, signal);
}
