import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Contributes, Permissions } from "@plugboard/plugin-sdk/manifest";
import { packPackage, readPackage } from "@plugboard/plugin-sdk/package";
import { generateSigningKey, signStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import { createRegistryClient } from "@plugboard/registry/client";

const anyInput = { type: "object" };
const anything = {};

export interface TestAction {
  /** The body of `async run({ input, fetch, files, storage, events, log, connection, signal })`, as JavaScript. */
  run: string;
  input?: object;
  output?: object;
}

/** The body of `async run({ input, storage, events, log, signal })`, as JavaScript. */
export type TestHook = string | { order: "early" | "normal" | "late"; run: string };

export interface TestPlugin {
  id: string;
  version?: string;
  actions?: Record<string, TestAction>;
  hooks?: Record<string, TestHook>;
  /** What else it offers: what stands in plugin.json, and the same in the code, as JavaScript members such as `entities: { … }`. */
  offers?: { contributes: Omit<Contributes, "actions" | "hooks">; code: string };
  permissions?: Permissions;
  /** Fields of plugin.json that differ from the plain ones. */
  manifest?: Record<string, unknown>;
  /** What the package holds besides. */
  files?: { path: string; content: Buffer }[];
}

export interface SignedRelease {
  statement: string;
  tarball: Buffer;
}

export interface TestPublisher {
  name: string;
  privateJwk: Awaited<ReturnType<typeof generateSigningKey>>["privateJwk"];
}

/** The text of `dist/plugin.js`, as `plugboard build` would write it. */
function codeOf({ actions = {}, hooks = {}, offers }: TestPlugin): string {
  const actionEntries = Object.entries(actions).map(
    ([name, { run, input = anyInput, output = anything }]) =>
      `${JSON.stringify(name)}: { kind: "action", title: ${JSON.stringify(name)},
        input: ${JSON.stringify(input)}, output: ${JSON.stringify(output)},
        async run({ input, fetch, files, storage, events, log, connection, signal }) { ${run} } }`,
  );
  const hookEntries = Object.entries(hooks).map(([name, hook]) => {
    const { order, run } = typeof hook === "string" ? { order: "normal", run: hook } : hook;
    return `${JSON.stringify(name)}: { order: "${order}", async run({ input, fetch, storage, events, log, signal }) { ${run} } }`;
  });
  return `module.exports.default = { actions: { ${actionEntries.join(",\n")} }, hooks: { ${hookEntries.join(",\n")} }, ${offers?.code ?? ""} };`;
}

function manifestOf(plugin: TestPlugin): Record<string, unknown> {
  const { id, version = "1.0.0", actions = {}, hooks = {}, permissions = {}, manifest = {} } = plugin;
  const contributedHooks = Object.entries(hooks).map(([name, hook]) => ({
    name,
    ...(typeof hook === "object" && { order: hook.order }),
  }));
  return {
    id,
    version,
    displayName: id,
    description: `A plugin for tests: ${id}.`,
    categories: ["testing"],
    keywords: [],
    license: "MIT",
    engines: { plugboard: "^1.0.0" },
    main: "dist/plugin.js",
    permissions,
    auth: [{ type: "apiKey", in: "header", name: "Authorization", format: "Bearer {key}" }],
    pricing: { model: "free" },
    contributes: {
      actions: Object.fromEntries(
        Object.entries(actions).map(([name, { input = anyInput, output = anything }]) => [
          name,
          { title: name, input, output },
        ]),
      ),
      ...(contributedHooks.length > 0 && { hooks: contributedHooks }),
      ...plugin.offers?.contributes,
    },
    ...manifest,
  };
}

/** Packs a plugin without the SDK's build, so that a test can hold whatever an attacker would write. */
export async function packTestPlugin(plugin: TestPlugin): Promise<Buffer> {
  return packPackage([
    { path: "plugin.json", content: Buffer.from(JSON.stringify(manifestOf(plugin))) },
    { path: "dist/plugin.js", content: Buffer.from(codeOf(plugin)) },
    ...(plugin.files ?? []),
  ]);
}

export async function registerPublisher(registryUrl: string, name: string): Promise<TestPublisher> {
  const { privateJwk, publicJwk } = await generateSigningKey();
  const claim = await signStatement(
    statementTypes.claim,
    { publisher: name, audience: "plugboard-registry", issuedAt: new Date().toISOString() },
    { privateJwk },
  );
  await createRegistryClient({ baseUrl: registryUrl, timeoutMs: 60_000 }).registerPublisher({
    publisher: name,
    key: publicJwk,
    claim,
  });
  return { name, privateJwk };
}

export async function signRelease(publisher: TestPublisher, tarball: Buffer): Promise<SignedRelease> {
  const { statement } = await readPackage(tarball);
  return { tarball, statement: await signStatement(statementTypes.publisher, statement, publisher) };
}

/** Publishes and waits until the plugin can be installed. @throws with the registry's problems */
export async function publishTestPlugin(
  registryUrl: string,
  publisher: TestPublisher,
  plugin: TestPlugin,
): Promise<void> {
  await publishPackage(registryUrl, publisher, await packTestPlugin(plugin));
}

/** @throws with the registry's problems */
export async function publishPackage(
  registryUrl: string,
  publisher: TestPublisher,
  tarball: Buffer,
): Promise<void> {
  const client = createRegistryClient({ baseUrl: registryUrl, timeoutMs: 60_000 });
  const publication = await client.publish(await signRelease(publisher, tarball));
  const { status, problems, id } = await client.waitForPublication(publication.id);
  if (status !== "published") throw new Error(`${id}: ${JSON.stringify(problems)}`);
}

/** Publishes one of the connectors that come with Plugboard, as `npm run build` made it: a host takes seconds for all of them. */
export async function publishConnector(registryUrl: string, name: string): Promise<void> {
  const [file = ""] = globSync(path.resolve(import.meta.dirname, "../../plugins", name, "dist/*.tgz"));
  await publishPackage(registryUrl, await registerPublisher(registryUrl, "plugboard"), await readFile(file));
}
