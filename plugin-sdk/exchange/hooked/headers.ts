import type { Header } from "../types.ts";
import { HookAnswerRefusal } from "./refusal.ts";

/** By name: several of one name become one, as Fetch's Headers does it. */
export function toHookedHeaders(headers: readonly Header[]): { [name: string]: string } {
  const byName = Map.groupBy(headers, ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, same]) => [name, same.map(([, value]) => value).join(", ")]),
  );
}

/**
 * The headers that a hook answered. Those that it left alone stay as they were, in their order.
 * @param refuse says why a name is not a hook's to set, change or take away
 * @throws HookAnswerRefusal
 */
export function readHookedHeaders(
  answer: unknown,
  headers: readonly Header[],
  refuse: (name: string) => string | undefined,
): Header[] {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer))
    throw new HookAnswerRefusal("`headers` must be an object of names and values.");
  const before = new Map(Object.entries(toHookedHeaders(headers)));
  const after = new Map<string, string>();
  for (const [written, value] of Object.entries(answer)) {
    const name = written.toLowerCase();
    if (typeof value !== "string")
      throw new HookAnswerRefusal(`The value of header ${quoted(name)} must be a string.`);
    if (after.has(name)) throw new HookAnswerRefusal(`The header ${quoted(name)} is there twice.`);
    after.set(name, value);
  }
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
  for (const name of changed) {
    const reason = refuse(name);
    if (reason) throw new HookAnswerRefusal(`The header ${quoted(name)} cannot be changed: ${reason}.`);
  }
  const kept = headers.filter(([name]) => !changed.includes(name));
  const set = changed.flatMap((name): Header[] => {
    const value = after.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return [...kept, ...set];
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}
