import { isDeceptive } from "../manifest/index.ts";

/** Text of the description made fit to be shown: one line, no tags or links, nothing that hides, not too long. */
export function plainText(text: string | undefined, maxLength: number): string | undefined {
  if (text === undefined) return undefined;
  const line = visible(text.slice(0, 20_000).toWellFormed())
    .replace(/<\/?[a-zA-Z][^<>]{0,500}>/g, "")
    .replace(/!?\[([^[\]]{0,300})\]\([^()\s]{0,1000}\)/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
  if (line === "") return undefined;
  if (line.length <= maxLength) return line;
  const cut = line.slice(0, maxLength - 1).toWellFormed();
  const end = Math.max(cut.lastIndexOf(" "), Math.floor(maxLength / 2));
  return `${cut.slice(0, end).trimEnd()}…`;
}

/** The first paragraph of a longer text that is no heading, quotation, table or code. */
export function firstParagraph(text: string | undefined): string | undefined {
  return text
    ?.slice(0, 20_000)
    .split(/\n\s*\n/)
    .find((paragraph) => paragraph.trim() !== "" && !/^\s*[>#|`]/.test(paragraph));
}

function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const spaced = text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, " ");
  return isDeceptive(spaced) ? [...spaced].filter((character) => !isDeceptive(character)).join("") : spaced;
}

/** Text as it may stand in a block comment: it cannot end it, and nothing in it is an order to a compiler or bundler. */
export function commentText(text: string): string {
  return text
    .replaceAll("*/", "*\\/")
    .replace(/@(?=[a-zA-Z_-])/g, "")
    .replace(/#(?=\s*(?:source|__))/gi, "")
    .replace(/^\s*(?=#)/, "");
}

/** Text as it may stand in Markdown: none of it is markup. */
export function markdownText(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~&]/g, "\\$&");
}
