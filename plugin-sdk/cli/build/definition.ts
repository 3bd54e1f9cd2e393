import type { NodePath, Visitor } from "@babel/traverse";
import type { CallExpression, Node, ObjectExpression } from "@babel/types";
import type { PluginErrorCode } from "../../author/index.ts";
import type { Report } from "./suspects.ts";

/** Where in the code the parts of a plugin are defined. */
export interface Definition {
  /** Takes note of where `definePlugin` is called. */
  visitor: Visitor;
  /** What a path into `contributes` was made from, such as `["actions", "blink", "input"]`; as near as can be told. */
  find(path: readonly string[]): Node | undefined;
}

/** Bundlers number names that two files have. */
const called = (node: Node, name: string) =>
  node.type === "Identifier" && new RegExp(`^_?${name}\\d*$`).test(node.name);

export function createDefinition(reportTwice: Report): Definition {
  let call: NodePath<CallExpression> | undefined;

  /** Through variables and calls such as `action({…})`, to the object that is written there. */
  function objectOf(node: Node | null | undefined, steps = 8): ObjectExpression | undefined {
    if (!node || steps === 0) return undefined;
    if (node.type === "ObjectExpression") return node;
    if (node.type === "CallExpression") return objectOf(node.arguments[0], steps - 1);
    if (node.type !== "Identifier") return undefined;
    const declared = call?.scope.getBinding(node.name)?.path.node;
    return declared?.type === "VariableDeclarator" ? objectOf(declared.init, steps - 1) : undefined;
  }

  return {
    visitor: {
      CallExpression(path) {
        if (!called(path.node.callee, "definePlugin")) return;
        call = path;
        for (const part of propertiesOf(objectOf(path.node.arguments[0]))) {
          const names = new Set<string>();
          for (const { name, key } of propertiesOf(objectOf(part.value))) {
            if (names.has(name))
              reportTwice(key, `"${name}" is defined twice under ${part.name}; the second hides the first.`);
            names.add(name);
          }
        }
      },
    },
    find(path) {
      let found: Node | undefined = call?.node;
      let within: Node | undefined = call?.node.arguments[0];
      for (const name of path) {
        const property: Property | undefined = propertiesOf(objectOf(within)).find(
          (one) => one.name === name,
        );
        // `properties` of a schema is not written, where Type.Object() makes it.
        if (!property && name !== "properties" && name !== "items") break;
        if (property) ({ key: found, value: within } = property);
      }
      return found;
    },
  };
}

interface Property {
  name: string;
  key: Node;
  value: Node;
}

function propertiesOf(object: ObjectExpression | undefined): Property[] {
  return (object?.properties ?? []).flatMap((property) => {
    if (property.type === "SpreadElement" || property.computed) return [];
    const { key } = property;
    const name = key.type === "Identifier" ? key.name : key.type === "StringLiteral" ? key.value : undefined;
    if (name === undefined) return [];
    return [{ name, key, value: property.type === "ObjectProperty" ? property.value : property }];
  });
}

const knownCodes = Object.keys({
  "invalid-input": true,
  unauthorized: true,
  forbidden: true,
  "not-found": true,
  conflict: true,
  "rate-limited": true,
  "vendor-error": true,
  "vendor-unavailable": true,
} satisfies Record<PluginErrorCode, true>);

/** A code that hosts do not know makes an error of the plugin of what was to be an answer. */
export function findUnknownErrorCodes(report: Report): Visitor {
  return {
    NewExpression({
      node: {
        callee,
        arguments: [code],
      },
    }) {
      if (!called(callee, "PluginError")) return;
      if (code?.type !== "StringLiteral" || knownCodes.includes(code.value)) return;
      report(
        code,
        `"${code.value}" is no code of a PluginError, so callers would be told that the plugin failed. Use one of ${knownCodes.join(", ")}.`,
      );
    },
  };
}
