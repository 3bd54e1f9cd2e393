import { natives } from "./natives.ts";

/** `file:line`, the line and a mark under the place: what V8 prepends to the stack of what it cannot parse. */
const PLACE = /^[^\n]*:(\d+)\n([^\n]*)\n/;
const MAX_LINE = 200;

/**
 * Where V8 stopped reading, since its message alone does not tell: ` (line 3: "let x = ;")`. Only parses; empty when
 * the code can be parsed, as when SES refused it for another reason.
 */
export function placeOfSyntaxError(code: string): string {
  try {
    new natives.Script(code, { filename: "plugin" });
    return "";
  } catch (error) {
    const found = error instanceof SyntaxError ? PLACE.exec(String(error.stack)) : null;
    return found ? ` (line ${found[1]}: ${JSON.stringify(found[2]?.trim().slice(0, MAX_LINE))})` : "";
  }
}
