import type { PermissionLine, Permissions } from "../manifest/index.ts";
import { printableLine } from "./printable.ts";

/** What a plugin asks for, a line for each thing, with the publisher's reason. */
export async function describePermissions(permissions: Permissions): Promise<string[]> {
  const { diffPermissions } = await import("../manifest/index.ts"); // Slow to load, so only where it is needed.
  return diffPermissions(undefined, permissions).added.map(describeLine);
}

export function describeLine({ permission, value, reason }: PermissionLine): string {
  return `${printableLine(`${permission}: ${value}`)}  (${printableLine(reason)})`;
}
