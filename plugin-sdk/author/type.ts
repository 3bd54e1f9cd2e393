import type {
  TArray,
  TArrayOptions,
  TBoolean,
  TEnum,
  TInteger,
  TIntersect,
  TLiteral,
  TLiteralValue,
  TNull,
  TNumber,
  TNumberOptions,
  TObject,
  TObjectOptions,
  TOptional,
  TProperties,
  TRecord,
  TSchema,
  TSchemaOptions,
  TString,
  TStringOptions,
  TTuple,
  TUnion,
  TUnknown,
  TUnsafe,
} from "typebox";

export type { Static, TSchema } from "typebox";

/** Properties that Type.Object() does not list as required. */
const optional = new WeakSet<object>();

/**
 * Builds JSON Schemas with the types of what they describe, under TypeBox's names and with its types. TypeBox itself
 * would add tens of kilobytes to every plugin; these functions make the same plain JSON in one.
 *
 * @example
 * const Customer = Type.Object({ id: Type.String(), email: Type.Optional(Type.String({ format: "email" })) });
 * type Customer = Static<typeof Customer>; // { id: string; email?: string }
 */
export const Type = {
  String: (options?: TStringOptions) => made<TString>({ type: "string", ...options }),
  /** The id of a file. Where an action's or entity's input has one, the plugin may read that file. */
  File: (options?: TSchemaOptions) => made<TString>({ type: "string", format: "file-id", ...options }),
  Number: (options?: TNumberOptions) => made<TNumber>({ type: "number", ...options }),
  Integer: (options?: TNumberOptions) => made<TInteger>({ type: "integer", ...options }),
  Boolean: (options?: TSchemaOptions) => made<TBoolean>({ type: "boolean", ...options }),
  Null: (options?: TSchemaOptions) => made<TNull>({ type: "null", ...options }),
  /** Any JSON value. */
  Unknown: (options?: TSchemaOptions) => made<TUnknown>({ ...options }),
  /** Exactly this value. */
  Literal: <const Value extends TLiteralValue>(value: Value, options?: TSchemaOptions) =>
    made<TLiteral<Value>>({ type: typeof value, const: value, ...options }),
  /** One of these values. */
  Enum: <const Values extends (string | number)[]>(values: readonly [...Values], options?: TSchemaOptions) =>
    made<TEnum<Values>>({
      type: [...new Set(values.map((value) => typeof value))],
      enum: values,
      ...options,
    }),
  Array: <Item extends TSchema>(items: Item, options?: TArrayOptions) =>
    made<TArray<Item>>({ type: "array", items, ...options }),
  /** A list of fixed length, each item with its own schema. */
  Tuple: <Items extends TSchema[]>(items: [...Items], options?: TArrayOptions) =>
    made<TTuple<Items>>({
      type: "array",
      prefixItems: items,
      items: false,
      minItems: items.length,
      ...options,
    }),
  /** An object with these properties, each required unless it is Type.Optional(). */
  Object: <Properties extends TProperties>(properties: Properties, options?: TObjectOptions) => {
    const required = Object.keys(properties).filter((name) => !optional.has(properties[name] ?? {}));
    const keyword = required.length > 0 ? { required } : {};
    return made<TObject<Properties>>({ type: "object", properties, ...keyword, ...options });
  },
  /** A property that may be left out. */
  Optional<Schema extends TSchema>(schema: Schema): TOptional<Schema> {
    const copy = made<TOptional<Schema>>({ ...schema });
    optional.add(copy);
    return copy;
  },
  /** An object whose property names are not known beforehand. */
  Record: <Value extends TSchema>(value: Value, options?: TObjectOptions) =>
    made<TRecord<"^.*$", Value>>({ type: "object", additionalProperties: value, ...options }),
  /** Any of these. */
  Union: <Schemas extends TSchema[]>(anyOf: [...Schemas], options?: TSchemaOptions) =>
    made<TUnion<Schemas>>({ anyOf, ...options }),
  /** This, or null. */
  Nullable: <Schema extends TSchema>(schema: Schema, options?: TSchemaOptions) =>
    made<TUnion<[Schema, TNull]>>({ anyOf: [schema, { type: "null" }], ...options }),
  /** All of these at once. */
  Intersect: <Schemas extends TSchema[]>(allOf: [...Schemas], options?: TSchemaOptions) =>
    made<TIntersect<Schemas>>({ allOf, ...options }),
  /** A JSON Schema of your own, with the type you say it has. */
  Unsafe: <Value>(schema: { [keyword: string]: unknown }) => made<TUnsafe<Value>>(schema),
};

/** TypeBox's types carry `~kind` marks, which exist in its own schemas alone and which nothing here reads. */
function made<Schema>(schema: object): Schema {
  return schema as Schema;
}
