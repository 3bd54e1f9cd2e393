import { below } from "../pointer.ts";
import type { Place } from "../resolve.ts";
import { objectOf, type Property, type Shape, scalar, unnamed, withOptions } from "../schema/index.ts";
import { firstParagraph, plainText } from "../text.ts";
import { at, type Fields, fieldsAt, isFields, textAt } from "../value.ts";
import type { Body } from "./action-model.ts";
import type { Modelling } from "./modelling.ts";
import type { Operation } from "./operations.ts";
import { kindsOf } from "./parameters.ts";

export interface BodyModel {
  body: Body;
  properties: Property[];
}

const wrapped = "body";

/**
 * The body of a request. Where it is an object, its properties become properties of the input, beside the parameters;
 * where that cannot be, the input has it under one name. `unusable` when there must be one that a plugin cannot send.
 */
export function readBody(
  operation: Operation,
  parameters: Property[],
  modelling: Modelling,
): BodyModel | "unusable" | undefined {
  const declared = at(operation.schema, "requestBody");
  if (declared === undefined || operation.method === "GET" || operation.method === "HEAD") return undefined;
  const place = modelling.resolve({ value: declared, pointer: below(operation.pointer, "requestBody") });
  if (!place || !isFields(place.value)) return undefined;
  const { value: requestBody, pointer } = place;
  const isRequired = requestBody.required === true;
  const content = fieldsAt(requestBody, "content");
  const contentType = preferred(Object.keys(content));
  if (contentType === undefined) {
    if (Object.keys(content).length > 0)
      modelling.notes.add(
        "left-out",
        below(pointer, "content"),
        "Its body is of a type that plugins cannot write.",
      );
    return isRequired ? "unusable" : undefined;
  }
  const media = fieldsAt(content, contentType);
  const at0 = below(pointer, "content", contentType);
  const schema = { value: at(media, "schema"), pointer: below(at0, "schema") };
  const kind = kindOf(contentType);
  const description = plainText(firstParagraph(textAt(requestBody, "description")), 240);
  const about = description === undefined ? {} : { description };
  if (kind === "text" || kind === "bytes") {
    const shape =
      kind === "text"
        ? scalar("string", about)
        : scalar("string", { description: "The bytes, as base64.", ...base64 });
    return whole(
      { kind, contentType: concrete(contentType, kind), input: wrapped, files: [] },
      shape,
      isRequired,
    );
  }
  const shape = modelling.schemas.shapeOf(schema, "input");
  const files = kind === "multipart" ? filesOf(schema, media, modelling) : [];
  const own = withFiles(unnamed(shape), files);
  const body = {
    kind: kind === "form" ? formKind(own, media, at0, modelling) : kind,
    contentType: concrete(contentType, kind),
    files,
  };
  if (own.kind === "object" && own.properties.length === 0 && own.further === undefined && !isRequired)
    return undefined;
  const isFlat =
    own.kind === "object" &&
    own.further === undefined &&
    own.options.anyOf === undefined &&
    own.options.oneOf === undefined &&
    own.options.minProperties === undefined &&
    own.properties.every(({ name }) => !parameters.some((one) => one.name === name)) &&
    (isRequired || own.properties.every(({ isOptional }) => isOptional));
  if (isFlat) return { body: { ...body, input: undefined }, properties: own.properties };
  const isNamedAsIs = files.length === 0 && shape.kind === "named";
  return whole(
    { ...body, input: freeName(parameters) },
    isNamedAsIs ? shape : withOptions(own, about),
    isRequired,
  );
}

function whole(body: Body, shape: Shape, isRequired: boolean): BodyModel {
  return { body, properties: [{ name: body.input ?? wrapped, shape, isOptional: !isRequired }] };
}

function freeName(parameters: Property[]): string {
  return parameters.some(({ name }) => name === wrapped) ? "requestBody" : wrapped;
}

const base64 = { pattern: "^[A-Za-z0-9+/]*={0,2}$" };

