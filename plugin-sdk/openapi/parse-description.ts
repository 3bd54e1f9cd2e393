import { parse } from "yaml";
import { DescriptionError } from "./description-error.ts";
import { type Fields, isFields, textAt } from "./value.ts";

/** GitHub's, one of the largest there are, has 13 MB. */
const maxLength = 64 * 1024 * 1024;

/** Anchors that are used more often than this are taken for an attack; descriptions repeat themselves with `$ref`. */
const maxAliases = 1_000;

/**
 * Reads an OpenAPI description of version 3.0 or 3.1, written in JSON or YAML. What it says is data and stays data.
 *
 * @throws {DescriptionError} when it is neither, or of another version
 */
export function parseDescription(text: string): Fields {
  if (text.length > maxLength)
    throw malformed(`has ${text.length} characters; at most ${maxLength} are read. Take a part of it.`);
  const document = /^\s*\{/.test(text) ? parseJson(text) : parseYaml(text);
  if (!isFields(document)) throw malformed("is not an object; expected an OpenAPI description.");
  checkVersion(document);
  return document;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // A flow mapping of YAML begins with a brace, too.
    if (error instanceof SyntaxError) return parseYaml(text, error);
    throw error;
  }
}

function parseYaml(text: string, jsonError?: SyntaxError): unknown {
  try {
    return parse(text, { maxAliasCount: maxAliases, merge: true, logLevel: "error", prettyErrors: true });
  } catch (error) {
    const reason = jsonError ?? error;
    throw malformed(`could not be read: ${reason instanceof Error ? firstLine(reason.message) : reason}`);
  }
}

function checkVersion(document: Fields): void {
  const version = textAt(document, "openapi");
  if (version !== undefined && /^3\.[01]\./.test(version)) return;
  if (document.swagger !== undefined)
    throw new DescriptionError(
      "description-unsupported",
      'The description is of Swagger 2.0; expected OpenAPI 3.0 or 3.1. Convert it first, such as with "npx swagger2openapi --outfile openapi.json swagger.json".',
    );
  throw new DescriptionError(
    "description-unsupported",
    version === undefined
      ? 'The file has no member "openapi"; expected an OpenAPI description of version 3.0 or 3.1.'
      : `The description is of OpenAPI ${JSON.stringify(version).slice(0, 20)}; expected 3.0 or 3.1.`,
  );
}

function malformed(problem: string): DescriptionError {
  return new DescriptionError("description-malformed", `The description ${problem}`);
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";
