import { lookUp } from "../resolve.ts";
import { at, type Fields, fieldsAt, isFields, listAt } from "../value.ts";

const single = ["items", "additionalProperties", "not", "if", "then", "else"];
const lists = ["allOf", "anyOf", "oneOf", "prefixItems"];

/** The schemas that a schema names, itself or nested in it. */
function refsIn(schema: unknown): string[] {
  const refs = new Set<string>();
  // An anchor of YAML may be within itself.
  const seen = new Set<unknown>();
  const open: unknown[] = [schema];
  while (open.length > 0) {
    const one = open.pop();
    if (!isFields(one) || seen.has(one)) continue;
    seen.add(one);
    const ref = at(one, "$ref");
    if (typeof ref === "string") refs.add(ref);
    for (const keyword of single) if (isFields(at(one, keyword))) open.push(at(one, keyword));
    for (const keyword of lists) open.push(...listAt(one, keyword));
    open.push(...Object.values(fieldsAt(one, "properties")));
  }
  return [...refs];
}

/** Schemas that name each other, and the turn of these groups: what a schema names comes before it, or is in its group. */
export interface Order {
  /** All that can be reached from `ref`, itself last; what was asked for before is left out. */
  of(ref: string): string[];
  /** Whether the one leads to the other and back; of one and the same, whether it leads to itself. */
  isCycle(from: string, to: string): boolean;
}

/** Tarjan's algorithm, without recursion: a chain of references may be long. */
export function createOrder(document: Fields): Order {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const groupOf = new Map<string, number>();
  const inCycle = new Set<string>();
  let groups = 0;

  function of(start: string): string[] {
    if (index.has(start)) return [];
    const emitted: string[] = [];
    const waiting: string[] = [];
    const path: { ref: string; targets: string[]; next: number }[] = [];

    function enter(ref: string): void {
      index.set(ref, index.size);
      low.set(ref, index.size - 1);
      waiting.push(ref);
      const targets = refsIn(lookUp(document, ref)?.value);
      if (targets.includes(ref)) inCycle.add(ref);
      path.push({ ref, targets, next: 0 });
    }
    const lower = (ref: string, to: number) => low.set(ref, Math.min(low.get(ref) ?? to, to));

    enter(start);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const target = top.targets[top.next];
      top.next += 1;
      if (target !== undefined) {
        if (!index.has(target)) enter(target);
        else if (!groupOf.has(target)) lower(top.ref, index.get(target) ?? 0);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent) lower(parent.ref, low.get(top.ref) ?? 0);
      if (low.get(top.ref) !== index.get(top.ref)) continue;
      groups += 1;
      const isLarger = waiting.at(-1) !== top.ref;
      for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
        groupOf.set(ref, groups);
        if (isLarger) inCycle.add(ref);
        emitted.push(ref);
        if (ref === top.ref) break;
      }
    }
    return emitted;
  }

  return {
    of,
    isCycle: (from, to) => inCycle.has(from) && inCycle.has(to) && groupOf.get(from) === groupOf.get(to),
  };
}
