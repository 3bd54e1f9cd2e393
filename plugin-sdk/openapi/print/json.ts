const lineWidth = 110;

/** JSON as formatters write it: short lists on one line, each member of an object on its own. */
export function printJson(value: unknown, indent = 0, column = 0): string {
  const inner = " ".repeat(indent + 2);
  const end = " ".repeat(indent);
  if (Array.isArray(value)) {
    const line = `[${value.map((one) => JSON.stringify(one)).join(", ")}]`;
    const isPlain = value.every((one) => typeof one !== "object" || one === null);
    if (value.length === 0 || (isPlain && column + line.length < lineWidth)) return line;
    const items = value.map((one) => `${inner}${printJson(one, indent + 2, indent + 2)}`);
    return `[\n${items.join(",\n")}\n${end}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, one]) => one !== undefined);
  if (members.length === 0) return "{}";
  const lines = members.map(([name, one]) => {
    const lead = `${inner}${JSON.stringify(name)}: `;
    return lead + printJson(one, indent + 2, lead.length);
  });
  return `{\n${lines.join(",\n")}\n${end}}`;
}
