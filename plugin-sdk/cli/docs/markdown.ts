/** A Markdown table; nothing, where there are no rows. */
export function table(head: string[], rows: string[][]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [
    [line(head), line(head.map(() => "---")), ...rows.map((cells) => line(cells.map(cell)))].join("\n"),
  ];
}

/** Text that others wrote, as a cell shows it. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ");
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** Blocks with an empty line between them, and a line end at the end. */
export function page(...blocks: (string | undefined)[]): string {
  return `${blocks.filter((block) => block !== undefined && block !== "").join("\n\n")}\n`;
}
