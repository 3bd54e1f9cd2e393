import { hookPoints, isHookName } from "./hook-points.ts";
import { coversPath } from "./path-pattern.ts";
import type { Permissions } from "./types.ts";

/** One permission as a person reads it. */
export interface PermissionLine {
  permission: keyof Permissions;
  /** `GET api.stripe.com/v1/*`, `up to 1 MiB`, `publish payment.*`, … */
  value: string;
  reason: string;
}

/** The smallest thing that can be allowed or not. */
type Grant =
  | { permission: "network"; method: string; host: string; path: string; credential: boolean }
  | { permission: "storage"; maxBytes: number }
  | { permission: "events"; direction: "publish" | "subscribe"; type: string }
  | { permission: "hooks"; name: string; refuses: boolean }
  | { permission: "files" }
  | { permission: "binary" };

type ReasonedGrant = { grant: Grant; reason: string };

const everyPath = "/**";

/**
 * What a set of permissions allows that another did not (`added`), and the other way round (`removed`). A line is
 * in neither when the other side allows as much or more, so `added` is empty only if nothing became wider.
 */
export function diffPermissions(
  before: Permissions | undefined,
  after: Permissions,
): { added: PermissionLine[]; removed: PermissionLine[] } {
  const old = grantsOf(before ?? {});
  const now = grantsOf(after);
  return { added: notCovered(now, old), removed: notCovered(old, now) };
}

function notCovered(grants: ReasonedGrant[], by: ReasonedGrant[]): PermissionLine[] {
  return grants
    .filter(({ grant }) => !by.some((other) => covers(other.grant, grant)))
    .map(({ grant, reason }) => ({ permission: grant.permission, value: describeGrant(grant), reason }));
}

function grantsOf({ network = [], storage, events, hooks, files, binary }: Permissions): ReasonedGrant[] {
  const grants: ReasonedGrant[] = [];
  for (const { hosts, methods, paths = [everyPath], credential = true, reason } of network) {
    for (const host of hosts) {
      for (const path of paths) {
        for (const method of methods)
          grants.push({ grant: { permission: "network", method, host, path, credential }, reason });
      }
    }
  }
  if (storage)
    grants.push({ grant: { permission: "storage", maxBytes: storage.maxBytes }, reason: storage.reason });
  for (const direction of ["publish", "subscribe"] as const) {
    for (const type of events?.[direction] ?? []) {
      grants.push({ grant: { permission: "events", direction, type }, reason: events?.reason ?? "" });
    }
  }
  for (const name of hooks?.names ?? []) {
    const refuses =
      hooks?.onFailure === "refuse" && isHookName(name) && hookPoints[name].kind === "waterfall";
    grants.push({ grant: { permission: "hooks", name, refuses }, reason: hooks?.reason ?? "" });
  }
  if (files) grants.push({ grant: { permission: "files" }, reason: files.reason });
  if (binary) grants.push({ grant: { permission: "binary" }, reason: binary.reason });
  return grants;
}

/** Whether whoever has `outer` may do all that `inner` allows. */
function covers(outer: Grant, inner: Grant): boolean {
  if (outer.permission === "network" && inner.permission === "network") {
    return (
      outer.method === inner.method &&
      outer.host === inner.host &&
      coversPath(outer.path, inner.path) &&
      (outer.credential || !inner.credential)
    );
  }
  if (outer.permission === "storage" && inner.permission === "storage")
    return outer.maxBytes >= inner.maxBytes;
  if (outer.permission === "events" && inner.permission === "events") {
    return outer.direction === inner.direction && coversEventType(outer.type, inner.type);
  }
  // Who may stop what others do may more; and who no longer does so is no longer the guard that was agreed to.
  if (outer.permission === "hooks" && inner.permission === "hooks")
    return outer.name === inner.name && outer.refuses === inner.refuses;
  return outer.permission === inner.permission;
}

/** `payment.*` stands for every type below `payment`. */
function coversEventType(outer: string, inner: string): boolean {
  return outer === inner || (outer.endsWith(".*") && inner.startsWith(outer.slice(0, -1)));
}

function describeGrant(grant: Grant): string {
  switch (grant.permission) {
    case "network":
      return `${grant.method} ${grant.host}${grant.path === everyPath ? "" : grant.path}${grant.credential ? "" : ", without the credential"}`;
    case "storage":
      return `up to ${formatBytes(grant.maxBytes)}`;
    case "events":
      return `${grant.direction} ${grant.type}`;
    case "hooks":
      return grant.refuses ? `${grant.name}, and stop what it fails at` : grant.name;
    case "files":
      return "files of its own, and those that are handed to it";
    case "binary":
      return "binary data";
  }
}

function formatBytes(bytes: number): string {
  if (bytes % (1024 * 1024) === 0) return `${bytes / (1024 * 1024)} MiB`;
  if (bytes % 1024 === 0) return `${bytes / 1024} KiB`;
  return `${bytes} bytes`;
}
