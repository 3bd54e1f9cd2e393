import { coversPath } from "./path-pattern.ts";
import type { Permissions } from "./types.ts";

/** One permission as a person reads it. */
export interface PermissionLine {
  permission: keyof Permissions;
  /** `GET api.stripe.com/v1/*`, `1 MiB`, `publish payment.*`, … */
  value: string;
  reason: string;
}

interface Item extends PermissionLine {
  covers(other: Item): boolean;
  /** What `covers` compares. */
  of: string[];
  bytes?: number;
}

/**
 * What a set of permissions allows that another did not (`added`), and the other way round (`removed`). A line is
 * in neither when the other side allows as much or more, so `added` is empty only if nothing became wider.
 */
export function diffPermissions(
  before: Permissions | undefined,
  after: Permissions,
): { added: PermissionLine[]; removed: PermissionLine[] } {
  const old = itemsOf(before ?? {});
  const now = itemsOf(after);
  return { added: notCovered(now, old), removed: notCovered(old, now) };
}

function notCovered(items: Item[], by: Item[]): PermissionLine[] {
  return items
    .filter((item) => !by.some((other) => other.permission === item.permission && other.covers(item)))
    .map(({ permission, value, reason }) => ({ permission, value, reason }));
}

function itemsOf(permissions: Permissions): Item[] {
  return [
    ...networkItems(permissions),
    ...storageItems(permissions),
    ...eventItems(permissions),
    ...(permissions.hooks?.names ?? []).map((name) => exact("hooks", name, permissions.hooks?.reason ?? "")),
    ...(permissions.binary ? [exact("binary", "binary data", permissions.binary.reason)] : []),
  ];
}

function exact(permission: keyof Permissions, value: string, reason: string): Item {
  return { permission, value, reason, of: [value], covers: (other) => other.value === value };
}

function networkItems({ network = [] }: Permissions): Item[] {
  return network.flatMap(({ hosts, methods, paths, reason }) =>
    hosts.flatMap((host) =>
      methods.flatMap((method) =>
        (paths ?? ["/**"]).map(
          (path): Item => ({
            permission: "network",
            value: `${method} ${host}${path === "/**" ? "" : path}`,
            reason,
            of: [method, host, path],
            covers: ({ of: [otherMethod, otherHost, otherPath] }) =>
              otherMethod === method && otherHost === host && coversPath(path, otherPath ?? "/**"),
          }),
        ),
      ),
    ),
  );
}

function storageItems({ storage }: Permissions): Item[] {
  if (!storage) return [];
  const { maxBytes, reason } = storage;
  return [
    {
      permission: "storage",
      value: `up to ${formatBytes(maxBytes)}`,
      reason,
      of: [],
      bytes: maxBytes,
      covers: (other) => (other.bytes ?? 0) <= maxBytes,
    },
  ];
}

function eventItems({ events }: Permissions): Item[] {
  if (!events) return [];
  return (["publish", "subscribe"] as const).flatMap((direction) =>
    (events[direction] ?? []).map(
      (type): Item => ({
        permission: "events",
        value: `${direction} ${type}`,
        reason: events.reason,
        of: [direction, type],
        covers: ({ of: [otherDirection, otherType] }) =>
          otherDirection === direction && coversEventType(type, otherType ?? ""),
      }),
    ),
  );
}

/** `payment.*` stands for every type below `payment`. */
function coversEventType(outer: string, inner: string): boolean {
  return outer === inner || (outer.endsWith(".*") && inner.startsWith(outer.slice(0, -1)));
}

function formatBytes(bytes: number): string {
  if (bytes % (1024 * 1024) === 0) return `${bytes / (1024 * 1024)} MiB`;
  if (bytes % 1024 === 0) return `${bytes / 1024} KiB`;
  return `${bytes} bytes`;
}
