/** A literal, \d, or a class of letters, digits and dashes; then maybe a quantifier. */
const part =
  /^(?:[A-Za-z0-9-]|\\d|\\-|\[(?:[A-Za-z0-9](?:-[A-Za-z0-9])?|\\d|\\-|-(?=\])|(?<=\[)-)+\])(?:[*+?]|\{\d{1,4}(?:,\d{0,4})?\})?\??/;
const ranges = /([A-Za-z0-9])-([A-Za-z0-9])/g;

/**
 * Whether a regular expression matches nothing but text of ASCII letters, digits and dashes. Errs on the safe side:
 * it knows `^`, `$`, literals, classes, groups, alternatives in groups and quantifiers, and says no to the rest.
 */
export function acceptsOnlyLabels(pattern: string): boolean {
  if (!pattern.startsWith("^") || !pattern.endsWith("$")) return false;
  let rest = pattern.slice(1, -1);
  let depth = 0;
  while (rest !== "") {
    const token =
      /^(?:\((?:\?:)?|\)(?:[*+?]|\{\d{1,4}(?:,\d{0,4})?\})?\??|\|)/.exec(rest)?.[0] ?? part.exec(rest)?.[0];
    if (token === undefined || !hasPlainRanges(token)) return false;
    if (token.startsWith("(")) depth += 1;
    if (token.startsWith(")")) depth -= 1;
    // Outside a group, "|" would end what "^" and "$" hold together.
    if (depth < 0 || (token === "|" && depth === 0)) return false;
    rest = rest.slice(token.length);
  }
  return depth === 0;
}

/** `A-z` has `[`, `\` and others in it. */
function hasPlainRanges(token: string): boolean {
  if (!token.startsWith("[")) return true;
  return [...token.matchAll(ranges)].every(([, from = "", to = ""]) =>
    ["az", "AZ", "09"].some(([low = "", high = ""]) => low <= from && from <= to && to <= high),
  );
}
