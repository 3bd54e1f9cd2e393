import { below } from "../pointer.ts";
import type { Place } from "../resolve.ts";
import { type Property, type Shape, unnamed, withOptions } from "../schema/index.ts";
import { firstParagraph, plainText } from "../text.ts";
import { at, type Fields, fieldsAt, isFields, listAt, textAt } from "../value.ts";
import type { Argument, PathPart } from "./action-model.ts";
import type { Modelling } from "./modelling.ts";
import type { Operation } from "./operations.ts";

export interface Parameters {
  properties: Property[];
  query: Argument[];
  headers: Argument[];
  path: PathPart[];
  pathPattern: string;
}

interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  /** The property of the input. */
  input: string;
  shape: Shape;
  isRequired: boolean;
  schema: Fields;
  pointer: string;
}

/** The standard says that these are no parameters; the host and `fetch` set them. */
const ownHeaders =
  /^(?:accept|content-type|authorization|content-length|host|cookie|user-agent|connection|transfer-encoding|accept-encoding|origin|referer|te|trailer|upgrade|expect|date|via|keep-alive|set-cookie|proxy-.*|sec-.*)$/i;

/** What of an operation is not its body. Undefined when it cannot be called without what a plugin cannot send. */
export function readParameters(operation: Operation, modelling: Modelling): Parameters | undefined {
  const parameters = collect(operation, modelling);
  if (!parameters) return undefined;
  const path = readPath(operation, parameters, modelling);
  if (!path) return undefined;
  const query = parameters.filter((one) => one.in === "query");
  const styles = new Set(
    query.filter(({ shape }) => kindsOf(shape).has("array")).map((one) => toArgument(one).as),
  );
  if (styles.has("plain") && query.some((one) => toArgument(one).as === "brackets"))
    modelling.notes.add(
      "decide",
      operation.pointer,
      "Some lists of its query are written with brackets and some are not; all are written with them.",
    );
  return {
    properties: parameters.map(({ input, shape, isRequired }) => ({
      name: input,
      shape,
      isOptional: !isRequired,
    })),
    query: query.map(toArgument),
    headers: parameters.filter((one) => one.in === "header").map(toArgument),
    ...path,
  };
}

function collect(operation: Operation, modelling: Modelling): Parameter[] | undefined {
  const { schema, shared, pointer } = operation;
  const places = [
    ...listAt(schema, "parameters").map((value, index) => ({
      value,
      pointer: below(pointer, "parameters", index),
    })),
    ...listAt(shared, "parameters").map((value, index) => ({
      value,
      pointer: below("", "paths", operation.path, "parameters", index),
    })),
  ];
  const found = new Map<string, Parameter>();
  const inputs = new Set<string>();
  // Those of the path first: where two have one name, it keeps it.
  const read = places.map((place) => readParameter(place, modelling));
  const order = ["path", "query", "header"];
  const usable = read
    .filter((one) => typeof one === "object")
    .sort((a, b) => order.indexOf(a.in) - order.indexOf(b.in));
  for (const parameter of usable) {
    const key = `${parameter.in} ${parameter.name}`;
    // The operation's own goes before the path's.
    if (found.has(key)) continue;
    const input = inputs.has(parameter.name) ? `${parameter.in}_${parameter.name}` : parameter.name;
    inputs.add(input);
    found.set(key, { ...parameter, input });
  }
  return read.includes("unusable") ? undefined : [...found.values()];
}

/** `ignored` where the request can do without it; `unusable` where it cannot. */
function readParameter(
  place: Place,
  { resolve, schemas, notes }: Modelling,
): Parameter | "ignored" | "unusable" {
  const found = resolve(place);
  if (!found || !isFields(found.value)) {
    notes.add("left-out", place.pointer, "This parameter is not described.");
    return "ignored";
  }
  const { value: parameter, pointer } = found;
  const name = textAt(parameter, "name") ?? "";
  const where = textAt(parameter, "in");
  const isRequired = parameter.required === true || where === "path";
  if (where === "header" && ownHeaders.test(name)) return "ignored";
  const isUsable = (where === "path" || where === "query" || where === "header") && isUsableName(name, where);
  if (!isUsable) {
    notes.add(
      "left-out",
      pointer,
      where === "cookie" ? "Plugins send no cookies." : "This parameter cannot be sent by a plugin.",
    );
    return isRequired ? "unusable" : "ignored";
  }
  const [contentType, content] = Object.entries(fieldsAt(parameter, "content"))[0] ?? [];
  const schemaPlace =
    contentType === undefined
      ? { value: at(parameter, "schema"), pointer: below(pointer, "schema") }
      : { value: at(content, "schema"), pointer: below(pointer, "content", contentType, "schema") };
  const description = plainText(firstParagraph(textAt(parameter, "description")), 240);
  const shape = schemas.shapeOf(schemaPlace, "input");
  return {
    name,
    in: where,
    input: name,
    isRequired,
    shape: withOptions(shape, {
      ...(description !== undefined && { description }),
      ...(parameter.deprecated === true && { deprecated: true }),
    }),
    schema: parameter,
    pointer,
  };
}

