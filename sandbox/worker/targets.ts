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

/** `customer.list`: the member `list` of the entity `customer`; `customer.batch.create`: of its `batch`, `create`; of a trigger `posted.open`. */
function findOperation(entities: unknown, name: string): Run | undefined {
  const [entity = "", ...path] = name.split(".");
  if (path.length > 2 || (path.length === 2 && path[0] !== "batch")) return undefined;
  const operation = path.pop();
  const owner = path.reduce(ownMember, ownMember(entities, entity));
  return operation === undefined ? undefined : bound(ownMember(owner, operation), owner);
}

function bound(run: unknown, owner: unknown): Run | undefined {
  return typeof run === "function" && isObject(owner)
    ? (argument) => Reflect.apply(run, owner, [argument])
    : undefined;
}
