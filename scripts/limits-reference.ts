import { type Limit, limitGroups } from "../core/kernel/limits/index.ts";

/** docs/limits.md, made from the table that the host reads its settings by. */
export function limitsReference(): string {
  const groups = Object.entries(limitGroups).map(([title, limits]) => `## ${title}\n\n${table(limits)}`);
  return `${[
    "# Limits",
    "<!-- Made by `npm run docs` from the table of limits; a test keeps it equal to it. -->",
    "What plugins may use. `PLUGBOARD_PLUGIN_SETTINGS` names a JSON file that sets them, for all plugins, for those of a publisher, or for one. Of several entries that fit a plugin the most specific counts, limit by limit; what no entry sets is at its default.",
    ["```json", JSON.stringify(example, undefined, 2), "```"].join("\n"),
    "`isolation` is `thread` or `process`; `PLUGBOARD_ISOLATION` counts where the file says nothing. A file with an unknown name, or a value out of its range, stops the start with one line that says where. Limits marked *host* are of all plugins together and stand under `defaults` only.",
    "Whatever is refused or ended with a code counts `plugboard_plugin_limit_reached_total{plugin,limit}`, with the limit's name from here; what has no code is cut off, forgotten or waited for, and nothing fails. The codes stand in [errors.md](errors.md); those that have no page of their own there are what plugin code sees.",
    ...groups,
  ].join("\n\n")}\n`;
}

const example = {
  defaults: { limits: { deadlineMs: 20_000 } },
  plugins: {
    "acme/*": { isolation: "process", limits: { heapBytes: 268_435_456 } },
    "acme/shop": { limits: { storageBytes: 1_048_576, fetchesPerTenant: 16 } },
  },
};

function table(limits: Record<string, Limit>): string {
  return [
    "| limit | default | allowed | code | what it holds |",
    "| --- | --- | --- | --- | --- |",
    ...Object.entries(limits).map(([name, limit]) => {
      const scope = limit.scope === "host" ? " *(host)*" : "";
      const allowed = `${format(limit.min, limit)} to ${format(limit.max, limit)}`;
      const code = limit.code === undefined ? "" : `\`${limit.code}\``;
      return `| \`${name}\`${scope} | ${format(limit.default, limit)} | ${allowed} | ${code} | ${limit.meaning} |`;
    }),
  ].join("\n");
}

const binary = [
  ["GiB", 1024 ** 3],
  ["MiB", 1024 ** 2],
  ["KiB", 1024],
] as const;

function format(value: number, { unit }: Limit): string {
  if (unit === "bytes") {
    const [name, size] = binary.find(([, each]) => value >= each && value % each === 0) ?? ["bytes", 1];
    return `${(value / size).toLocaleString("en-US")} ${name}`;
  }
  const text = value.toLocaleString("en-US");
  return unit === "ms" ? `${text} ms` : text;
}