/** JSON before forms, forms before files, and anything before nothing. */
function preferred(types: string[]): string | undefined {
  const order = ["json", "form", "multipart", "text", "bytes"];
  const usable = types.filter(
    (type) =>
      /^[\w.+*-]+\/[\w.+*-]+(?:\s*;[^\r\n"]*)?$/.test(type) && type.length <= 200 && !/xml/i.test(type),
  );
  return usable
    .map((type, index) => ({ type, rank: order.indexOf(kindOf(type)) * 1_000 + index }))
    .sort((a, b) => a.rank - b.rank)[0]?.type;
}

function kindOf(contentType: string): "json" | "form" | "multipart" | "text" | "bytes" {
  const type = contentType.toLowerCase().split(";")[0]?.trim() ?? "";
  if (/^application\/(?:.*\+)?json$/.test(type) || type === "*/*") return "json";
  if (type === "application/x-www-form-urlencoded") return "form";
  if (type === "multipart/form-data") return "multipart";
  return type.startsWith("text/") ? "text" : "bytes";
}

function concrete(contentType: string, kind: string): string {
  if (!contentType.includes("*")) return contentType;
  return kind === "json" ? "application/json" : kind === "text" ? "text/plain" : "application/octet-stream";
}

/** Lists and objects in a form have no one way to be written; `encoding` tells, and most that are silent mean brackets. */
function formKind(shape: Shape, media: Fields, pointer: string, { notes }: Modelling): "form" | "brackets" {
  const properties = shape.kind === "object" ? shape.properties : [];
  const styles = fieldsAt(media, "encoding");
  const lists = properties.filter((one) => kindsOf(one.shape).has("array"));
  const nested = properties.filter((one) => kindsOf(one.shape).has("object"));
  const isDeep = ({ name }: Property) => textAt(fieldsAt(styles, name), "style") === "deepObject";
  const deepLists = lists.filter(isDeep);
  if (deepLists.length > 0 && deepLists.length < lists.length)
    notes.add(
      "decide",
      below(pointer, "encoding"),
      "Some lists of this form are written with brackets and some are not; all are written with them.",
    );
  if (nested.some((one) => !isDeep(one)))
    notes.add(
      "decide",
      pointer,
      "How objects are written in this form is not said; they are written with brackets: name[property]=value.",
    );
  return deepLists.length > 0 ? "brackets" : "form";
}

/** The properties of a multipart body that are bytes. */
function filesOf(place: Place, media: Fields, { resolve }: Modelling): string[] {
  const schema = resolve(place)?.value;
  return Object.entries(fieldsAt(schema, "properties")).flatMap(([name, value]) => {
    const property = resolve({ value, pointer: "" })?.value;
    const format = textAt(property, "format");
    const type = textAt(fieldsAt(fieldsAt(media, "encoding"), name), "contentType");
    const isBytes =
      format === "binary" ||
      textAt(property, "contentMediaType") !== undefined ||
      (type !== undefined && !/json|^text/.test(type));
    return isBytes && name !== "__proto__" ? [name] : [];
  });
}

const file = objectOf(
  {
    filename: scalar("string", { minLength: 1, maxLength: 255 }),
    contentType: scalar("string", { maxLength: 100, pattern: "^[A-Za-z0-9.+*_-]+/[A-Za-z0-9.+*_-]+$" }),
    base64: scalar("string", { description: "The file's bytes, as base64.", ...base64 }),
  },
  {},
);

function withFiles<S extends Shape>(shape: S, files: string[]): S {
  if (shape.kind !== "object" || files.length === 0) return shape;
  const properties = shape.properties.map((one) =>
    files.includes(one.name) ? { ...one, shape: withOptions(file, descriptionOf(one.shape)) } : one,
  );
  return { ...shape, properties };
}

const descriptionOf = ({ options }: Shape) =>
  options.description === undefined ? {} : { description: options.description };
