type Json = Record<string, unknown>;

const typeName = /^[A-Z][A-Za-z0-9]*$/;

/**
 * Collects the schemas that have a name (an `$id`, or a `title` written like a type: `Install`) as
 * components, and gives back each schema with those places turned into references.
 */
export function createComponents() {
  const schemas: Record<string, Json> = {};

  function reference(schema: object): Json {
    const original = schema as Json;
    const name = nameOf(original);
    if (name === undefined) return inline(original);
    const { $id: _, ...rest } = original;
    const component = inline(rest);
    const known = schemas[name];
    if (known && JSON.stringify(known) !== JSON.stringify(component)) {
      throw new TypeError(`Two different schemas are called ${name}. Give one of them another title or $id.`);
    }
    schemas[name] = component;
    return { $ref: `#/components/schemas/${name}` };
  }

  /** The schema itself, its parts named where they have a name. */
  function inline(schema: Json): Json {
    return Object.fromEntries(
      Object.entries(schema).map(([keyword, value]) => [keyword, part(keyword, value)]),
    );
  }

  function part(keyword: string, value: unknown): unknown {
    switch (keyword) {
      case "properties":
      case "patternProperties":
        return Object.fromEntries(
          Object.entries(value as Json).map(([name, item]) => [name, reference(item as Json)]),
        );
      case "items":
      case "additionalProperties":
      case "not":
        return typeof value === "object" && value !== null ? reference(value) : value;
      case "anyOf":
      case "oneOf":
      case "allOf":
      case "prefixItems":
        return (value as Json[]).map(reference);
      default:
        return value;
    }
  }

  return { schemas, reference };
}

function nameOf(schema: Json): string | undefined {
  const { $id: id, title } = schema;
  if (typeof id === "string") return id.slice(id.lastIndexOf("/") + 1).replaceAll(/[^A-Za-z0-9._-]/g, "-");
  if (typeof title === "string" && typeName.test(title) && schema.type === "object") return title;
  return undefined;
}
