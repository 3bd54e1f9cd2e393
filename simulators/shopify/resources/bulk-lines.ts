interface Line {
  text: string;
  depth: number;
}

/**
 * What a bulk query found, as JSON Lines: each object of a connection is a line, without the connections in it, whose
 * objects are lines of their own and name it in `__parentId`.
 *
 * @param isGrouped puts objects right behind what they belong to, rather than behind all of its kind
 */
export function toLines(data: unknown, isGrouped: boolean): { lines: string[]; rootObjects: number } {
  const lines: Line[] = [];
  // What stands beside connections, such as the root's own fields, is on no line.
  for (const member of Object.values(isObject(data) ? data : {}))
    for (const node of nodesOf(member) ?? []) writeNode(node, undefined, 0, lines);
  const ordered = isGrouped ? lines : lines.toSorted((one, other) => one.depth - other.depth);
  return {
    lines: ordered.map(({ text }) => text),
    rootObjects: lines.filter(({ depth }) => depth === 0).length,
  };
}

function writeNode(node: unknown, parentId: string | undefined, depth: number, lines: Line[]): void {
  if (!isObject(node)) return;
  const own: { [field: string]: unknown } = {};
  const inner: unknown[] = [];
  for (const [field, member] of Object.entries(node)) {
    const nodes = nodesOf(member);
    if (nodes) inner.push(...nodes);
    else own[field] = member;
  }
  if (parentId !== undefined) own.__parentId = parentId;
  lines.push({ text: JSON.stringify(own), depth });
  for (const one of inner) writeNode(one, typeof node.id === "string" ? node.id : parentId, depth + 1, lines);
}

/** The objects of a connection, by edges or directly; undefined for anything else. */
function nodesOf(value: unknown): unknown[] | undefined {
  if (!isObject(value)) return undefined;
  if (Array.isArray(value.nodes)) return value.nodes;
  return Array.isArray(value.edges)
    ? value.edges.map((edge) => (isObject(edge) ? edge.node : null))
    : undefined;
}

function isObject(value: unknown): value is { [field: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
