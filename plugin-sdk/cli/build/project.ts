import { join } from "node:path";
import {
  checkManifest,
  type HttpMethod,
  type Manifest,
  type Permissions,
  type Problem,
} from "../../manifest/index.ts";
import { CliFailure, type FailureProblem } from "../failure.ts";
import { entryCandidates, firstPresent, readIfPresent } from "./entry.ts";
import { type JsonText, readJsonText } from "./json-places.ts";

/** A plugin's directory, read and checked as far as that goes without running its code. */
export interface PluginProject {
  directory: string;
  /** plugin.json as it was read. */
  text: string;
  /** plugin.json as authored: without `contributes`, which the build adds. Any JSON, if there are problems. */
  authored: { readonly [field: string]: unknown };
  /** As far as plugin.json says them in their form; the code is looked at under these. */
  permissions: Permissions;
  /** The module that default-exports what `definePlugin` returned, relative to the directory. */
  entry: string | undefined;
  /** All that is wrong so far. */
  problems: FailureProblem[];
  /** Says of a problem of plugin.json in which line it is. */
  locate(problem: Problem): FailureProblem;
}

const manifestName = "plugin.json";

/**
 * Reads plugin.json and finds the entry: `source` in package.json, else index.ts or index.js.
 *
 * @throws {CliFailure} when there is no plugin.json at all
 */
export async function readProject(directory: string): Promise<PluginProject> {
  const text = await readIfPresent(join(directory, manifestName));
  if (text === undefined)
    throw new CliFailure(
      "manifest-missing",
      `There is no plugin.json in ${directory}. Run the command in a plugin's directory, or make one with "plugboard init".`,
    );
  const json = readJsonText(manifestName, text);
  const locate = (problem: Problem): FailureProblem => ({
    file: manifestName,
    ...("value" in json && json.placeOf(problem.pointer)),
    ...problem,
  });
  const authored = authoredOf(json);
  const { entry, problems } = await findEntry(directory);
  return {
    directory,
    text,
    authored,
    permissions: permissionsOf(authored),
    entry,
    problems: [
      ...("problem" in json ? [json.problem] : checkManifest(json.value).problems.map(locate)),
      ...problems,
    ],
    locate,
  };
}

function authoredOf(json: JsonText | { problem: FailureProblem }): PluginProject["authored"] {
  return "value" in json && isRecord(json.value) ? json.value : {};
}

/** Those of a manifest that may be wrong elsewhere, or in what they say besides: what can be read counts as asked for. */
function permissionsOf({ permissions, connection }: PluginProject["authored"]): Permissions {
  const { manifest } = checkManifest({
    ...validElsewhere,
    permissions,
    ...(isRecord(connection) && { connection }),
  });
  if (manifest) return manifest.permissions;
  if (!isRecord(permissions)) return {};
  const { network, storage, events, files, binary } = permissions;
  const reason = "";
  return {
    network: listOf(network).map(({ hosts, methods }) => ({
      hosts: textsOf(hosts),
      methods: textsOf(methods) as HttpMethod[],
      reason,
    })),
    ...(storage !== undefined && { storage: { maxBytes: 0, reason } }),
    ...(isRecord(events) && { events: { publish: textsOf(events.publish), reason } }),
    ...(files !== undefined && { files: { reason } }),
    ...(binary !== undefined && { binary: { reason } }),
  };
}

const listOf = (value: unknown) => (Array.isArray(value) ? value.filter(isRecord) : []);

const textsOf = (value: unknown) =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

const validElsewhere: Manifest = {
  id: "any/any",
  version: "1.0.0",
  displayName: "Any",
  description: "Any",
  license: "MIT",
  engines: { plugboard: "^1.0.0" },
  main: "dist/plugin.js",
  permissions: {},
};

async function findEntry(
  directory: string,
): Promise<{ entry: string | undefined; problems: FailureProblem[] }> {
  const text = await readIfPresent(join(directory, "package.json"));
  const json = text === undefined ? undefined : readJsonText("package.json", text);
  if (json && "problem" in json) return { entry: undefined, problems: [json.problem] };
  const source = isRecord(json?.value) ? json.value.source : undefined;
  const candidates = entryCandidates(source);
  const entry = await firstPresent(directory, candidates);
  if (entry !== undefined) return { entry, problems: [] };
  const place = json && typeof source === "string" ? json.placeOf("/source") : {};
  const problem: FailureProblem = {
    code: "entry-missing",
    file: typeof source === "string" ? "package.json" : (candidates[0] ?? ""),
    ...place,
    message: `There is no ${candidates.join(" or ")} here. Write index.ts, or name another file as "source" in package.json.`,
  };
  return { entry: undefined, problems: [problem] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
