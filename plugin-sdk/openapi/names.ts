/** `repos/listForUser`, `List repos for user` and `GetCustomersCustomer` → words in lower case. */
export function wordsOf(text: string): string[] {
  return text
    .slice(0, 1_000)
    .normalize("NFKD")
    .replace(/\p{M}|['’]/gu, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .map((word) => word.toLowerCase());
}

/** `list-for-user`, as the manifest wants names: of at most 64 characters, beginning with a letter. */
export function kebabCase(text: string, fallback: string): string {
  const name = wordsOf(text).join("-");
  const begun = /^[a-z]/.test(name) ? name : name === "" ? fallback : `${fallback}-${name}`;
  return begun.slice(0, 60).replace(/-+$/, "");
}

export function camelCase(text: string, fallback: string): string {
  const [first = fallback, ...rest] = wordsOf(text);
  const name = [first, ...rest.map(capitalized)].join("").slice(0, 60);
  return /^[a-z]/.test(name) ? name : `${fallback}${capitalized(name)}`;
}

export function pascalCase(text: string, fallback: string): string {
  const name = wordsOf(text).map(capitalized).join("").slice(0, 60);
  return /^[A-Z]/.test(name) ? name : `${fallback}${name}`;
}

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** `sentence-case` → `Sentence case` */
export function titleOf(name: string): string {
  return capitalized(name.replaceAll("-", " "));
}

/** What a module of the plugin cannot call its own: the language's words, globals it uses, and what it imports. */
const taken = new Set(
  `abstract any arguments as async await boolean break case catch class const continue debugger declare default delete do
  else enum eval export extends false finally for from function get if implements import in instanceof interface is let
  module namespace never new null number object of package private protected public require return set static string
  super switch symbol this throw true try type typeof undefined unknown using var void while with yield constructor
  prototype fetch globalThis encodeURIComponent JSON Object Array String Number Boolean Math Promise URL
  URLSearchParams Symbol Map Set Date Error Record
  action entity definePlugin PluginError Type Static Json Uint8Array input output connection cursor limit filter key
  record changes reply response items updatedSince idempotencyKey path query body url headers form actions entities
  requestJson sendRequest readJson withQuery vendorError urlOf formOf headersOf joined multipart sendBytes readBytes
  bytesOf pageByNumber pageByOffset pageByLink skip size api`.split(/\s+/),
);

/** Hands out each name once; the second one who wants it gets `name-2` or `name2`. Always in the same order, so always the same. */
export function createNamer(separator: "" | "-", isTaken: (name: string) => boolean = () => false) {
  const used = new Set<string>();
  return (wanted: string): string => {
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? wanted : `${wanted}${separator}${number}`;
      if (used.has(name.toLowerCase()) || isTaken(name)) continue;
      used.add(name.toLowerCase());
      return name;
    }
  };
}

export const isTakenName = (name: string): boolean => taken.has(name);
