import { distance } from "fastest-levenshtein";
import { rectifyConfusion } from "unicode-confusables";

/** Shorter names are near to too many others. */
const oneTypoFrom = 5;
const twoTyposFrom = 10;

/**
 * How one name could be taken for another: the ways in which typosquatting works.
 *
 * @returns the end of a sentence about the first name; undefined if they are far apart, or the same name
 */
export function likeness(name: string, other: string): string | undefined {
  if (name === other) return undefined;
  const [left, right] = [skeleton(name), skeleton(other)];
  if (left === right) return "looks the same";
  if (name.includes("-") && sortedWords(name) === sortedWords(other))
    return "has the same words in another order";
  const length = Math.min(left.length, right.length);
  if (length < oneTypoFrom || Math.abs(left.length - right.length) > 2) return undefined;
  const typos = distance(left, right);
  if (typos === 1) return "differs by one character";
  if (isSwap(left, right)) return "has two characters swapped";
  return typos === 2 && length >= twoTyposFrom ? "differs by two characters" : undefined;
}

/** Whether two texts of people's language look the same. One that is written the same looks most like it. */
export function looksLike(text: string, other: string): boolean {
  return skeleton(text) === skeleton(other);
}

/** Whether letters of scripts that share their shapes stand in one text (UTS 39, mixed-script). */
export function hasMixedScripts(text: string): boolean {
  const scripts = [
    /\p{Script=Latin}/u,
    /\p{Script=Cyrillic}/u,
    /\p{Script=Greek}/u,
    /\p{Script=Armenian}/u,
    /\p{Script=Cherokee}/u,
  ];
  return scripts.filter((script) => script.test(text)).length > 1;
}

function plain(text: string): string {
  return text.normalize("NFKC").toLowerCase().replaceAll(/\s+/g, " ").trim();
}

/** What is left when looks alone count: no hyphens, no case, 0 as o, 1 as l, rn as m. */
function skeleton(text: string): string {
  const letters = plain(text).replaceAll(/[-_.\s]/g, "");
  return rectifyConfusion(letters).toLowerCase();
}

function sortedWords(name: string): string {
  return name.split("-").sort().join("-");
}

function isSwap(left: string, right: string): boolean {
  if (left.length !== right.length) return false;
  const at = [...left].findIndex((character, index) => character !== right[index]);
  return (
    left[at] === right[at + 1] && left[at + 1] === right[at] && left.slice(at + 2) === right.slice(at + 2)
  );
}
