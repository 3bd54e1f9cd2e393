import { GraphQLError } from "graphql";

/**
 * The part of Shopify's search syntax that is simulated: `field:value` and words, all of which must hold
 * (https://shopify.dev/docs/api/usage/search-syntax).
 *
 * @param fields the searchable fields of a resource; a word is looked for in `text`
 * @throws {GraphQLError} for what the simulator does not know, rather than a wrong answer
 */
export function search<Item>(
  all: readonly Item[],
  query: string | null | undefined,
  fields: { [name: string]: (item: Item) => string | readonly string[] },
  text: (item: Item) => string,
): readonly Item[] {
  const terms = (query ?? "").match(/(?:[^\s"':]+:)?(?:"[^"]*"|'[^']*'|\S+)/g) ?? [];
  return terms.reduce<readonly Item[]>((found, term) => {
    const [, name, value = ""] = /^(?:([^\s"':]+):)?["']?(.*?)["']?$/.exec(term) ?? [];
    const wanted = value.toLowerCase();
    if (name === undefined) {
      if (/^(?:OR|AND|NOT)$|^[-(]/.test(term)) throw notSimulated(term);
      return found.filter((item) => text(item).toLowerCase().includes(wanted));
    }
    const read = fields[name];
    if (!read || /[*<>]/.test(value)) throw notSimulated(term);
    return found.filter((item) => [read(item)].flat().some((one) => one.toLowerCase() === wanted));
  }, all);
}

function notSimulated(term: string): GraphQLError {
  return new GraphQLError(`The simulator does not search for ${JSON.stringify(term)}.`, {
    extensions: { code: "NOT_SIMULATED" },
  });
}
