import type { ActionModel, Argument, PathPart } from "../model/action-model.ts";
import { camelCase, createNamer, isTakenName } from "../names.ts";
import { type Code, call, type Entry, object, quoted } from "./code.ts";

/** What a piece of code uses, to be imported: from the SDK, and from the plugin's own api.ts. */
export interface Uses {
  sdk: Set<string>;
  api: Set<string>;
}

/** How a property of the input is written: `input.owner`, or the variable that it was taken apart into. */
export type Read = (input: string) => string;

export const readInput: Read = (name) =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? `input.${name}` : `input[${quoted(name)}]`;

/** `` path`/users/${input.username}` ``, or a plain text where nothing is put in. */
export function pathCode(parts: PathPart[], read: Read, uses: Uses): string {
  if (parts.every((part) => typeof part === "string")) return quoted(parts.join(""));
  uses.api.add("path");
  const pieces = parts.map((part) => {
    if (typeof part === "string") return part.replace(/[`\\]|\$(?=\{)/g, "\\$&");
    // A list puts commas, and some names have slashes in them; `path` encodes all else.
    if (part.as === "segment") return `\${${read(part.input)}}`;
    if (part.as === "list") return `\${[${read(part.input)}].flat().join(",")}`;
    return `\${${read(part.input)}.split("/")}`;
  });
  return `path\`${pieces.join("")}\``;
}

/** `urlOf("/users", { page: input.page })` */
export function urlCode(o: {
  path: string;
  query: Code | undefined;
  lists?: "indices" | undefined;
  server: string | undefined;
  hasSettings: boolean;
  uses: Uses;
}): Code {
  o.uses.api.add("urlOf");
  const context = o.hasSettings ? ["connection"] : [];
  const query = o.query ?? (o.lists || o.server ? "{}" : undefined);
  const options: Entry[] = [
    ...(o.lists ? [{ key: "lists", value: quoted(o.lists) }] : []),
    ...(o.server === undefined ? [] : [{ key: "server", value: quoted(o.server) }]),
  ];
  return call(
    "urlOf",
    ...context,
    o.path,
    ...(query === undefined ? [] : [query]),
    ...(options.length > 0 ? [object(options)] : []),
  );
}

/** A query, header or form argument as a property of an object. */
export function argumentEntry({ name, input, as }: Argument, read: Read, uses: Uses): Entry {
  const value = read(input);
  if (as === "spread") return { spread: value };
  if (as === "json") return { key: name, value: `JSON.stringify(${value})` };
  if (as === "plain" || as === "brackets") return name === value ? { key: name } : { key: name, value };
  uses.api.add("joined");
  return { key: name, value: `joined(${value}${as === "," ? "" : `, ${quoted(as)}`})` };
}

/** Brackets write lists with indices, all others write each item for itself: both in one query take two steps. */
export function queryCode(
  query: Argument[],
  read: Read,
  uses: Uses,
): { query: Code | undefined; lists: "indices" | undefined } {
  if (query.length === 0) return { query: undefined, lists: undefined };
  const entries = query.map((argument) => argumentEntry(argument, read, uses));
  const hasBrackets = query.some(({ as }) => as === "brackets");
  return { query: object(entries), lists: hasBrackets ? "indices" : undefined };
}

/** Takes an input apart: what is named, and the rest under a name of its own. */
export function takeApart(names: string[], rest: string): { statement: string; read: Read } {
  const nameOnce = createNamer("", isTakenName);
  const locals = new Map(names.map((name) => [name, nameOnce(camelCase(name, "value"))]));
  const read: Read = (name) => locals.get(name) ?? readInput(name);
  if (names.length === 0) return { statement: "", read };
  const parts = names.map((name) => {
    const local = locals.get(name) ?? name;
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
    return key === local ? key : `${key}: ${local}`;
  });
  return { statement: `const { ${[...parts, `...${rest}`].join(", ")} } = input;`, read };
}

/** Where an operation is called that is not where the others are. */
export function serverOf(action: ActionModel): string | undefined {
  return action.server?.url.join("");
}
