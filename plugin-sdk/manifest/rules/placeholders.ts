import { parseHostPattern } from "../host-pattern.ts";
import { acceptsOnlyLabels } from "../label-pattern.ts";
import { pointerTo } from "../pointer.ts";
import type { JsonSchema } from "../types.ts";
import { defineRule } from "./rule.ts";

/** A placeholder in a host must be a required setting that can hold nothing but one DNS label. */
export const placeholdersRule = defineRule({
  needs: ["permissions", "connection"],
  check({ permissions, connection }) {
    return (permissions.network ?? []).flatMap(({ hosts }, entry) =>
      hosts.flatMap((host, index) =>
        (parseHostPattern(host)?.labels ?? []).flatMap((label) => {
          const refusal =
            "placeholder" in label ? refusePlaceholder(label.placeholder, connection?.config) : undefined;
          if (!refusal) return [];
          const pointer = pointerTo("permissions", "network", entry, "hosts", index);
          return [
            { code: "placeholder-invalid", pointer, message: `Host ${JSON.stringify(host)}: ${refusal}` },
          ];
        }),
      ),
    );
  },
});

/** Why a setting may not stand in a host, as a sentence; undefined if it may. */
function refusePlaceholder(field: string, config: JsonSchema | undefined): string | undefined {
  const properties = config?.properties;
  const property = isObject(properties) && Object.hasOwn(properties, field) ? properties[field] : undefined;
  if (!isObject(property)) return `{${field}} is not declared in connection.config.properties; declare it.`;
  if (!Array.isArray(config?.required) || !config.required.includes(field)) {
    return `{${field}} is optional; list it in connection.config.required.`;
  }
  if (isSafe(property)) return undefined;
  return `{${field}} could hold more than one DNS label; give it a pattern such as "^[a-z0-9-]+$", an enum, or the type integer with minimum 0.`;
}

function isSafe(property: { [keyword: string]: unknown }): boolean {
  if (property.type === "integer") return typeof property.minimum === "number" && property.minimum >= 0;
  const values = "const" in property ? [property.const] : property.enum;
  if (Array.isArray(values))
    return values.every((value) => typeof value === "string" && /^[A-Za-z0-9-]+$/.test(value));
  return (
    property.type === "string" && typeof property.pattern === "string" && acceptsOnlyLabels(property.pattern)
  );
}

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
