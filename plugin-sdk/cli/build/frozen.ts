import type { NodePath, Visitor } from "@babel/traverse";
import type { CallExpression, MemberExpression, NewExpression, Node } from "@babel/types";
import type { Reports } from "./suspects.ts";

/** Names that no compartment can change, because all of a plugin's tenants share what they stand for. */
const shared = new Set(
  `Array ArrayBuffer BigInt Boolean DataView Date Error EvalError Function Iterator JSON Map Math Number Object Promise
  Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError TypeError URIError AggregateError WeakMap
  WeakSet Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array
  URL URLSearchParams Headers Request Response AbortController AbortSignal Event EventTarget TextEncoder
  TextDecoder`.split(/\s+/),
);

const changers =
  /^(?:Object\.(?:defineProperty|defineProperties|assign|setPrototypeOf)|Reflect\.(?:defineProperty|set))$/;

/** SES takes these and forgets them. */
const ignored = new Set(["Error.stackTraceLimit"]);

const instead =
  "which is frozen in the sandbox: this throws there. Write a function of your own, or import one where you use it";

/** Code that changes what all share, and other habits that strict, frozen code does not forgive. */
export function findFrozen(reports: Reports): Visitor {
  const report = reports("shared-changed");
  const reportMade = reports("code-from-text");
  const reportLax = reports("strict-mode");
  return {
    AssignmentExpression(path) {
      const { left, operator } = path.node;
      if (left.type === "Identifier" && !path.scope.hasBinding(left.name) && !(left.name in globalThis))
        reportLax(
          left,
          `"${left.name}" is assigned and declared nowhere; in the sandbox, which is strict, this throws.`,
        );
      if (left.type !== "MemberExpression") return;
      const name = nameOfShared(left, path);
      if (!name || ignored.has(name)) return;
      const isPolyfill = isInLanguage(name) && (operator !== "=" || isGuarded(path));
      if (!isPolyfill) report(left, `This changes ${name}, ${instead}.`);
    },
    NewExpression(path) {
      if (isFunctionConstructor(path)) reportMade(path.node, noEvaluation);
    },
    CallExpression(path) {
      if (isFunctionConstructor(path)) reportMade(path.node, noEvaluation);
      const { callee } = path.node;
      if (callee.type === "Identifier" && callee.name === "require" && !path.scope.hasBinding("require"))
        reports("import-unresolved")(
          callee,
          "What is required here is not known while building, and will not be there.",
        );
      const target = path.node.arguments[0];
      if (!target || !changers.test(calleeOf(path.node))) return;
      const name = nameOfTarget(target, path);
      if (name && !(isGuarded(path) && isInLanguage(`${name}.${textOf(path.node.arguments[1])}`)))
        report(path.node, `This changes ${name}, ${instead}.`);
    },
    MemberExpression({ node }) {
      const { object, property } = node;
      if (object.type === "Identifier" && object.name === "arguments" && keyOf(node) === "callee")
        reportLax(
          property,
          "arguments.callee throws in the sandbox, where all code is strict; name the function.",
        );
    },
  };
}

const noEvaluation = "Function makes code from text, which the sandbox refuses when this runs.";

/** The name that globals.ts gives to it. */
function isFunctionConstructor({ node: { callee } }: NodePath<CallExpression | NewExpression>): boolean {
  return callee.type === "Identifier" && /^Function\d*$/.test(callee.name);
}

/** `Array.prototype.last`, `Promise.any`: undefined for what is not shared. */
function nameOfShared(member: MemberExpression, path: NodePath): string | undefined {
  const owner = nameOfTarget(member.object, path);
  const key = keyOf(member);
  return owner && key !== "prototype" ? `${owner}.${key ?? "[…]"}` : undefined;
}

/** `Array` or `Array.prototype`, where nothing in scope is called Array. */
function nameOfTarget(node: Node, path: NodePath): string | undefined {
  const isPrototype = node.type === "MemberExpression" && keyOf(node) === "prototype";
  const owner = isPrototype ? node.object : node;
  if (owner.type !== "Identifier" || !shared.has(owner.name) || path.scope.hasBinding(owner.name, true))
    return undefined;
  return isPrototype ? `${owner.name}.prototype` : owner.name;
}

function keyOf({ property, computed }: MemberExpression): string | undefined {
  if (property.type === "Identifier" && !computed) return property.name;
  return property.type === "StringLiteral" ? property.value : undefined;
}

function textOf(node: Node | undefined): string {
  return node?.type === "StringLiteral" ? node.value : "";
}

function calleeOf({ callee }: CallExpression): string {
  if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier") return "";
  return `${callee.object.name}.${keyOf(callee)}`;
}

/** Whether the sandbox has it too: it runs on the same Node. */
function isInLanguage(name: string): boolean {
  const found = name
    .split(".")
    .reduce<unknown>((owner, key) => (owner as Record<string, unknown> | undefined)?.[key], globalThis);
  return found !== undefined;
}

/** Behind an `if`, a `?:` or an `&&`: polyfills look first whether there is something to do. */
function isGuarded(path: NodePath): boolean {
  return Boolean(
    path.findParent(({ type }) =>
      ["IfStatement", "ConditionalExpression", "LogicalExpression"].includes(type),
    ),
  );
}
