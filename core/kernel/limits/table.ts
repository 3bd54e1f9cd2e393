import { fetchLimits } from "./fetch-limits.ts";
import {
  batchLimits,
  connectionLimits,
  databaseLimits,
  eventLimits,
  fileLimits,
  hookLimits,
  hostLimits,
  lifecycleLimits,
  storageLimits,
} from "./host-limits.ts";
import type { Limit } from "./limit.ts";
import { sandboxLimits } from "./sandbox-limits.ts";

/** Every limit there is, in the groups in which people read them: settings, docs and metrics are made from this. */
export const limitGroups = {
  "Calls and memory": sandboxLimits,
  Requests: fetchLimits,
  Storage: storageLimits,
  Files: fileLimits,
  Events: eventLimits,
  Hooks: hookLimits,
  Versions: lifecycleLimits,
  Connections: connectionLimits,
  Batches: batchLimits,
  "The host": { ...hostLimits, ...databaseLimits },
} as const;

type Names<Groups> = Groups extends unknown ? keyof Groups : never;
export type LimitName = Names<(typeof limitGroups)[keyof typeof limitGroups]>;

/** A value for each limit. */
export type Limits = Record<LimitName, number>;

export const limitTable = Object.assign({}, ...Object.values(limitGroups)) as Record<LimitName, Limit>;

/** Of several with the same code, the first. */
const limitsOfCapabilities = new Map(
  [limitGroups.Storage, limitGroups.Files, limitGroups.Events]
    .flatMap((group) => Object.entries(group).map(([name, { code }]) => [code, name as LimitName] as const))
    .toReversed(),
);

/** Which limit a capability's refusal speaks of, if it does and says nothing else itself. */
export function limitOfCode(code: string): LimitName | undefined {
  return limitsOfCapabilities.get(code);
}

export const limitNames = Object.keys(limitTable) as LimitName[];

export const defaultLimits = Object.fromEntries(
  limitNames.map((name) => [name, limitTable[name].default]),
) as Limits;
