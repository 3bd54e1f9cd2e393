import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest } from "../../manifest/index.ts";
import type { PackageFile } from "../../package/index.ts";

/** What goes into a package beside the manifest and the code, where the plugin's directory has it. */
const companions = ["CHANGELOG.md", "LICENSE", "LICENSE.md", "README.md", "icon.png", "icon.webp"];

/** The files of the package: the manifest with `contributes`, the code at the manifest's `main`, the companions. */
export async function packageFiles(o: {
  directory: string;
  manifest: Manifest;
  code: string;
}): Promise<PackageFile[]> {
  const present = new Set(await readdir(o.directory));
  const found = companions.filter((name) => present.has(name));
  return [
    { path: "plugin.json", content: manifestFile(o.manifest) },
    { path: o.manifest.main, content: Buffer.from(o.code) },
    ...(await Promise.all(
      found.map(async (name) => ({ path: name, content: await readFile(join(o.directory, name)) })),
    )),
  ];
}

export function manifestFile(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
}
