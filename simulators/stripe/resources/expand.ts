import { invalidRequest } from "../errors.ts";
import type { ParamTable, ParamValue } from "../params/kinds.ts";
import { text } from "../params/kinds.ts";

export const expandParams: ParamTable = { expand: { kind: "list", of: text(500) } };

/**
 * Adds the expanded properties (https://docs.stripe.com/api/expanding_objects).
 *
 * @param expandable what each property expands to
 * @param prefix `data.` in lists, where each entry is expanded
 * @throws {StripeApiError} 400 for a property that cannot be expanded
 */
export function expand<T extends object>(
  resource: T,
  paths: ParamValue | undefined,
  expandable: Record<string, (resource: T) => unknown>,
  prefix = "",
): T {
  const expanded: Record<string, unknown> = {};
  for (const path of Array.isArray(paths) ? paths : []) {
    const name = String(path);
    const load = name.startsWith(prefix) ? expandable[name.slice(prefix.length)] : undefined;
    if (!load)
      throw invalidRequest(
        400,
        "property_cannot_be_expanded",
        `This property cannot be expanded (${name}).`,
        "expand",
      );
    expanded[name.slice(prefix.length)] = load(resource);
  }
  return { ...resource, ...expanded };
}
