import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { brotliDecompressSync } from "node:zlib";
import {
  type GeneratedPlugin,
  type GenerateOptions,
  generatePlugin,
  parseDescription,
} from "../../openapi/index.ts";

/** A published description, see descriptions/README.md. */
export async function readDescription(name: "github" | "stripe" | "digitalocean") {
  const path = join(import.meta.dirname, "descriptions", `${name}.json.br`);
  return parseDescription(brotliDecompressSync(await readFile(path)).toString("utf8"));
}

/** A plugin of a description that is written in the test. */
export function generate(
  description: object | string,
  options: Partial<GenerateOptions> = {},
): GeneratedPlugin {
  const text = typeof description === "string" ? description : JSON.stringify(description);
  return generatePlugin(parseDescription(text), { id: "acme/shop", displayName: "Shop", ...options });
}

/** A description with these paths and whatever else. */
export function described(paths: object, more: object = {}): object {
  return {
    openapi: "3.0.3",
    info: { title: "Shop", version: "1" },
    servers: [{ url: "https://api.shop.test/v1" }],
    paths,
    ...more,
  };
}

/** What a file of a plugin says; a mistake in its path fails the test. */
export function textOf(plugin: GeneratedPlugin, path: string): string {
  const file = plugin.files.find((one) => one.path === path);
  if (!file)
    throw new Error(`There is no ${path}; there are ${plugin.files.map((one) => one.path).join(", ")}.`);
  return file.content;
}

/** A folder with plugins in it, where the SDK is found as an author finds it. */
export async function writePlugins(
  t: TestContext,
  plugins: { [name: string]: GeneratedPlugin },
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "plugboard-openapi-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  await mkdir(join(root, "node_modules", "@plugboard"), { recursive: true });
  await symlink(
    join(import.meta.dirname, "..", ".."),
    join(root, "node_modules", "@plugboard", "plugin-sdk"),
  );
  await symlink(
    join(import.meta.dirname, "..", "..", "..", "node_modules", "@types"),
    join(root, "node_modules", "@types"),
  );
  for (const [name, { files }] of Object.entries(plugins)) {
    for (const { path, content } of [...files, { path: "package.json", content: '{"type":"module"}' }]) {
      await mkdir(dirname(join(root, name, path)), { recursive: true });
      await writeFile(join(root, name, path), content);
    }
  }
  return root;
}
