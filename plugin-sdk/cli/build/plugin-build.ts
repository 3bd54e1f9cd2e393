import type { Manifest } from "../../manifest/index.ts";
import type { PackageFile } from "../../package/index.ts";
import type { CliFailure, FailureProblem } from "../failure.ts";
import type { Bundle } from "./bundle.ts";
import type { HardCode, Place } from "./harden.ts";
import type { PluginProject } from "./project.ts";

/** A built plugin. The same sources give the same bytes. */
export interface PluginBuild {
  /** As it is in the package, with `contributes`. */
  manifest: Manifest;
  /** The one script that the sandbox runs. */
  code: string;
  /** Source map of the code, JSON; its paths are relative to the plugin's directory. It stays with the author. */
  map: string;
  /** Where a place in the code comes from. Line and column count from 1. */
  originOf(line: number, column: number): Place;
  files: PackageFile[];
  tarball: Buffer;
  /** Bytes of the code that each source file brings, the largest first. */
  inputs: { path: string; bytes: number }[];
  warnings: FailureProblem[];
}

/** How far a build came. */
export type BuildAttempt = {
  project: PluginProject;
  /** What the code became, if it came that far. */
  hard?: HardCode | undefined;
  /** What may fail in the author's own files. */
  warnings: FailureProblem[];
} & (
  | { built: PluginBuild; from: BuildSource; failure?: undefined }
  | { built?: undefined; from?: undefined; failure: CliFailure }
);

/** What a build was made from, as it was read: two builds from the same by the same tools are the same. */
export interface BuildSource {
  /** Digest of what it was made with, read before anything was made with them; undefined where they cannot be read. */
  tools: string | undefined;
  /** plugin.json. */
  manifestText: string;
  entry: string;
  bundled: Pick<Bundle, "code" | "map">;
}
