import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest } from "../../manifest/index.ts";
import type { PackageFile } from "../../package/index.ts";
import { shareSchemas } from "./share-schemas.ts";

/** What goes into a package beside the manifest and the code, where the plugin's directory has it. */
export const companionNames = ["CHANGELOG.md", "LICENSE", "LICENSE.md", "README.md", "icon.png", "icon.webp"];

/** The files of the package: the manifest with `contributes`, the code at the manifest's `main`, the companions. */
export async function packageFiles(o: {
  directory: string;
  manifest: Manifest;
  code: string;
}): Promise<PackageFile[]> {
  return [
    { path: "plugin.json", content: manifestFile(o.manifest) },
    { path: o.manifest.main, content: Buffer.from(o.code) },
    ...(await companionsIn(o.directory)),
    ...(await screenshotsIn(o.directory, o.manifest)),
  ];
}

export async function companionsIn(directory: string): Promise<PackageFile[]> {
  const present = new Set(await readdir(directory));
  const found = companionNames.filter((name) => present.has(name));
  return Promise.all(
    found.map(async (name) => ({ path: name, content: await readFile(join(directory, name)) })),
  );
}

/** Those that plugin.json names and the directory has; of one that is missing, checking the package tells. */
async function screenshotsIn(directory: string, { screenshots = [] }: Manifest): Promise<PackageFile[]> {
  const paths = [...new Set(screenshots.map(({ file }) => file))];
  const read = paths.map(async (path): Promise<PackageFile[]> => {
    const content = await readFile(join(directory, path)).catch(() => undefined);
    return content ? [{ path, content }] : [];
  });
  return (await Promise.all(read)).flat();
}

export function manifestFile(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(shareSchemas(manifest), null, 2)}\n`);
}
