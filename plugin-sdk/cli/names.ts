import { CliFailure } from "./failure.ts";

/** The names that make up a plugin's id, as the manifest's schema has them. */
const publisherPattern = /^[a-z][a-z0-9-]{1,38}$/;
const pluginPattern = /^[a-z][a-z0-9-]{0,63}$/;

/** @throws {CliFailure} */
export function checkPublisher(name: string): string {
  const problem = publisherProblem(name);
  if (problem) throw new CliFailure("publisher-malformed", problem);
  return name;
}

export function publisherProblem(name: string): string | undefined {
  if (publisherPattern.test(name)) return undefined;
  return `"${name}" is not a publisher's name: 2 to 39 lower-case letters, digits and dashes, starting with a letter.`;
}

/** @throws {CliFailure} */
export function checkPluginName(name: string): string {
  const problem = pluginNameProblem(name);
  if (problem) throw new CliFailure("name-malformed", problem);
  return name;
}

export function pluginNameProblem(name: string): string | undefined {
  if (pluginPattern.test(name)) return undefined;
  return `"${name}" is not a plugin's name: up to 64 lower-case letters, digits and dashes, starting with a letter.`;
}

/** `stripe-1.0.0.tgz` for `plugboard/stripe` at 1.0.0. */
export function tarballName({ id, version }: { id: string; version: string }): string {
  return `${id.slice(id.indexOf("/") + 1)}-${version}.tgz`;
}
