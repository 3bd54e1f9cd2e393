import { PluginError } from "@plugboard/plugin-sdk";
import { type Org, segment } from "./org.ts";

/**
 * Reads fields of an object; those that the user may not see are left out. Salesforce refuses a whole query for one of
 * them, as if the field did not exist, and says so of all of them only in what it describes. So it is asked for that, and
 * once more, where it has refused.
 *
 * @param fields API names
 * @throws PluginError also where it is no field of these that Salesforce does not know
 */
export async function readVisible<Answer>(
  org: Org,
  {
    object,
    fields,
    read,
  }: { object: string; fields: readonly string[]; read(fields: readonly string[]): Promise<Answer> },
): Promise<Answer> {
  try {
    return await read(fields);
  } catch (error) {
    if (!isUnknownField(error)) throw error;
    const described = await org.ask<{ fields: { name: string }[] }>(`/sobjects/${segment(object)}/describe`);
    const known = new Set(described.fields.map(({ name }) => name));
    const visible = fields.filter((name) => known.has(name) || isCustom(name));
    if (visible.length === fields.length) throw error;
    return read(visible);
  }
}

/** Those are named in the connection's settings: that one is wrong there must not go unnoticed. */
const isCustom = (name: string): boolean => name.endsWith("__c");

function isUnknownField(error: unknown): boolean {
  if (!(error instanceof PluginError)) return false;
  return (error.details as { code?: unknown } | undefined)?.code === "INVALID_FIELD";
}
