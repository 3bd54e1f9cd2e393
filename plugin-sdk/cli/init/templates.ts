import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { findSdkPackage } from "../package-root.ts";
import type { ProjectFile } from "./write-project.ts";

/** What a new plugin can start from, and what it is called where a person chooses. */
export const templateTitles = {
  "rest-api-key": "a REST API with an API key",
  "rest-oauth2": "a REST API with OAuth 2",
  webhooks: "an API that sends webhooks",
  graphql: "a GraphQL API",
} as const;

export type TemplateName = keyof typeof templateTitles;

export const templateNames = Object.keys(templateTitles) as TemplateName[];

/** What a template's placeholders become. */
export interface TemplateValues {
  PUBLISHER: string;
  NAME: string;
  DISPLAY_NAME: string;
  API_HOST: string;
  SDK: string;
}

/** A template's files, and those that all projects have, filled in. */
export async function templateProject(
  template: TemplateName | undefined,
  values: TemplateValues,
): Promise<ProjectFile[]> {
  const root = join(findSdkPackage().root, "cli", "templates");
  const folders = ["common", ...(template === undefined ? [] : [template])];
  const files = await Promise.all(folders.map((folder) => readFolder(join(root, folder), values)));
  return files.flat();
}

async function readFolder(folder: string, values: TemplateValues): Promise<ProjectFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return {
          // So that neither npm, when it packs the SDK, nor the SDK's own tests take a template's files for theirs.
          path: relative(folder, path).replace(/\.template$/, ""),
          content: fill(await readFile(path, "utf8"), values),
        };
      }),
  );
}

/** Values are put in as JSON strings are written, since that is where they stand; the names need no escaping. */
function fill(text: string, values: TemplateValues): string {
  return text.replace(/__([A-Z]+(?:_[A-Z]+)*)__/g, (placeholder, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name as keyof TemplateValues] : undefined;
    return value === undefined ? placeholder : JSON.stringify(value).slice(1, -1);
  });
}
