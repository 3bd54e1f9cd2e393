/** What a registry or a plugin says must not steer the terminal: control characters other than line ends are shown as such. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "\u{fffd}");
}

/** The same, on one line: what stands within a line must not begin others, which would look like ours. */
export function printableLine(text: string): string {
  return printable(text.replace(/\s+/g, " ").trim());
}

/** Lines of ours with values in them, each value within its line; our own spacing stays. */
export function unbroken(lines: readonly string[]): string {
  return lines.map((line) => printable(line.replace(/\s*[\n\r\v\f\u0085\u2028\u2029]\s*/g, " "))).join("\n");
}
