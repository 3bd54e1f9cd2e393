import { compileContributedSchema, type JsonSchema, type Problem } from "@plugboard/plugin-sdk/manifest";

type Check = (value: unknown) => Problem[];

/** More than a plugin has ways of connecting, by which its settings are checked. */
const mostVariants = 16;

/** They go with the manifest that has the schema, which is in memory as long as its release is active. */
const known = new WeakMap<JsonSchema, Map<string, Check>>();

/**
 * The check of a schema out of an active release's manifest. To make one can take the main thread a second, by what a
 * plugin's author has written: so each is made once, and not for every request.
 *
 * @param schema the object that stands in the manifest; it must not change
 * @param without names that `required` has and that may be missing all the same
 */
export function checkOf(schema: JsonSchema, without: readonly string[] = []): Check {
  const variants = known.get(schema) ?? new Map<string, Check>();
  known.set(schema, variants);
  const key = JSON.stringify(without);
  const made = variants.get(key);
  if (made) return made;
  const check = compileContributedSchema(without.length === 0 ? schema : relaxed(schema, without));
  if (variants.size < mostVariants) variants.set(key, check);
  return check;
}

function relaxed({ required, ...schema }: JsonSchema, without: readonly string[]): JsonSchema {
  const needed = Array.isArray(required) ? required.filter((name) => !without.includes(name)) : [];
  return needed.length > 0 ? { ...schema, required: needed } : schema;
}
