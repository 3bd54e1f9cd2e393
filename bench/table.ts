import type { Row } from "./row.ts";

/** Prints rows as a Markdown table, so that docs/performance.md can hold exactly what was seen. */
export function printTable(title: string, rows: Row[]): void {
  console.log(`\n## ${title}\n`);
  console.log("| what | value | ratio | goal |\n| --- | ---: | ---: | --- |");
  for (const { what, value, unit, ratio, goal } of rows) {
    const cells = [what, `${format(value)} ${unit}`, ratio === undefined ? "" : ratio.toFixed(2), goal ?? ""];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

function format(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(Math.abs(value) < 1 ? 3 : 1);
}
