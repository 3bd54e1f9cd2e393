import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface SdkPackage {
  /** The folder of this package: of its sources in the repository, or where it is installed. */
  root: string;
  version: string;
}

/** This very package, wherever it lies; its code is one or more levels below. */
export function findSdkPackage(): SdkPackage {
  for (let root = import.meta.dirname; root !== dirname(root); root = dirname(root)) {
    const found = readPackage(join(root, "package.json"));
    if (found?.name === "@plugboard/plugin-sdk") return { root, version: found.version };
  }
  throw new Error(
    `@plugboard/plugin-sdk is installed without its package.json, above ${import.meta.dirname}`,
  );
}

function readPackage(path: string): { name: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
