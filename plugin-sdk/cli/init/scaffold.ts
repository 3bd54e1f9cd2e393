import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { CliFailure } from "../failure.ts";
import { findSdkPackage } from "../package-root.ts";

/** What a template's placeholders become. */
export interface ScaffoldValues {
  PUBLISHER: string;
  NAME: string;
  DISPLAY_NAME: string;
  API_HOST: string;
  SDK: string;
}

export const templates = ["rest-api-key"] as const;
export type Template = (typeof templates)[number];

/**
 * Writes a template's files into an empty or new directory and answers their paths.
 *
 * @throws {CliFailure} when something is there already
 */
export async function scaffold(
  template: Template,
  directory: string,
  values: ScaffoldValues,
): Promise<string[]> {
  if ((await entriesOf(directory)).length > 0)
    throw new CliFailure("directory-not-empty", `${directory} is not empty. Name another with --dir.`);
  const source = join(findSdkPackage().root, "cli", "templates", template);
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const written: string[] = [];
  for (const file of files.sort()) {
    // So that neither npm, when it packs the SDK, nor the SDK's own tests take a template's files for theirs.
    const path = relative(source, file).replace(/\.template$/, "");
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), fill(await readFile(file, "utf8"), values));
    written.push(path);
  }
  return written;
}

/** Values are put in as JSON strings are written, since that is where they stand; the names need no escaping. */
function fill(text: string, values: ScaffoldValues): string {
  return text.replace(/__([A-Z]+(?:_[A-Z]+)*)__/g, (placeholder, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name as keyof ScaffoldValues] : undefined;
    return value === undefined ? placeholder : JSON.stringify(value).slice(1, -1);
  });
}

async function entriesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
