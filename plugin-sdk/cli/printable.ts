/** What steers a terminal or is not seen: controls, line and paragraph separators, and what fonts leave out. */
const unseen =
  /[[\p{Cc}--[\n\t]]\p{Cf}\p{Zl}\p{Zp}[\p{Default_Ignorable_Code_Point}--\p{Variation_Selector}]]/v;

// Each begins with the joiner and looks back from there, so that a long run of marks is not read once for each of them.

/** 👩‍🚒 is two pictographs, each perhaps with its colour, and what joins them. */
const joinsPictographs =
  /\u200d(?<=\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]?\u200d)(?=\p{Extended_Pictographic})/v;

/** Persian and the scripts of India need both joiners. Between our letters they would only make two names look alike. */
const joinsLetters =
  /[\u200c\u200d](?<=[\p{L}--[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}]]\p{M}*.)(?=[\p{L}--[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}]])/v;

/** What belongs to writing is taken first, so that it stays. */
const shown = new RegExp(`${joinsPictographs.source}|${joinsLetters.source}|(${unseen.source})`, "gv");

/**
 * What a registry or a plugin says must not steer the terminal, nor turn a question about: characters that nobody sees,
 * or that reorder the line, are shown as such. Line ends and tabs stay, and what emoji and other scripts need.
 */
export function printable(text: string): string {
  return text.replace(shown, (found, hidden?: string) => (hidden === undefined ? found : "\u{fffd}"));
}

/** The same, on one line: what stands within a line must not begin others, which would look like ours. */
export function printableLine(text: string): string {
  return printable(text.replace(/\s+/g, " ").trim());
}

/** Lines of ours with values in them, each value within its line; our own spacing stays. */
export function unbroken(lines: readonly string[]): string {
  return lines.map((line) => printable(line.replace(/\s*[\n\r\v\f\u0085\u2028\u2029]\s*/g, " "))).join("\n");
}

/** JSON leaves most of these as they are, and a terminal may obey them. Escaped they mean the same. */
const unseenInJson = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** @param indent spaces of each level; on one line without */
export function toJson(value: unknown, indent = 0): string {
  const escaped = (char: string) =>
    char
      .split("") // One beyond the first 65,536 is two of them.
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join("");
  return JSON.stringify(value, null, indent).replace(unseenInJson, escaped);
}
