/** What a registry or a plugin says must not steer the terminal: control characters other than line ends are shown as such. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "\u{fffd}");
}
