import type { Permissions } from "../types.ts";

/** Whether plugin code has anything to read records from: its vendor, or what it keeps itself. */
export function canReach({ network, storage }: Permissions): boolean {
  return network !== undefined || storage !== undefined;
}

const reading = ["GET", "HEAD", "OPTIONS"];

/** Whether anything can be changed: a plugin that may only ask its vendor cannot. */
export function canWrite({ network = [], storage }: Permissions): boolean {
  return (
    storage !== undefined || network.some(({ methods }) => methods.some((one) => !reading.includes(one)))
  );
}
