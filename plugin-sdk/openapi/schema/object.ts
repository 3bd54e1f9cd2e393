import { below } from "../pointer.ts";
import { lookUp, type Place, refOf } from "../resolve.ts";
import { at, type Fields, fieldsAt, isFields, textsAt } from "../value.ts";
import type { Step } from "./convert.ts";
import { anything, type Options, type Property, type Shape } from "./shape.ts";

const maxNameLength = 200;

/** An object with known properties, or one whose names are not known. */
export function convertObject(place: Place<Fields>, step: Step, options: Options): Shape {
  const { value: schema, pointer } = place;
  const further = at(schema, "additionalProperties");
  const furtherPlace = { value: further, pointer: below(pointer, "additionalProperties") };
  const properties = propertiesOf(place, step);
  if (properties.length === 0) {
    const isClosed = further === false && Object.keys(fieldsAt(schema, "properties")).length === 0;
    if (isClosed) return { kind: "object", properties: [], options };
    return { kind: "record", value: isFields(further) ? step.convert(furtherPlace) : anything, options };
  }
  // What comes back is open in any case.
  if (step.direction === "output" || further === undefined || further === false)
    return { kind: "object", properties, ...opened(place, step), options };
  const isAnything = further === true || (isFields(further) && Object.keys(further).length === 0);
  return { kind: "object", properties, further: isAnything ? true : step.convert(furtherPlace), options };
}

/** The base of a family, whose members have properties that are not named here. */
function opened({ value: schema, pointer }: Place<Fields>, step: Step): { further?: true } {
  if (step.direction === "output" || !isFields(at(schema, "discriminator")) || step.depth === 0) return {};
  step.notes.add(
    "simplified",
    below(pointer, "discriminator"),
    "What this stands for is told by a property; the others of each kind are not checked.",
  );
  return { further: true };
}

function propertiesOf({ value: schema, pointer }: Place<Fields>, step: Step): Property[] {
  const required = new Set(textsAt(schema, "required"));
  const declared = Object.entries(fieldsAt(schema, "properties"));
  const properties = declared.flatMap(([name, value]): Property[] => {
    const where = { value, pointer: below(pointer, "properties", name) };
    if (!isUsableName(name)) {
      step.notes.add("left-out", where.pointer, "This property has a name that plugins may not use.");
      return [];
    }
    if (isForOther(where, step)) return [];
    return [{ name, shape: step.convert(where), isOptional: !required.has(name) }];
  });
  if (step.direction === "output") return properties;
  const isNamed = new Set(declared.map(([name]) => name));
  const unnamed = [...required].filter(
    (name) => !isNamed.has(name) && isUsableName(name) && declared.length > 0,
  );
  return [...properties, ...unnamed.map((name) => ({ name, shape: anything, isOptional: false }))];
}

/** What is written by the API alone is not asked for; what only goes to it does not come back. */
function isForOther({ value }: Place, step: Step): boolean {
  const ref = refOf(value);
  const target = ref === undefined ? value : lookUp(step.document, ref)?.value;
  return at(target, step.direction === "input" ? "readOnly" : "writeOnly") === true;
}

function isUsableName(name: string): boolean {
  return name !== "__proto__" && name !== "" && name.length <= maxNameLength && name.isWellFormed();
}
