/** What authors write where a secret would stand. */
const saysSo =
  /example|placeholder|your[-_ ]?|changeme|change[-_ ]me|dummy|redacted|replace[-_ ]?me|insert[-_ ]|sample|xxxx|\*{4}|\.{3}|…|<[a-z_ -]+>|\$\{|\{\{|%[sd]|localhost|127\.0\.0\.1|user(?:name)?:pass(?:word|wd)?@|:\/\/user:|12345678|abcdefgh/i;

/** Whether a text that has the form of a secret says of itself that it is none. */
export function isPlaceholder(text: string): boolean {
  return saysSo.test(text) || isMonotonous(text);
}

/** `AAAAAAAA`, `01010101`: nobody's key has so few different characters. */
function isMonotonous(text: string): boolean {
  const letters = text.replaceAll(/[^A-Za-z0-9]/g, "");
  return letters.length >= 16 && new Set(letters).size <= 4;
}
