import { mistakes } from "../plugin-sdk/cli/mistakes.ts";

/** docs/plugin-authoring.md with the table of mistakes between its two comments. */
export function withMistakes(text: string): string {
  const rows = Object.entries(mistakes).map(
    ([code, { mistake, remedy }]) => `| \`${code}\` | ${mistake} | ${remedy} |`,
  );
  const table = ["| code | mistake | what helps |", "| --- | --- | --- |", ...rows].join("\n");
  return text.replace(
    /(<!-- mistakes -->\n).*?(?=<!-- \/mistakes -->)/s,
    (_, open) => `${open}\n${table}\n\n`,
  );
}
