const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_BRACKET, OPEN_BRACE] = [0x5b, 0x7b];
/** From so many bytes of text on its end is looked for by Node, which costs a call and is then much faster. */
const NEAR_BYTES = 32;

/**
 * Whether a JSON text has more arrays, objects and elements than `max`, told without parsing it: three bytes of text (`{},`)
 * become sixty in memory. What is no JSON is counted as if it were.
 */
export function hasMorePartsThan(json: Buffer, max: number): boolean {
  let parts = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) at = endOfText(json, at + 1);
    else if (byte === COMMA || byte === OPEN_BRACKET || byte === OPEN_BRACE) parts += 1;
    if (parts > max) return true;
  }
  return false;
}

/** Where the quote stands that ends the text which begins at `from`. */
function endOfText(json: Buffer, from: number): number {
  let at = from;
  for (;;) {
    for (const far = at + NEAR_BYTES; at < far; at += 1) {
      if (json[at] === QUOTE) return at;
      if (json[at] === BACKSLASH) at += 1;
    }
    const quote = json.indexOf(QUOTE, at);
    if (quote < 0) return json.length;
    let slashes = 0;
    while (quote - slashes > at && json[quote - slashes - 1] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote;
    at = quote + 1;
  }
}
