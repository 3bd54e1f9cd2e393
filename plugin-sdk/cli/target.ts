import { CliFailure } from "./failure.ts";
import { checkPluginName, checkPublisher } from "./names.ts";

/** A plugin on the command line, `publisher/name`, or with `@version` or `@range`. */
export interface Target {
  publisher: string;
  /** `publisher/name` */
  plugin: string;
  /** What stood behind the @. */
  version: string | undefined;
}

/** @throws {CliFailure} unless it is `publisher/name` or `publisher/name@…` */
export function parseTarget(text: string): Target {
  const [, publisher = "", name = "", version] = /^([^/@]+)\/([^/@]+)(?:@(.+))?$/.exec(text) ?? [];
  if (!name) throw malformedTarget(text, "publisher/name or publisher/name@1.2.3");
  return { publisher: checkPublisher(publisher), plugin: `${publisher}/${checkPluginName(name)}`, version };
}

/** @throws {CliFailure} unless it is `publisher/name` */
export function parsePlugin(text: string): { publisher: string; plugin: string } {
  const { publisher, plugin, version } = parseTarget(text);
  if (version !== undefined) throw malformedTarget(text, "publisher/name, without a version");
  return { publisher, plugin };
}

export function malformedTarget(text: string, expected: string): CliFailure {
  return new CliFailure("version-malformed", `"${text}" is not what this is about; expected ${expected}.`);
}
