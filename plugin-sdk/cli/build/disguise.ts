import type { Visitor } from "@babel/traverse";

/**
 * SES and the sandbox refuse code by its text alone, so that they need no parser to be safe: whatever looks like a
 * dynamic import, a direct eval or an HTML comment, also where it is part of a string or a name. These are the same
 * patterns, without what may stand before them.
 */
const suspicious: [pattern: RegExp, same: string][] = [
  [/import(?=\s*[(./\\])/g, "i\\x6Dport"],
  [/eval(?=\s*\()/g, "e\\x76al"],
  [/<!--/g, "<!-\\x2D"],
  [/-->/g, "--\\x3E"],
];

/**
 * Replaces a character in the middle by its escape: in the middle, since a backslash may stand before the first one.
 * What is read stays the same, in strings, templates and regular expressions, in classes and look-behinds of these too.
 */
function escapeIn(text: string): string {
  return suspicious.reduce((result, [pattern, same]) => result.replace(pattern, same), text);
}

/**
 * Rewrites what only looks dangerous, without a change of meaning: by escapes in literals and in names, which mean the
 * same (`\u0069mport` is the name `import`, where that may be a name). Code that really imports or evaluates stays as
 * it is, to be refused. Nor is a tagged template changed, whose function sees the text as it is written.
 */
export const disguise: Visitor = {
  StringLiteral({ node }) {
    rewriteRaw(node);
  },
  DirectiveLiteral({ node }) {
    rewriteRaw(node);
  },
  TemplateLiteral({ node, parent }) {
    if (parent.type === "TaggedTemplateExpression") return;
    for (const { value } of node.quasis) value.raw = escapeIn(value.raw);
  },
  RegExpLiteral({ node }) {
    node.pattern = escapeIn(node.pattern);
  },
  Identifier({ node, parent, key }) {
    const isPropertyName =
      (key === "property" || key === "key") && !("computed" in parent && parent.computed === true);
    const isPrivate = parent.type === "PrivateName";
    // `$eval(` has a word boundary in it.
    if (isPropertyName || isPrivate || /\$(?:import|eval)$/.test(node.name))
      node.name = node.name.replace(/(?<=^|\$)(?:import|eval)$/, escapeFirst);
  },
};

function rewriteRaw(node: { value: string; extra?: Record<string, unknown> | null }): void {
  if (typeof node.extra?.raw === "string") node.extra.raw = escapeIn(node.extra.raw);
}

const escapeFirst = (name: string): string =>
  `\\u${name.charCodeAt(0).toString(16).padStart(4, "0")}${name.slice(1)}`;
