import { type ExportedName, readExports } from "../plugin-sdk/scripts/exports.ts";

/** The doors that authors import from, and what for. */
const doors = [
  ["@plugboard/plugin-sdk", "index.ts", "What a plugin is written with."],
  ["@plugboard/plugin-sdk/testing", "testing/index.ts", "What it is tested with."],
] as const;

/** docs/sdk-reference.md: every name that authors can import, as its own source documents it. */
export async function sdkReference(): Promise<string> {
  const read = doors.map(async ([specifier, entry, purpose]) => {
    const names = await readExports(entry);
    return {
      specifier,
      purpose,
      values: names.filter(({ isValue }) => isValue),
      types: names.filter(({ isValue }) => !isValue),
    };
  });
  const rooms = await Promise.all(read);
  const anchors = anchorsOf(rooms.flatMap(({ values, types }) => [...values, ...types]));
  const parts = rooms.flatMap(({ specifier, purpose, values, types }) => [
    `## ${specifier}`,
    purpose,
    ...[values, types].map((names) => names.map(({ name }) => linkTo(name, anchors)).join(" · ")),
    ...[...values, ...types].map((one) => describe(one, anchors)),
  ]);
  return `${[
    "# The SDK, name by name",
    "Made from the sources by `npm run docs`. How a plugin is written stands in [plugin-authoring.md](plugin-authoring.md).",
    ...parts,
  ].join("\n\n")}\n`;
}

type Anchors = ReadonlyMap<string, string>;

/** As GitHub makes them of headings: in lower case, and of what is the same then the second gets a number. */
function anchorsOf(names: ExportedName[]): Anchors {
  const taken = new Map<string, number>();
  return new Map(
    names.map(({ name }) => {
      const plainName = name.toLowerCase();
      const before = taken.get(plainName) ?? 0;
      taken.set(plainName, before + 1);
      return [name, before === 0 ? plainName : `${plainName}-${before}`];
    }),
  );
}

const linkTo = (name: string, anchors: Anchors) => `[\`${name}\`](#${anchors.get(name) ?? ""})`;

function describe({ name, comment, signature }: ExportedName, anchors: Anchors): string {
  /** Lists keep their lines. */
  const plain = (text: string) =>
    text
      .trim()
      .replace(/\n(?!\n|- )/g, " ")
      .replace(/\{@link (\w+)\}/g, (_, linked: string) => linkTo(linked, anchors));
  const [text = "", ...tags] = comment.split(/^(?=@)/m);
  const said = tags.map((tag) => {
    const [, kind = "", rest = ""] = /^@(\w+)\s*(.*)$/s.exec(tag) ?? [];
    return kind === "example" ? fenced(rest.trim()) : `*${kind}* ${plain(rest)}`;
  });
  return [`### ${name}`, plain(text), fenced(signature), ...said].filter((part) => part !== "").join("\n\n");
}

const fenced = (code: string) => `\`\`\`ts\n${code}\n\`\`\``;
