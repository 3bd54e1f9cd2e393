import { _, type FuncKeywordDefinition } from "ajv/dist/2020.js";

/**
 * `enum` and `const` of JSON Schema, compared as JSON. ajv's own call `valueOf` and `toString` of what they compare, which in a
 * document are members as any others: of `{ "valueOf": 0 }` they would make a failure of the host's.
 */
export const samenessKeywords: FuncKeywordDefinition[] = [
  {
    keyword: "enum",
    schemaType: "array",
    compile(allowed: unknown[]) {
      const scalars = new Set(allowed.filter((one) => typeof one !== "object"));
      const others = allowed.filter((one) => typeof one === "object");
      return (value: unknown) => scalars.has(value) || others.some((one) => isSame(one, value));
    },
    error: {
      message: "must be equal to one of the allowed values",
      params: ({ schemaCode }) => _`{ allowedValues: ${schemaCode} }`,
    },
  },
  {
    keyword: "const",
    compile: (allowed: unknown) => (value: unknown) => isSame(allowed, value),
    error: {
      message: "must be equal to constant",
      params: ({ schemaCode }) => _`{ allowedValue: ${schemaCode} }`,
    },
  },
];

/** Whether two JSON values are the same; the order of members does not count. No deeper than the first of them. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every(
      (name) => Object.hasOwn(other, name) && isSame(Reflect.get(one, name), Reflect.get(other, name)),
    )
  );
}
