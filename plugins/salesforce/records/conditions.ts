import { Type } from "@plugboard/plugin-sdk";
import { Day, FieldPath, Time } from "../api/shapes.ts";
import { type Operator, operators } from "../api/soql.ts";

const value = {
  anyOf: [
    Type.String({ maxLength: 4_000 }),
    Type.Number(),
    Type.Boolean(),
    Type.Null(),
    Type.Object({ date: Day }),
    Type.Object({ datetime: Time }),
  ],
};
type Scalar = string | number | boolean | null | { date: string } | { datetime: string };

/** What records are looked for by. Values stay values, whatever stands in them. */
export const Conditions = Type.Array(
  Type.Object({
    field: FieldPath,
    operator: Type.Optional(Type.Enum(Object.keys(operators) as [Operator, ...Operator[]])),
    value: Type.Unsafe<Scalar | Scalar[]>({
      anyOf: [...value.anyOf, { type: "array", items: value, minItems: 1, maxItems: 500 }],
      description:
        'A text, number, boolean or null; { "date": "2026-11-30" } or { "datetime": "2026-11-30T12:00:00Z" }; a list with in and not-in',
    }),
  }),
  { maxItems: 50, description: "All of them must be true; the operator is equals where none is given" },
);

export const Order = Type.Array(
  Type.Object({ field: FieldPath, descending: Type.Optional(Type.Boolean({ default: false })) }),
  { maxItems: 10 },
);

export const FieldPaths = Type.Array(FieldPath, {
  minItems: 1,
  maxItems: 200,
  description: "API names; those of related records with a dot, such as Owner.Name",
});
