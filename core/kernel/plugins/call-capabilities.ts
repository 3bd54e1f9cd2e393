import type { PluginReply } from "@plugboard/plugin-sdk/exchange";
import type { Capability, SandboxCall } from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import {
  CapabilityError,
  type EgressBroker,
  logCapability,
  type OpenCapability,
  type PluginEvents,
  type PluginFiles,
  type PluginStorage,
} from "../capabilities/index.ts";
import { type LimitReached, limitOfCode, type PluginSettings } from "../limits/index.ts";
import type { ActivePlugin } from "./active-plugins.ts";
import { type CallEffects, telling } from "./call-effects.ts";
import type { PluginCall } from "./plugin-call.ts";
import { openFetch, openSending } from "./vendor-access.ts";

/** What the host has to give; each permission takes from it what it needs. */
export interface CapabilityHost {
  egress: EgressBroker;
  storage: PluginStorage;
  events: PluginEvents;
  files: PluginFiles;
  settings: Pick<PluginSettings, "limits">;
  limitReached: LimitReached;
  logger: Logger;
}

export interface CallCapabilities {
  functions: SandboxCall["capabilities"];
  /** Must be called when the call has ended, where it is there. Never throws, and takes no longer than `closeMs`. */
  close?(): Promise<void>;
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
    ...[
      ...openStorage(host, plugin, call),
      ...openEvents(host, plugin, call),
      ...openFiles(host, plugin, call, fields),
    ].map((capability) => observed(host, plugin, capability, fields, call.effects)),
  ];
  const functions: CallCapabilities["functions"] = Object.assign({}, ...opened.map((one) => one.functions));
  const closing = opened.flatMap(({ close }) => (close ? [close] : []));
  if (closing.length === 0) return { functions };
  return {
    functions,
    async close() {
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

/**
 * The sandbox holds the log's limits, and tells of them; here they only hold what would get past it. Made for those that
 * write something: most calls do not.
 */
function openLog(
  { logger, settings }: CapabilityHost,
  { manifest }: ActivePlugin,
  fields: Record<string, unknown>,
): OpenCapability {
  let opened: Capability | undefined;
  function open(): Capability {
    const { logLines, logBytes } = settings.limits(manifest.id);
    const limits = { maxLines: 2 * logLines + 1, maxLineBytes: 2 * logBytes, maxBytes: 4 * logBytes };
    return logCapability({ logger, fields, limits });
  }
  function log(...line: Parameters<Capability>) {
    opened ??= open();
    return opened(...line);
  }
  return { functions: { log } };
}

function openFiles(
  host: CapabilityHost,
  plugin: ActivePlugin,
  call: PluginCall,
  fields: object,
): OpenCapability[] {
  const { files, settings } = host;
  const { manifest } = plugin;
  const { tenantId, id: installId, storageEpoch } = call.install;
  // A release that is no install's yet has no files.
  if (!manifest.permissions.files || storageEpoch === undefined) return [];
  const send = openSending(host, plugin, call.connection, fields, call.effects);
  const context = { callId: String((fields as { callId?: unknown }).callId) };
  return [
    files.open({
      tenantId,
      installId,
      plugin: manifest.id,
      handed: call.files ?? [],
      limits: settings.limits(manifest.id),
      send:
        send &&
        (async (request, transfer, signal) =>
          (await send({ ...request }, { ...context, signal, transfer })) as unknown as PluginReply),
    }),
  ];
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
