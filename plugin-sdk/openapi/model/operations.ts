import { kebabCase, wordsOf } from "../names.ts";
import { below } from "../pointer.ts";
import type { Place, Resolve } from "../resolve.ts";
import { at, type Fields, fieldsAt, isFields, listAt, textAt } from "../value.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

/** One operation of the description, as far as a selection looks at it. */
export interface Operation {
  method: Method;
  /** As the description writes it: `/users/{username}/repos`. */
  path: string;
  id: string | undefined;
  tags: string[];
  /** The file that it goes to: its first tag, or where it has none, what its path begins with. */
  group: string;
  /** What all operations of the path have in common. */
  shared: Fields;
  schema: Fields;
  pointer: string;
}

const methods = ["get", "head", "post", "put", "patch", "delete", "options"] as const;

/** All operations, in the order in which they are written. */
export function listOperations(document: Fields, resolve: Resolve): Operation[] {
  return Object.entries(fieldsAt(document, "paths")).flatMap(([path, value]) => {
    const place = resolve({ value, pointer: below("", "paths", path) });
    return path.startsWith("/") && place && isFields(place.value)
      ? operationsOf(path, { ...place, value: place.value })
      : [];
  });
}

function operationsOf(path: string, { value: shared, pointer }: Place<Fields>): Operation[] {
  return methods.flatMap((method) => {
    const schema = at(shared, method);
    if (!isFields(schema)) return [];
    const tags = listAt(schema, "tags").filter((tag) => typeof tag === "string");
    return [
      {
        method: method.toUpperCase() as Method,
        path,
        id: textAt(schema, "operationId"),
        tags,
        group: kebabCase(tags[0] ?? firstName(path), "api"),
        shared,
        schema,
        pointer: below(pointer, method),
      },
    ];
  });
}

/** `/v1/customers/{id}` → `customers` */
function firstName(path: string): string {
  const names = path.split("/").filter((part) => part !== "" && !part.includes("{"));
  return names.find((name) => !/^(?:api|rest|v?\d+(?:[.-]\d+)*)$/i.test(name)) ?? "api";
}

/** `repos-list-for-user` of its operationId, or `get-users-repos` of method and path. */
export function actionNameOf({ id, method, path }: Operation): string {
  if (id !== undefined && wordsOf(id).length > 0) return kebabCase(id, "call");
  const parts = path.split("/").filter((part) => part !== "");
  const last = parts.at(-1) ?? "";
  const words = parts.filter((part) => !part.startsWith("{")).join(" ");
  const by = last.startsWith("{") ? ` by ${last.replace(/[{}]/g, "")}` : "";
  return kebabCase(`${method} ${words}${by}`, "call");
}
