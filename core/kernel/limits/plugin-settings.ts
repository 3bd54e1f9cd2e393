import type { RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import type { Isolation, SandboxLimits } from "@plugboard/sandbox";
import type { EgressLimits } from "../capabilities/index.ts";
import { fetchLimits } from "./fetch-limits.ts";
import { sandboxLimits } from "./sandbox-limits.ts";
import type { PluginSettingsEntry, PluginSettingsFile } from "./settings-file.ts";
import { defaultLimits, type LimitName, type Limits } from "./table.ts";

/** What the operator says about where plugins run and how much they may use; asked for each plugin by its id. */
export interface PluginSettings {
  /** Undefined: by who published it. */
  isolation(pluginId: string): Isolation | undefined;
  /** Every limit, as it is for this plugin. */
  limits(pluginId: string): Limits;
  /** What the operator says of its requests. */
  requests(pluginId: string): RequestsDeclaration;
  sandboxLimits(pluginId: string): SandboxLimits;
  egressLimits(pluginId: string): EgressLimits;
  /** Those of the whole host. */
  host: Limits;
  hostEgressLimits: EgressLimits;
}

/** `isolation` is that of all plugins of which `file` says nothing else. */
export function createPluginSettings(file: PluginSettingsFile = {}, isolation?: Isolation): PluginSettings {
  const host = { ...defaultLimits, ...file.defaults?.limits };
  const known = new Map<string, { limits: Limits; sandbox: SandboxLimits; egress: EgressLimits }>();

  /** The most specific first. */
  function entriesOf(pluginId: string): PluginSettingsEntry[] {
    const [publisher = ""] = pluginId.split("/");
    const patterns = [pluginId, `${publisher}/*`];
    const own = patterns.flatMap((pattern) =>
      file.plugins && Object.hasOwn(file.plugins, pattern) ? [file.plugins[pattern] ?? {}] : [],
    );
    return [...own, file.defaults ?? {}];
  }

  function of(pluginId: string) {
    let found = known.get(pluginId);
    if (!found) {
      const entries = entriesOf(pluginId).toReversed();
      const limits: Limits = Object.assign({}, defaultLimits, ...entries.map((entry) => entry.limits));
      found = { limits, sandbox: toSandbox(limits), egress: toEgress(limits) };
      known.set(pluginId, found);
    }
    return found;
  }

  return {
    isolation: (pluginId) =>
      entriesOf(pluginId).find((entry) => entry.isolation !== undefined)?.isolation ?? isolation,
    limits: (pluginId) => of(pluginId).limits,
    requests: (pluginId) =>
      Object.assign(
        {},
        ...entriesOf(pluginId)
          .toReversed()
          .map(({ requests }) => requests),
      ),
    sandboxLimits: (pluginId) => of(pluginId).sandbox,
    egressLimits: (pluginId) => of(pluginId).egress,
    host,
    hostEgressLimits: toEgress(host),
  };
}

function toSandbox(limits: Limits): SandboxLimits {
  const names = Object.keys(sandboxLimits) as (keyof SandboxLimits)[];
  return Object.fromEntries(names.map((name) => [name, limits[name]])) as unknown as SandboxLimits;
}

const egressNames = Object.entries(fetchLimits).map(([name, { egress }]) => ({
  name: name as LimitName,
  egress,
}));

function toEgress(limits: Limits): EgressLimits {
  return Object.fromEntries(
    egressNames.map(({ name, egress }) => [egress, limits[name]]),
  ) as unknown as EgressLimits;
}

/** The name under which an operator knows a limit of the broker. */
export function nameOfEgressLimit(limit: keyof EgressLimits): LimitName {
  return egressNames.find(({ egress }) => egress === limit)?.name ?? "hostFetches";
}
