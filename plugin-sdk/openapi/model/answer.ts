import { below } from "../pointer.ts";
import type { Place } from "../resolve.ts";
import { anything, nullable, objectOf, type Shape, scalar, toJsonSchema } from "../schema/index.ts";
import { at, type Fields, fieldsAt, isFields, textAt } from "../value.ts";
import type { ActionModel } from "./action-model.ts";
import type { Modelling } from "./modelling.ts";
import type { Operation } from "./operations.ts";

export interface Answer {
  output: Shape;
  answer: ActionModel["answer"];
  accept: string | undefined;
  /** Names of the headers that the answer is said to have, in lower case. */
  headers: string[];
}

interface Candidate {
  status: string;
  contentType: string | undefined;
  schema: Place;
  headers: string[];
}

/** What comes back when all went well. Undefined when that is nothing that a plugin can take. */
export function readAnswer(operation: Operation, modelling: Modelling): Answer | undefined {
  const responses = fieldsAt(operation.schema, "responses");
  const statuses = Object.keys(responses);
  const good = statuses.filter((status) => /^2(?:\d\d|XX)$/i.test(status)).sort();
  if (good.length === 0 && statuses.some((status) => /^3/.test(status)) && !statuses.includes("default")) {
    modelling.notes.add("left-out", operation.pointer, "It answers with nothing but a redirect.");
    return undefined;
  }
  const candidates = (good.length > 0 ? good : statuses.filter((status) => status === "default")).flatMap(
    (status) =>
      candidateOf(
        status,
        { value: at(responses, status), pointer: below(operation.pointer, "responses", status) },
        modelling,
      ),
  );
  const headers = candidates.flatMap((one) => one.headers);
  const json = candidates.filter(({ contentType }) => contentType !== undefined && isJson(contentType));
  const [first] = json;
  if (first) {
    const shapes = different(json.map(({ schema }) => modelling.schemas.shapeOf(schema, "output")));
    const [only = anything, ...more] = shapes;
    const shape: Shape = more.length === 0 ? only : unionOf(shapes);
    const mayBeEmpty = candidates.some(({ contentType }) => contentType === undefined);
    return {
      output: modelling.schemas.fit(mayBeEmpty ? nullable(shape) : shape, "output", operation.pointer),
      answer: "json",
      accept: acceptOf(first.contentType ?? ""),
      headers,
    };
  }
  const other = candidates.find(({ contentType }) => contentType !== undefined);
  if (!other?.contentType) return { output: scalar("null"), answer: "nothing", accept: undefined, headers };
  if (/^text\/|xml|yaml|csv|javascript/i.test(other.contentType))
    return { output: scalar("string"), answer: "text", accept: concrete(other.contentType), headers };
  const output = objectOf({ contentType: scalar("string"), base64: scalar("string") });
  return { output, answer: "bytes", accept: concrete(other.contentType), headers };
}

function candidateOf(status: string, declared: Place, { resolve }: Modelling): Candidate[] {
  const place = resolve(declared);
  if (!place || !isFields(place.value)) return [];
  const content = fieldsAt(place.value, "content");
  const headers = Object.keys(fieldsAt(place.value, "headers")).map((name) => name.toLowerCase());
  const types = Object.keys(content).filter(
    (type) => /^[\w.+*-]+\/[\w.+*-]+(?:\s*;.*)?$/.test(type) && type.length <= 200,
  );
  const contentType = types.find((type) => isJson(type)) ?? types[0];
  if (contentType === undefined || status === "204")
    return [{ status, contentType: undefined, schema: { value: undefined, pointer: "" }, headers }];
  const schema = {
    value: at(fieldsAt(content, contentType), "schema"),
    pointer: below(place.pointer, "content", contentType, "schema"),
  };
  return [{ status, contentType, schema, headers }];
}

const isJson = (contentType: string): boolean => {
  const type = contentType.toLowerCase().split(";")[0]?.trim() ?? "";
  return /^application\/(?:.*\+)?json$/.test(type) || type === "*/*";
};

function acceptOf(contentType: string): string | undefined {
  const type = concrete(contentType);
  return type === undefined || type.toLowerCase() === "application/json" ? undefined : type;
}

function concrete(contentType: string): string | undefined {
  const type = contentType.split(";")[0]?.trim() ?? "";
  return type.includes("*") ? undefined : type;
}

function different(shapes: Shape[]): Shape[] {
  const byText = new Map(
    shapes.map((shape) => [
      shape.kind === "named" ? shape.component : JSON.stringify(toJsonSchema(shape, false)),
      shape,
    ]),
  );
  return [...byText.values()];
}

function unionOf(shapes: Shape[]): Shape {
  return shapes.some(({ kind }) => kind === "any")
    ? anything
    : { kind: "union", members: shapes, options: {} };
}

/** The page of the vendor's documentation, if it says where that is. */
export function documentationOf(schema: Fields): string | undefined {
  const url = textAt(fieldsAt(schema, "externalDocs"), "url");
  if (url === undefined || url.length > 300 || !/^https:\/\/[\w.~:/?#@!$&'()+,;=%-]+$/.test(url))
    return undefined;
  return url.includes("*/") ? undefined : url;
}
