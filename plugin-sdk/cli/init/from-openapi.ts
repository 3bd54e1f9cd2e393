import { readFile } from "node:fs/promises";
import type { AuthDeclaration } from "../../manifest/index.ts";
import type { DescriptionErrorCode, GeneratedPlugin } from "../../openapi/index.ts";
import { CliFailure } from "../failure.ts";

export interface FromOpenApiOptions {
  /** A file, JSON or YAML. */
  path: string;
  id: string;
  displayName: string;
  tags: string[];
  paths: string[];
  operations: string[];
  maxActions: number | undefined;
  server: string | undefined;
  /** `bearer`, `basic`, `header:<name>` or `query:<name>`. */
  auth: string | undefined;
}

/** What the generator refuses is refused by the command under the same name, which docs/cli.md explains. */
const codes: { [Code in DescriptionErrorCode]: Code } = {
  "description-malformed": "description-malformed",
  "description-server-unknown": "description-server-unknown",
  "description-unsupported": "description-unsupported",
  "operations-not-found": "operations-not-found",
  "operations-too-many": "operations-too-many",
};

/**
 * Makes a project of the OpenAPI description in a file.
 *
 * @throws {CliFailure} when there is no such file, or no plugin can be made of it
 */
export async function openApiProject(options: FromOpenApiOptions): Promise<GeneratedPlugin> {
  const { id, displayName, tags, paths, operations, maxActions, server } = options;
  const auth = options.auth === undefined ? undefined : parseAuth(options.auth);
  const text = await readDescription(options.path);
  // Slow to load, so only where it is needed.
  const { DescriptionError, generatePlugin, parseDescription } = await import("../../openapi/index.ts");
  try {
    const selection = { tags, paths, operations };
    return generatePlugin(parseDescription(text), { id, displayName, selection, maxActions, server, auth });
  } catch (error) {
    if (!(error instanceof DescriptionError)) throw error;
    throw new CliFailure(codes[error.code], error.message, {
      problems: error.details.map((message) => ({ message })),
      cause: error,
    });
  }
}

async function readDescription(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new CliFailure(
      "description-missing",
      reason === "ENOENT"
        ? `There is no file ${path}. Name one with an OpenAPI description in it; download it first where it is on the web.`
        : `${path} could not be read: ${reason}.`,
    );
  }
}

function parseAuth(text: string): AuthDeclaration {
  if (text === "bearer" || text === "basic") return { type: text };
  const [, place, name] = /^(header|query):(.+)$/.exec(text) ?? [];
  if (place && name) return { type: "apiKey", in: place === "header" ? "header" : "query", name };
  throw new CliFailure(
    "usage",
    `--auth is ${JSON.stringify(text)}; expected bearer, basic, header:<name> or query:<name>.`,
  );
}
