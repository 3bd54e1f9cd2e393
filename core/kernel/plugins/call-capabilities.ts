import type { Capability, SandboxCall } from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import {
  CapabilityError,
  type EgressBroker,
  logCapability,
  type OpenCapability,
  type PluginEvents,
  type PluginStorage,
  type VendorStream,
} from "../capabilities/index.ts";
import { authDeclaration } from "../credentials/index.ts";
import { type LimitReached, limitOfCode, type PluginSettings } from "../limits/index.ts";
import type { ActivePlugin } from "./active-plugins.ts";
import { type CallEffects, isSafe, mayHaveChanged, telling } from "./call-effects.ts";
import type { CallConnection, PluginCall, StreamCall } from "./plugin-call.ts";

/** What the host has to give; each permission takes from it what it needs. */
export interface CapabilityHost {
  egress: EgressBroker;
  storage: PluginStorage;
  events: PluginEvents;
  settings: Pick<PluginSettings, "limits">;
  limitReached: LimitReached;
  logger: Logger;
}

export interface CallCapabilities {
  functions: SandboxCall["capabilities"];
  /** Must be called when the call has ended. Never throws, and takes no longer than `closeMs`. */
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
    openLog(host, plugin, fields),
    ...openFetch(host, plugin, call.connection, fields, call.effects),
    ...[...openStorage(host, plugin, call), ...openEvents(host, plugin, call)].map((capability) =>
      observed(host, plugin, capability, fields, call.effects),
    ),
  ];
  return {
    functions: Object.assign({}, ...opened.map(({ functions }) => functions)),
    async close() {
      const closing = opened.flatMap(({ close }) => (close ? [close] : []));
      if (closing.length === 0) return;
      const closed = Promise.all(
        closing.map(async (close) => {
          try {
            await close();
          } catch (err) {
            host.logger.error({ ...fields, err }, "a capability could not be taken down after its call");
          }
        }),
      );
      let timer: NodeJS.Timeout | undefined;
      const tooLong = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          host.logger.warn({ ...fields, closeMs }, "a call left something behind that has not ended yet");
          resolve();
        }, closeMs);
      });
      await Promise.race([closed, tooLong]);
      clearTimeout(timer);
    },
  };
}

/** An answer waits so long for what its call has left at the database, such as behind a lock of somebody else's. */
const closeMs = 2_000;

/** The sandbox holds the log's limits, and tells of them; here they only hold what would get past it. */
function openLog(
  { logger, settings }: CapabilityHost,
  { manifest }: ActivePlugin,
  fields: Record<string, unknown>,
): OpenCapability {
  const { logLines, logBytes } = settings.limits(manifest.id);
  const limits = { maxLines: 2 * logLines + 1, maxLineBytes: 2 * logBytes, maxBytes: 4 * logBytes };
  return { functions: { log: logCapability({ logger, fields, limits }) } };
}

/** `fetch`, where the plugin has a permission for it. Most of the cost is in the logger's bindings; a call that fetches nothing does not pay it. */
export function openFetch(
  { egress, logger }: CapabilityHost,
  { manifest }: ActivePlugin,
  connection: CallConnection | undefined,
  fields: object,
  effects?: CallEffects,
): { functions: { fetch: Capability } }[] {
  const { network } = manifest.permissions;
  // Without an account at the vendor there is nothing to call: a hook that runs outside of any connection.
  if (!network || !connection) return [];
  const auth = authDeclaration(manifest, connection.authType);
  let opened: ReturnType<EgressBroker["fetchCapability"]> | undefined;
  const fetch: Capability = (argument, context) => {
    opened ??= egress.fetchCapability({
      network,
      requests: manifest.requests,
      connection: { ...connection, pluginId: manifest.id, auth },
      log: logger.child(fields),
    });
    const end = effects?.begin(!isSafe((argument as { method?: unknown } | null)?.method));
    return opened(argument, { ...context, heard: (record) => end?.(mayHaveChanged(record)) });
  };
  return [{ functions: { fetch } }];
}

/** A socket of the vendor's, under the same permissions. @throws CapabilityError */
export async function openStream(
  { egress, logger }: CapabilityHost,
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

function openStorage(
  { storage, settings }: CapabilityHost,
  { manifest }: ActivePlugin,
  call: PluginCall,
): OpenCapability[] {
  const granted = manifest.permissions.storage;
  if (!granted) return [];
  if (call.storage) return [call.storage];
  const { tenantId, id: installId, storageEpoch: epoch } = call.install;
  // A release that is no install's yet writes what is staged, or nothing.
  if (epoch === undefined) return [];
  const limits = settings.limits(manifest.id);
  return [storage.open({ tenantId, installId, epoch, maxBytes: granted.maxBytes, limits })];
}

function openEvents(
  { events, settings }: CapabilityHost,
  { manifest }: ActivePlugin,
  { install, connection, events: given }: PluginCall,
): OpenCapability[] {
  const types = manifest.permissions.events?.publish ?? [];
  if (types.length === 0) return [];
  if (given) return [given];
  const source = {
    plugin: manifest.id,
    version: manifest.version,
    installId: install.id,
    ...(connection && { connectionId: connection.id }),
  };
  return [events.open({ tenantId: install.tenantId, types, source, limits: settings.limits(manifest.id) })];
}

/** Counts refusals for a limit, and logs what plugin code is told nothing of: that the host itself failed. */
function observed(
  { limitReached, logger }: CapabilityHost,
  { manifest }: ActivePlugin,
  { functions, ...rest }: OpenCapability,
  fields: object,
  effects: CallEffects | undefined,
): OpenCapability {
  function note(name: string, error: unknown): void {
    if (error instanceof CapabilityError) {
      const limit = error.reached ?? limitOfCode(error.code);
      if (limit) limitReached(manifest.id, limit);
    } else logger.error({ ...fields, capability: name, err: error }, "a capability failed in the host");
  }
  function watch(name: string, capability: Capability): Capability {
    const watched: Capability = async (argument, context) => {
      try {
        return await capability(argument, context);
      } catch (error) {
        note(name, error);
        throw error;
      }
    };
    watched.checkSize = (size) => {
      try {
        capability.checkSize?.(size);
      } catch (error) {
        note(name, error);
        throw error;
      }
    };
    return effects ? telling(name, watched, effects) : watched;
  }
  const watched = Object.entries(functions).map(([name, capability]) => [name, watch(name, capability)]);
  return { ...rest, functions: Object.fromEntries(watched) };
}
