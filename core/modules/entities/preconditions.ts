import { canonicalJson } from "@plugboard/plugin-sdk/trust";
import { entityTag, type PlugboardError } from "@plugboard/service-kit/http";
import { coreError } from "../../errors.ts";
import type { Entities, EntityPlace, Record } from "./entities.ts";

/** Of what the record holds, in whatever order: vendors have no versions that would do for all of them. */
export function tagOf(record: Record): string {
  return entityTag(canonicalJson(record));
}

/**
 * Looks whether the record is still the one that `If-Match` names (RFC 9110, 13.1.1), right before it is written. Between
 * the look and the write the vendor may change it all the same: few have a compare-and-set.
 *
 * @throws `record-changed`; and what reading the record throws
 */
export async function checkIfMatch(
  entities: Pick<Entities, "find" | "get">,
  place: EntityPlace,
  key: string,
  ifMatch: string | undefined,
): Promise<void> {
  if (ifMatch === undefined) return;
  const { operations } = await entities.find(place.tenantId, place.connectionId, place.entity);
  if (!operations.includes("get"))
    throw changed(
      `Records of "${place.entity}" cannot be read by key, so that If-Match cannot be held against one.`,
    );
  const record = await entities.get(place, key).catch((error: unknown) => {
    if (isCode(error, "vendor-not-found")) return undefined;
    throw error;
  });
  if (!record) throw changed("There is no such record by now.");
  const tag = tagOf(record);
  const isNamed = ifMatch.trim() === "*" || ifMatch.split(",").some((one) => one.trim() === tag);
  if (!isNamed) throw changed("The record is another by now than the one that If-Match names.");
}

function changed(detail: string): PlugboardError {
  return coreError("record-changed", `${detail} Nothing was written.`);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
