export { type CachedLookup, createCachedLookup } from "./cached-lookup.ts";
export { type Announce, type Changes, type ChangeTopic, startChanges } from "./changes.ts";
export { type HostCount, startHostCount } from "./host-count.ts";
