import path from "node:path";
import { type PluginBuild, packPlugin } from "@plugboard/plugin-sdk/cli";
import { publishPackage, type TestPublisher } from "./plugin.ts";

export const fixtureDirectory = (name: string): string =>
  path.resolve(import.meta.dirname, "../fixtures/plugins", name);

/** What was built in this process, since bundling a large SDK takes seconds. */
const built = new Map<string, Promise<PluginBuild>>();

function build(name: string): Promise<PluginBuild> {
  const building = built.get(name) ?? packPlugin({ directory: fixtureDirectory(name) });
  built.set(name, building);
  return building;
}

/** Builds a plugin of test/fixtures as its author would, signs and publishes it. @throws with the registry's problems */
export async function publishFixture(
  registryUrl: string,
  publisher: TestPublisher,
  name: string,
): Promise<void> {
  const { tarball } = await build(name);
  await publishPackage(registryUrl, publisher, tarball);
}
