/** Finds in the plugin's exports, what definePlugin returned, the function that a call names. All read here is the plugin's own. */

import { definition, isObject, member, ownMember } from "./exports.ts";

type Run = (argument: unknown) => unknown;

/** Where the targets of each kind stand. */
const groups: Record<string, string | undefined> = {
  __proto__: null as never,
  action: "actions",
  hook: "hooks",
  trigger: "triggers",
  entity: "entities",
  webhook: "webhooks",
};

export function findTarget(exports: unknown, kind: string, name: string): Run | undefined {
  const group = member(definition(exports), groups[kind] ?? "");
  const isOperation = kind === "entity" || (kind === "trigger" && /\.(?:open|receive)$/.test(name));
  return isOperation ? findOperation(group, name) : findRunnable(group, name);
}

/** A function, or an object with `run`. */
function findRunnable(group: unknown, name: string): Run | undefined {
  const found = ownMember(group, name);
  return typeof found === "function" ? bound(found, group) : bound(member(found, "run"), found);
}

/** `customer.list`: the member `list` of the entity `customer`; of a trigger on a stream there are `open` and `receive`. */
function findOperation(group: unknown, name: string): Run | undefined {
  const dot = name.lastIndexOf(".");
  const owner = ownMember(group, name.slice(0, Math.max(dot, 0)));
  return bound(ownMember(owner, name.slice(dot + 1)), owner);
}

function bound(run: unknown, owner: unknown): Run | undefined {
  return typeof run === "function" && isObject(owner)
    ? (argument) => Reflect.apply(run, owner, [argument])
    : undefined;
}
