/** An expression to be written. Text stands as it is; everything from a description comes in as {@link quoted} text. */
export type Code = string | Call | ObjectCode | ArrayCode;

interface Call {
  callee: string;
  arguments: Code[];
}

interface ObjectCode {
  entries: Entry[];
}

interface ArrayCode {
  items: Code[];
}

/** A property, or what is spread into the object. */
export type Entry = Property | Spread;

/** Without a value, the name is written alone: `{ name }`. */
interface Property {
  key: string;
  value?: Code;
}

/** `...x`: a kind of its own, since a description may have a property whose name begins like one. */
interface Spread {
  spread: string;
}

const lineWidth = 110;

export const call = (callee: string, ...args: Code[]): Call => ({ callee, arguments: args });
export const object = (entries: Entry[]): ObjectCode => ({ entries });
export const array = (items: Code[]): ArrayCode => ({ items });

/** Writes an expression as formatters do: on one line where it fits, else one part to a line. */
export function print(code: Code, o: { indent: number; column: number; after?: number }): string {
  const after = o.after ?? 1;
  const line = flat(code);
  if (o.column + line.length + after <= lineWidth || typeof code === "string") return line;
  if ("callee" in code) return printCall(code, o.indent, o.column);
  return "items" in code ? printArray(code, o.indent) : printObject(code, o.indent);
}

function printObject({ entries }: ObjectCode, indent: number): string {
  const inner = indent + 2;
  return block(
    "{",
    entries.map((entry) => {
      if ("spread" in entry) return `...${entry.spread}`;
      const { value } = entry;
      const name = keyOf(entry.key);
      if (value === undefined) return name;
      const column = inner + name.length + 2;
      const isTooLong =
        typeof value === "string" && /^["'`]/.test(value) && column + value.length + 1 > lineWidth;
      return isTooLong
        ? `${name}:\n${" ".repeat(inner + 2)}${value}`
        : `${name}: ${print(value, { indent: inner, column })}`;
    }),
    "}",
    indent,
  );
}

function printArray({ items }: ArrayCode, indent: number): string {
  const inner = indent + 2;
  const areNumbers = items.every((item) => typeof item === "string" && /^-?[\d.e+-]+$/.test(item));
  if (areNumbers) return block("[", fillLines(items as string[], inner), "]", indent);
  return block(
    "[",
    items.map((item) => print(item, { indent: inner, column: inner })),
    "]",
    indent,
  );
}

/** Numbers go beside each other. */
function fillLines(items: string[], indent: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last !== undefined && indent + last.length + item.length + 3 <= lineWidth)
      lines.splice(-1, 1, `${last}, ${item}`);
    else lines.push(item);
  }
  return lines;
}

/** The last argument opens at the end of the line where the others leave room for it. */
function printCall({ callee, arguments: args }: Call, indent: number, column: number): string {
  const last = args.at(-1);
  const before = args.slice(0, -1);
  const lead = `${callee}(${before.map((one) => `${flat(one)}, `).join("")}`;
  const canOpen = last !== undefined && typeof last !== "string" && !("callee" in last);
  const isOfOtherKind = before.length === 0 || kindOf(before.at(-1)) !== kindOf(last);
  if (canOpen && isOfOtherKind && column + lead.length + 1 <= lineWidth) {
    const opened = "items" in last ? printArray(last, indent) : printObject(last, indent);
    return `${lead}${opened})`;
  }
  return block(
    `${callee}(`,
    args.map((one) => print(one, { indent: indent + 2, column: indent + 2 })),
    ")",
    indent,
  );
}

const kindOf = (code: Code | undefined): string =>
  code === undefined || typeof code === "string"
    ? "text"
    : "callee" in code
      ? "call"
      : "items" in code
        ? "array"
        : "object";

function block(open: string, lines: string[], close: string, indent: number): string {
  const inner = " ".repeat(indent + 2);
  return `${open}\n${lines.map((line) => `${inner}${line},\n`).join("")}${" ".repeat(indent)}${close}`;
}

function flat(code: Code): string {
  if (typeof code === "string") return code;
  if ("callee" in code) return `${code.callee}(${code.arguments.map(flat).join(", ")})`;
  if ("items" in code) return `[${code.items.map(flat).join(", ")}]`;
  if (code.entries.length === 0) return "{}";
  const entries = code.entries.map((entry) => {
    if ("spread" in entry) return `...${entry.spread}`;
    const name = keyOf(entry.key);
    return entry.value === undefined ? name : `${name}: ${flat(entry.value)}`;
  });
  return `{ ${entries.join(", ")} }`;
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}

/** A text of the description as a literal: it cannot end, and nothing in it is code. */
export function quoted(text: string): string {
  const literal = JSON.stringify(text.toWellFormed())
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
  const inner = literal.slice(1, -1);
  const double = inner.split('\\"').length - 1;
  const single = inner.split("'").length - 1;
  // As formatters have it: the quotes that need fewer escapes.
  if (double <= single) return literal;
  return `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A JSON value as code. */
export function jsonCode(value: unknown): Code {
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return array(value.map(jsonCode));
  if (typeof value === "object" && value !== null)
    return object(Object.entries(value).map(([key, one]) => ({ key, value: jsonCode(one) })));
  return JSON.stringify(value) ?? "null";
}

/** A doc comment; texts are split into lines. */
export function docComment(paragraphs: (string | undefined)[], indent: number): string {
  const lead = " ".repeat(indent);
  const lines = paragraphs
    .filter((one) => one !== undefined)
    .flatMap((text, index) => [...(index > 0 ? [""] : []), ...wrap(text, lineWidth - indent - 3)]);
  const [only, ...more] = lines;
  if (only === undefined) return "";
  if (more.length === 0 && only.length + indent + 7 <= lineWidth) return `${lead}/** ${only} */\n`;
  return `${lead}/**\n${lines.map((line) => `${lead} *${line === "" ? "" : ` ${line}`}\n`).join("")}${lead} */\n`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 1 <= width) lines.splice(-1, 1, `${last} ${word}`);
    else lines.push(word);
  }
  return lines;
}
