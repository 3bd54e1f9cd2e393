import { parse } from "@babel/parser";

/** What a script says by its text alone. Lines count from 1. */
export interface CodeFacts {
  /** Whether it could be parsed; if not, the rest is empty. */
  parsed: boolean;
  /** Addresses that are handed to `fetch` or `new Request`; `host` is there where the code alone says it whole. */
  requests: { url: string; host?: string; line: number }[];
  /** Hosts of all addresses in strings. */
  hosts: { host: string; line: number }[];
  /** Names that stand anywhere in the code, of those that were asked for. */
  names: string[];
}

/** Names by which plugin code gets at what it was granted. */
const interesting = new Set(["storage", "events", "files", "fetch", "Request", "publish"]);
const kept = 1_000;

const address = /\bhttps?:\/\/([A-Za-z0-9.-]+(?::\d{1,5})?)(?=[/?#"'`\s)]|$)/g;

interface Node {
  type: string;
  loc?: { start: { line: number } };
  [field: string]: unknown;
}

export function readCode(code: string): CodeFacts {
  const facts: CodeFacts = { parsed: false, requests: [], hosts: [], names: [] };
  let root: Node;
  try {
    root = parse(code, { sourceType: "script", errorRecovery: true, allowReturnOutsideFunction: true })
      .program as unknown as Node;
  } catch (error) {
    if (error instanceof SyntaxError) return facts;
    throw error;
  }
  const names = new Set<string>();
  // A stack of our own: code can be nested deeper than calls can.
  const open: Node[] = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    read(node, facts, names);
    for (const value of Object.values(node)) {
      if (isNode(value)) open.push(value);
      else if (Array.isArray(value)) for (const item of value) if (isNode(item)) open.push(item);
    }
  }
  const byLine = (a: { line: number }, b: { line: number }) => a.line - b.line;
  return {
    parsed: true,
    requests: facts.requests.sort(byLine),
    hosts: facts.hosts.sort(byLine),
    names: [...names].sort(),
  };
}

function read(node: Node, facts: CodeFacts, names: Set<string>): void {
  const line = node.loc?.start.line ?? 0;
  const text = textOf(node);
  if (text !== undefined && facts.hosts.length < kept) {
    for (const [, host = ""] of text.matchAll(address)) facts.hosts.push({ host: host.toLowerCase(), line });
  }
  if (node.type === "Identifier" && interesting.has(String(node.name))) names.add(String(node.name));
  if (node.type === "StringLiteral" && interesting.has(String(node.value))) names.add(String(node.value));
  if (
    node.type !== "CallExpression" &&
    node.type !== "NewExpression" &&
    node.type !== "OptionalCallExpression"
  )
    return;
  const wanted = node.type === "NewExpression" ? "Request" : "fetch";
  const [first] = Array.isArray(node.arguments) ? node.arguments : [];
  const url = isNode(first) ? startOf(first) : undefined;
  if (nameOf(node.callee) !== wanted || url === undefined || facts.requests.length >= kept) return;
  const [start, host, end] = /^https?:\/\/([^/?#]+)([/?#]?)/i.exec(url) ?? [];
  if (start === undefined || host === undefined) return;
  // Where a template goes on, its first text may end within the host.
  const isWhole = end !== "" || (isNode(first) && first.type === "StringLiteral");
  facts.requests.push({ url, line, ...(isWhole && { host: host.toLowerCase() }) });
}

function textOf(node: Node): string | undefined {
  if (node.type === "StringLiteral") return String(node.value);
  if (node.type !== "TemplateElement") return undefined;
  const { cooked } = node.value as { cooked?: string };
  return cooked ?? undefined;
}

/** The text that an expression is, or that it certainly begins with. */
function startOf(node: Node): string | undefined {
  if (node.type === "StringLiteral") return String(node.value);
  if (node.type === "TemplateLiteral") {
    const [first] = node.quasis as Node[];
    return first && textOf(first);
  }
  return node.type === "BinaryExpression" && node.operator === "+" && isNode(node.left)
    ? startOf(node.left)
    : undefined;
}

/** `fetch`, and the last name of `globalThis.fetch` or `context.fetch`. */
function nameOf(callee: unknown): string | undefined {
  if (!isNode(callee)) return undefined;
  if (callee.type === "Identifier") return String(callee.name);
  const isMember = callee.type === "MemberExpression" || callee.type === "OptionalMemberExpression";
  return isMember ? nameOf(callee.property) : undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}
