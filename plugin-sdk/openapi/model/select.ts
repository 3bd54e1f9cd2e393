import { DescriptionError } from "../description-error.ts";
import { kebabCase } from "../names.ts";
import { actionNameOf, type Operation } from "./operations.ts";

/** Which operations a plugin is to have; an operation that any of them names is in. Absent or empty: all. */
export interface Selection {
  /** Names of tags; of operations without one, what their path begins with: `customers`. */
  tags?: readonly string[] | undefined;
  /** `/users/*` (one segment), `/users/**` (all below); `GET /users/**` for one method. */
  paths?: readonly string[] | undefined;
  /** An `operationId`, the name that the action would get, or `GET /users/{id}`. */
  operations?: readonly string[] | undefined;
}

/** More actions than a person reads through, and near what one manifest can describe. */
const defaultMaxActions = 250;

/**
 * @throws {DescriptionError} when a word of the selection names nothing, when nothing is left, or more than one plugin
 * should have
 */
export function selectOperations(
  all: Operation[],
  selection: Selection,
  maxActions = defaultMaxActions,
): Operation[] {
  const { tags = [], paths = [], operations = [] } = selection;
  const wishes = [
    ...tags.map((tag) => wish(`tag "${tag}"`, isTagged(tag))),
    ...paths.map((path) => wish(`path "${path}"`, isBelow(path))),
    ...operations.map((name) => wish(`operation "${name}"`, isNamed(name))),
  ];
  if (all.length === 0)
    throw new DescriptionError("operations-not-found", "The description has no operations.");
  const idle = wishes.filter(({ matches }) => !all.some(matches));
  if (idle.length > 0)
    throw new DescriptionError(
      "operations-not-found",
      `Nothing in the description fits ${idle.map(({ name }) => name).join(", ")}. It has ${all.length} operations:`,
      countsOf(all),
    );
  const selected =
    wishes.length === 0 ? all : all.filter((one) => wishes.some(({ matches }) => matches(one)));
  if (selected.length > maxActions)
    throw new DescriptionError(
      "operations-too-many",
      `These are ${selected.length} operations, and a plugin made from a description has at most ${maxActions}. Choose some with --tag, --path or --operation:`,
      countsOf(selected),
    );
  return selected;
}

type Matches = (operation: Operation) => boolean;

const wish = (name: string, matches: Matches) => ({ name, matches });

function isTagged(tag: string): Matches {
  const group = kebabCase(tag, "api");
  return (operation) =>
    operation.tags.includes(tag) ||
    (operation.tags.length === 0
      ? operation.group === group
      : operation.tags.some((one) => kebabCase(one, "api") === group));
}

function isNamed(name: string): Matches {
  return (operation) =>
    operation.id === name ||
    actionNameOf(operation) === name ||
    `${operation.method} ${operation.path}` === name;
}

/** `*` stands for what is between two slashes, `**` at the end for all below, and for the path itself. */
function isBelow(glob: string): Matches {
  const [, method, path = ""] = /^(?:([A-Za-z]+) )?(\/.*)$/.exec(glob.trim()) ?? [];
  const segments = path.split("/");
  return (operation) => {
    if (path === "" || (method !== undefined && operation.method !== method.toUpperCase())) return false;
    const own = operation.path.split("/");
    const isOpen = segments.at(-1) === "**";
    const fixed = isOpen ? segments.slice(0, -1) : segments;
    return (
      (isOpen ? own.length >= fixed.length : own.length === fixed.length) &&
      fixed.every((segment, index) => segment === "*" || segment === own[index])
    );
  };
}

const maxCounts = 100;

/** `repos: 201`, the largest first. */
function countsOf(operations: Operation[]): string[] {
  const counts = new Map<string, number>();
  for (const { tags, group } of operations) {
    const name = tags[0] ?? group;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const lines = [...counts]
    .sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
    .map(([name, count]) => `${name}: ${count}`);
  return lines.length > maxCounts
    ? [...lines.slice(0, maxCounts), `… and ${lines.length - maxCounts} more`]
    : lines;
}
