import type { Visitor } from "@babel/traverse";
import type { Function as FunctionNode, Node } from "@babel/types";
import type { Permissions } from "../../manifest/index.ts";
import type { Report } from "./suspects.ts";

/**
 * Where `run({ storage })` takes from its argument what plugin.json does not ask for: it will be undefined. Only this
 * form can be told for sure; a default value says that the author knows.
 */
export function findUngranted(permissions: Permissions, report: Report): Visitor {
  const missing = new Map<string, string>();
  if (!permissions.storage) missing.set("storage", '"storage" under permissions');
  if (!permissions.files) missing.set("files", '"files" under permissions');
  if (!permissions.events?.publish?.length)
    missing.set("events", '"events" with "publish" under permissions');

  const look = ({ params: [first] }: FunctionNode) => {
    if (first?.type !== "ObjectPattern") return;
    for (const taken of first.properties) {
      if (taken.type !== "ObjectProperty" || taken.value.type === "AssignmentPattern") continue;
      const name = nameOf(taken.key);
      const wanted = name === undefined ? undefined : missing.get(name);
      if (wanted) report(taken, `"${name}" is not there without ${wanted} in plugin.json, with a reason.`);
    }
  };
  return {
    ObjectMethod({ node }) {
      if (nameOf(node.key) === "run") look(node);
    },
    ObjectProperty({ node: { key, value } }) {
      const isFunction = value.type === "FunctionExpression" || value.type === "ArrowFunctionExpression";
      if (isFunction && nameOf(key) === "run") look(value);
    },
  };
}

function nameOf(key: Node): string | undefined {
  if (key.type === "Identifier") return key.name;
  return key.type === "StringLiteral" ? key.value : undefined;
}
