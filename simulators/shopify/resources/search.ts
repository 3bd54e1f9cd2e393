import { GraphQLError } from "graphql";

/** The searchable fields of a resource. A list is found by any of its members. */
export interface SearchFields<Item> {
  [name: string]: (item: Item) => string | number | boolean | null | readonly string[];
}

type Test<Item> = (item: Item) => boolean;

/**
 * Shopify's search syntax (https://shopify.dev/docs/api/usage/search-syntax): words, `field:value`, comparisons, prefixes,
 * AND, OR, NOT, `-` and parentheses.
 *
 * @param fields the searchable fields of a resource; a word is looked for in `text`
 * @throws GraphQLError for what the simulator does not know, rather than a wrong answer
 */
export function search<Item>(
  all: readonly Item[],
  query: string | null | undefined,
  fields: SearchFields<Item>,
  text: (item: Item) => string,
): readonly Item[] {
  const tokens = (query ?? "").match(tokenForm) ?? [];
  if (tokens.length === 0) return all;
  let position = 0;

  function either(): Test<Item> {
    const tests = [both()];
    while (tokens[position] === "OR") {
      position++;
      tests.push(both());
    }
    return (item) => tests.some((test) => test(item));
  }

  function both(): Test<Item> {
    const tests: Test<Item>[] = [];
    while (position < tokens.length && tokens[position] !== "OR" && tokens[position] !== ")") {
      if (tokens[position] === "AND") position++;
      else tests.push(one());
    }
    return (item) => tests.every((test) => test(item));
  }

  function one(): Test<Item> {
    const token = tokens[position++] ?? "";
    if (token === "NOT" || token === "-") {
      const test = one();
      return (item) => !test(item);
    }
    if (token !== "(") return termOf(token, fields, text);
    const test = either();
    if (tokens[position++] !== ")") throw notSimulated(query ?? "");
    return test;
  }

  const test = either();
  if (position < tokens.length) throw notSimulated(tokens[position] ?? "");
  return all.filter(test);
}

const quoted = `"(?:\\\\.|[^"\\\\])*"|'(?:\\\\.|[^'\\\\])*'`;
const tokenForm = new RegExp(`[()]|-(?=\\S)|(?:[^\\s"':()]+:[<>]?=?)?(?:${quoted}|[^\\s()"']+)`, "g");
const termForm = new RegExp(`^(?:([^\\s"':()]+):([<>]?=?))?(${quoted}|.*)$`, "s");

function termOf<Item>(token: string, fields: SearchFields<Item>, text: (item: Item) => string): Test<Item> {
  const [, name, comparison = "", raw = ""] = termForm.exec(token) ?? [];
  const isQuoted = /^["']/.test(raw);
  const value = isQuoted ? raw.slice(1, -1).replace(/\\(.)/gs, "$1") : raw;
  const wanted = value.toLowerCase();
  if (name === undefined) return (item) => text(item).toLowerCase().includes(wanted);
  const read = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (!read) throw notSimulated(token);
  const prefix = !isQuoted && value.endsWith("*") ? wanted.slice(0, -1) : undefined;
  return (item) =>
    [read(item)].flat().some((found) => {
      if (found === null) return false;
      const known = String(found).toLowerCase();
      if (prefix !== undefined) return known.startsWith(prefix);
      if (comparison === "" || comparison === "=") return known === wanted || order(known, wanted) === 0;
      const sign = order(known, wanted);
      return (comparison.includes("=") && sign === 0) || (comparison.startsWith("<") ? sign < 0 : sign > 0);
    });
}

/** As numbers, as times, or as letters; NaN, which is neither more nor less, where they are not of one kind. */
function order(known: string, wanted: string): number {
  for (const read of [Number, Date.parse]) {
    const [one, other] = [read(known), read(wanted)];
    if (!Number.isNaN(one) && !Number.isNaN(other)) return one - other;
  }
  return known < wanted ? -1 : known > wanted ? 1 : 0;
}

function notSimulated(term: string): GraphQLError {
  return new GraphQLError(`The simulator does not search for ${JSON.stringify(term)}.`, {
    extensions: { code: "NOT_SIMULATED" },
  });
}
