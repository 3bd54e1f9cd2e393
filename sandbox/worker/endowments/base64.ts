import { natives } from "../natives.ts";
import { namedError } from "./coded-error.ts";

const guarded =
  (convert: (text: string) => string, problem: string) =>
  (text: unknown): string => {
    const input = String(text);
    try {
      return convert(input);
    } catch {
      throw namedError("InvalidCharacterError", problem);
    }
  };

export const base64 = {
  atob: guarded(natives.atob, "The text is not base64."),
  btoa: guarded(natives.btoa, "The text holds a character outside Latin-1; encode it first."),
};
