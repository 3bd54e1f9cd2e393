import { below } from "../pointer.ts";
import { type Place, refOf } from "../resolve.ts";
import { at, type Fields, fieldsAt, isFields, listAt, textAt, textsAt } from "../value.ts";
import type { Step } from "./convert.ts";
import { mergeSchemas } from "./merge.ts";
import { convertObject } from "./object.ts";
import { anything, nullable, type Shape, scalar } from "./shape.ts";
import { toJsonSchema } from "./to-json-schema.ts";

const maxMembers = 60;
const annotations = [
  "title",
  "description",
  "example",
  "examples",
  "deprecated",
  "nullable",
  "default",
  "discriminator",
];

/** `oneOf` and `anyOf`: both are checked as "any of these", since "exactly one" is hardly ever what matters. */
export function convertUnion(place: Place<Fields>, keyword: "oneOf" | "anyOf", step: Step): Shape {
  const { value: schema, pointer } = place;
  const { [keyword]: _, nullable: __, ...base } = schema;
  const members = listAt(schema, keyword);
  if (members.length > maxMembers) {
    step.notes.add(
      "simplified",
      pointer,
      `"${keyword}" has more than ${maxMembers} members; any value is taken.`,
    );
    return anything;
  }
  if (members.every(isOnlyRequired) && isFields(base.properties)) {
    const options =
      step.direction === "input" && !hasEmpty(members) ? { [keyword]: members.map(requiredOf) } : {};
    return convertObject({ value: base, pointer }, step, options);
  }
  const hasBase = Object.keys(base).some(
    (name) => !annotations.includes(name) && !name.startsWith("x-") && name !== "type" && name !== "required",
  );
  const kinds = step.direction === "input" ? discriminators(schema) : undefined;
  const shapes = members.map((value, index) => {
    const member = { value, pointer: below(pointer, keyword, index) };
    const kind = kinds?.of(refOf(value));
    if (!hasBase && !kind) return isNull(value) ? scalar("null") : step.convert(member);
    return convertTogether(member, [...(hasBase ? [base] : []), ...(kind ? [kind] : [])], step);
  });
  return unionOf(shapes);
}

/** A member together with what all members have, or with the value that tells its kind. */
function convertTogether(member: Place, others: Fields[], step: Step): Shape {
  const flat = step.flatten(member);
  if (!flat) return anything;
  const { merged } = mergeSchemas([...others, flat.schema]);
  return step.convert({ value: merged, pointer: member.pointer }, { opened: flat.opened });
}

function unionOf(shapes: Shape[]): Shape {
  const flat = shapes.flatMap((shape) => (shape.kind === "union" ? shape.members : [shape]));
  if (flat.some(({ kind }) => kind === "any")) return anything;
  const isNullable = flat.some((shape) => shape.kind === "scalar" && shape.type === "null");
  const different = new Map(
    flat
      .filter((shape) => !(shape.kind === "scalar" && shape.type === "null"))
      .map((shape) => [
        shape.kind === "named" ? shape.component : JSON.stringify(toJsonSchema(shape, false)),
        shape,
      ]),
  );
  const [first, ...more] = different.values();
  if (!first) return scalar("null");
  const shape: Shape = more.length === 0 ? first : { kind: "union", members: [first, ...more], options: {} };
  return isNullable ? nullable(shape) : shape;
}

const isNull = (schema: unknown): boolean =>
  at(schema, "type") === "null" ||
  (listAt(schema, "enum").length === 1 && listAt(schema, "enum")[0] === null);

/** `anyOf: [{ required: ["a"] }, { required: ["b"] }]`: not kinds of values, but a condition on one. */
function isOnlyRequired(schema: unknown): boolean {
  return (
    isFields(schema) &&
    Object.keys(schema).length > 0 &&
    Object.keys(schema).every((name) => name === "required" || annotations.includes(name))
  );
}

const hasEmpty = (members: readonly unknown[]): boolean =>
  members.some((member) => textsAt(member, "required").length === 0);

const requiredOf = (schema: unknown) => ({
  required: textsAt(schema, "required").filter((name) => name !== "__proto__"),
});

/** Which value of the telling property goes with which schema: as `mapping` says, else the schema's own name. */
function discriminators(schema: Fields): { of(ref: string | undefined): Fields | undefined } | undefined {
  const discriminator = fieldsAt(schema, "discriminator");
  const property = textAt(discriminator, "propertyName");
  if (property === undefined || property === "__proto__") return undefined;
  const mapping = Object.entries(fieldsAt(discriminator, "mapping"));
  return {
    of(ref) {
      if (ref === undefined) return undefined;
      const name = ref.slice(ref.lastIndexOf("/") + 1);
      const named = mapping.filter(([, target]) => target === ref || target === name).map(([value]) => value);
      const values = named.length > 0 ? named : [name];
      return { type: "object", properties: { [property]: { enum: values } }, required: [property] };
    },
  };
}
