type Json = Record<string, unknown>;

/**
 * A copy of a request schema in which unknown fields are refused: every object that does not itself
 * say otherwise gets `additionalProperties: false`. (Under `allOf` that would refuse the fields of
 * the other branches, so there the whole is closed with `unevaluatedProperties`.) Unions of constants
 * become an `enum`, which gives one clear problem instead of one for each constant; unions of objects that a constant
 * tells apart get a `discriminator`, which gives the problems of the one that was meant instead of those of all.
 */
export function closedSchema(schema: object): Json {
  return close(schema as Json, true);
}

function close(schema: Json, closable: boolean): Json {
  const copy: Json = {};
  for (const [keyword, value] of Object.entries(schema)) {
    copy[keyword] = closeKeyword(keyword, value, closable);
  }
  // An $id names the schema in the API's description. Here it would only clash when used twice.
  if (!copy.$defs) delete copy.$id;
  const constants = constantsOf(copy.anyOf);
  if (constants) {
    delete copy.anyOf;
    copy.enum = constants;
  }
  const tag = tagOf(copy.anyOf);
  if (tag && !copy.properties && !copy.required) {
    const { anyOf, ...rest } = copy;
    const values = (anyOf as TaggedSchema[]).map(({ properties }) => properties[tag]?.const);
    const tagged = { type: "object", required: [tag], properties: { [tag]: { enum: values } } };
    return { ...tagged, ...rest, discriminator: { propertyName: tag }, oneOf: anyOf };
  }
  if (!closable || copy.additionalProperties !== undefined || copy.patternProperties) return copy;
  if (copy.allOf) return { unevaluatedProperties: false, ...copy };
  if (copy.properties) copy.additionalProperties = false;
  return copy;
}

function closeKeyword(keyword: string, value: unknown, closable: boolean): unknown {
  switch (keyword) {
    case "properties":
    case "patternProperties":
    case "$defs":
      return mapValues(value as Json, (item) => close(item as Json, true));
    case "items":
    case "additionalProperties":
      return isSchema(value) ? close(value, true) : value;
    case "prefixItems":
      return (value as Json[]).map((item) => close(item, true));
    case "anyOf":
    case "oneOf":
      return (value as Json[]).map((item) => close(item, closable));
    case "allOf":
      return (value as Json[]).map((item) => close(item, false));
    default:
      return value;
  }
}

function constantsOf(anyOf: unknown): unknown[] | undefined {
  if (!Array.isArray(anyOf) || !anyOf.every((item) => isSchema(item) && "const" in item)) return undefined;
  return anyOf.map((item) => item.const);
}

interface TaggedSchema extends Json {
  required: string[];
  properties: Record<string, Json>;
}

/** The required field, such as `type`, that has another constant in each object of a union. */
function tagOf(anyOf: unknown): string | undefined {
  if (!Array.isArray(anyOf) || anyOf.length < 2 || !anyOf.every(isTaggable)) return undefined;
  const [first] = anyOf;
  return first?.required.find((name) => {
    const constants = anyOf.map((item) =>
      item.required.includes(name) ? item.properties[name]?.const : undefined,
    );
    return (
      constants.every((value) => typeof value === "string") && new Set(constants).size === constants.length
    );
  });
}

function isTaggable(value: unknown): value is TaggedSchema {
  return isSchema(value) && isSchema(value.properties) && Array.isArray(value.required);
}

function isSchema(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapValues(object: Json, map: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));
}
