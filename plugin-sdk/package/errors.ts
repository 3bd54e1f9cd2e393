import type { Problem } from "../manifest/index.ts";

/** Why a package is refused: code and what it means. */
export const packageErrorCodes = {
  "package-too-large": "The package, what it unpacks to, or the number of its files is above the limits.",
  "package-malformed": "The file is not a gzip-compressed tar archive, or is damaged.",
  "package-unsafe-entry": "An entry is not a regular file below package/ with a plain path.",
  "package-duplicate-entry":
    "Two entries have the same path, or would have on a file system that ignores case.",
  "package-not-canonical":
    "The archive holds more than its files, or is not written as `plugboard build` writes it.",
  "manifest-missing": "There is no plugin.json at the top of the package.",
  "manifest-invalid": "plugin.json is not a valid manifest.",
  "main-missing": "The script that plugin.json names as main is not in the package.",
  "main-invalid": "The script that plugin.json names as main is not UTF-8 text.",
} as const;

export type PackageErrorCode = keyof typeof packageErrorCodes;

/** A package is refused. `problems` lists what is wrong inside plugin.json, if that is it. */
export class PackageError extends Error {
  override readonly name = "PackageError";
  readonly code: PackageErrorCode;
  readonly problems: Problem[];
  constructor(
    code: PackageErrorCode,
    message: string,
    options: ErrorOptions & { problems?: Problem[] } = {},
  ) {
    super(message, options);
    this.code = code;
    this.problems = options.problems ?? [];
  }
}
