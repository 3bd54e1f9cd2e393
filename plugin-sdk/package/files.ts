import { collisionKey, refusePath } from "./entry-path.ts";
import { PackageError } from "./errors.ts";

/** A file of a package; its path is without the `package/` that it has in the archive. */
export interface PackageFile {
  path: string;
  content: Buffer;
}

/** Collects the paths of a package and refuses the first that must not be in it. */
export function createPathCheck(): (path: string) => void {
  const taken = new Map<string, string>();
  return (path) => {
    const refusal = refusePath(path);
    if (refusal) throw new PackageError("package-unsafe-entry", `Path ${JSON.stringify(path)} ${refusal}`);
    for (const [key, kind] of keysOf(path)) {
      const before = taken.get(key);
      // A folder may hold many files, but is never itself one; and it has one spelling.
      if (before !== undefined && (kind === "file" || before !== kind)) {
        throw new PackageError(
          "package-duplicate-entry",
          `Path ${JSON.stringify(path)} is taken by another entry, if not in the same spelling.`,
        );
      }
      taken.set(key, kind);
    }
  };
}

/** The path itself, and every folder that it makes. */
function keysOf(path: string): [key: string, kind: string][] {
  const segments = path.split("/");
  const folders = segments.slice(0, -1).map((_, index): [string, string] => {
    const folder = segments.slice(0, index + 1).join("/");
    return [collisionKey(folder), `folder ${folder}`];
  });
  return [...folders, [collisionKey(path), "file"]];
}

/** The order of files in a package: by the bytes of their paths. */
export function byPath(left: PackageFile, right: PackageFile): number {
  return Buffer.compare(Buffer.from(left.path), Buffer.from(right.path));
}
