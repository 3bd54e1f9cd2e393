const escapes: { [letter: string]: string } = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

/** What a text means that a query has between quotes. @returns undefined where it has an escape that is none */
export function unescaped(written: string): string | undefined {
  let isWrong = false;
  const text = written.replace(escapeSequence, (_, letter: string) => {
    const meant = meaningOf(letter);
    isWrong ||= meant === undefined;
    return meant ?? "";
  });
  return isWrong ? undefined : text;
}

/** What a text of a LIKE stands for, as written: % for whatever, _ for one character, unless a backslash is before them. */
export function likePattern(written: string): RegExp {
  const source = written.replace(/\\(u[0-9A-Fa-f]{4}|[\s\S])|[\s\S]/g, (part, letter: string | undefined) => {
    if (letter === undefined && part === "%") return "[\\s\\S]*";
    if (letter === undefined && part === "_") return "[\\s\\S]";
    const meant = letter === undefined ? part : (meaningOf(letter) ?? letter);
    return meant.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${source}$`, "i");
}

const escapeSequence = /\\(u[0-9A-Fa-f]{4}|[\s\S])/g;

function meaningOf(letter: string): string | undefined {
  if (letter.length > 1) return String.fromCharCode(Number.parseInt(letter.slice(1), 16));
  return letter === "%" || letter === "_" ? letter : escapes[letter.toLowerCase()];
}