function isUsableName(name: string, where: string): boolean {
  if (name === "" || name === "__proto__" || name.length > 100 || !name.isWellFormed()) return false;
  return where !== "header" || /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);
}

function toArgument(parameter: Parameter): Argument {
  const { name, input, schema } = parameter;
  return { name, input, as: styleOf(parameter, schema) };
}

function styleOf({ shape, in: where }: Parameter, schema: Fields): Argument["as"] {
  if (Object.keys(fieldsAt(schema, "content")).length > 0) return "json";
  const style = textAt(schema, "style") ?? (where === "query" ? "form" : "simple");
  const isExploded = typeof schema.explode === "boolean" ? schema.explode : style === "form";
  // Objects are written with brackets anyway; only lists within them need to be told from others.
  if (style === "deepObject") return holdsList(shape) ? "brackets" : "plain";
  const kinds = kindsOf(shape);
  if (kinds.has("object")) return isExploded && where === "query" ? "spread" : ",";
  if (where === "header") return ",";
  if (!kinds.has("array") || isExploded) return "plain";
  return style === "spaceDelimited" ? " " : style === "pipeDelimited" ? "|" : ",";
}

function holdsList(shape: Shape): boolean {
  const own = unnamed(shape);
  switch (own.kind) {
    case "array":
    case "any":
      return true;
    case "object":
      return own.further !== undefined || own.properties.some((one) => holdsList(one.shape));
    case "record":
      return holdsList(own.value);
    case "union":
      return own.members.some(holdsList);
    default:
      return false;
  }
}

/** What a value may be: a union may be several. */
export function kindsOf(shape: Shape): Set<"object" | "array" | "other"> {
  const own = unnamed(shape);
  if (own.kind === "union") return new Set(own.members.flatMap((member) => [...kindsOf(member)]));
  if (own.kind === "object" || own.kind === "record") return new Set(["object"]);
  return new Set([own.kind === "array" ? "array" : "other"]);
}

function readPath(
  { path, pointer }: Operation,
  parameters: Parameter[],
  { notes }: Modelling,
): Pick<Parameters, "path" | "pathPattern"> | undefined {
  const own = new Map(parameters.filter((one) => one.in === "path").map((one) => [one.name, one]));
  const parts: PathPart[] = [];
  let pattern = "";
  for (const piece of path.replace(/[?#].*$/, "").split(/(\{[^{}/]*\})/)) {
    const name = /^\{(.*)\}$/.exec(piece)?.[1];
    if (name === undefined) {
      const fixed = fixedPath(piece);
      if (fixed === undefined) return leftOut("Its path has in it what no URL may have.");
      pattern += fixed;
      if (fixed !== "") parts.push(fixed);
      continue;
    }
    const parameter = own.get(name);
    if (!parameter) return leftOut(`Its path names {${name.slice(0, 60)}}, which no parameter describes.`);
    const style = textAt(parameter.schema, "style") ?? "simple";
    const kinds = kindsOf(parameter.shape);
    if (style !== "simple" || kinds.has("object"))
      return leftOut(
        `Its path has a parameter of the style "${style.slice(0, 20)}" in a form that plugins do not write.`,
      );
    const isLast = path.endsWith(piece) && path.slice(0, -piece.length).endsWith("/");
    const isMany = parameter.schema["x-multi-segment"] === true && isLast;
    parts.push({ input: parameter.input, as: isMany ? "segments" : kinds.has("array") ? "list" : "segment" });
    pattern += isMany ? "**" : "*";
  }
  const segments = pattern.split("/").map((one) => (one === "**" || !one.includes("*") ? one : "*"));
  return { path: parts, pathPattern: segments.join("/") };

  function leftOut(reason: string): undefined {
    notes.add("left-out", pointer, reason);
    return undefined;
  }
}

/** As a URL writes it; undefined where it would not keep its shape. */
function fixedPath(text: string): string | undefined {
  if (/[\\;]|\/\/|(?:^|\/)\.{1,2}(?:\/|$)|\s|\p{Cc}/u.test(text)) return undefined;
  try {
    return encodeURI(decodeURI(text)).replaceAll("%25", "%");
  } catch {
    return undefined;
  }
}
