import type { EntityOperation, WritingOperation } from "./types.ts";

/** In the order in which they are listed. */
export const entityOperations: readonly EntityOperation[] = [
  "list",
  "get",
  "create",
  "update",
  "upsert",
  "remove",
  "changesSince",
];

/** Those that change something at the vendor. */
export const writingOperations: readonly WritingOperation[] = ["create", "update", "upsert", "remove"];

export function isWriting(operation: EntityOperation): operation is WritingOperation {
  return writingOperations.some((one) => one === operation);
}

/** Those that take a record, or fields of one. */
export const inputOperations: readonly EntityOperation[] = ["create", "update", "upsert"];
