import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { readPackage } from "@plugboard/plugin-sdk/package";
import {
  generateSigningKey,
  type PublisherStatement,
  signStatement,
  statementTypes,
  thumbprint,
} from "@plugboard/plugin-sdk/trust";
import { readOrCreateSecretFile } from "@plugboard/service-kit/crypto";
import type { Logger } from "@plugboard/service-kit/observe";
import type { JWK } from "jose";
import { type RegistryClient, RegistryProblem } from "../client/index.ts";

const publisher = "plugboard";

/** Where `npm run build` puts the packages of the bundled connectors. */
const packages = path.resolve(import.meta.dirname, "../../plugins");

/**
 * Publishes the connectors that come with Plugboard, through the registry's public door: under a publisher whose key
 * is generated in the data directory, signed, checked and scanned like anyone's. What is listed already is left alone.
 */
export async function publishBundledPlugins(options: {
  registry: RegistryClient;
  /** Vouches for a publisher: these plugins come with the registry, so its operator knows whose they are. */
  vouchFor(publisher: string): Promise<void>;
  dataDir: string;
  logger: Logger;
}): Promise<void> {
  const { registry, vouchFor, dataDir, logger } = options;
  const tarballs = globSync("*/dist/*.tgz", { cwd: packages }).map((file) => path.join(packages, file));
  if (tarballs.length === 0) {
    logger.warn("no bundled plugins were found; `npm run build` makes them");
    return;
  }
  const missing = (
    await Promise.all(tarballs.map(async (file) => ((await isListed(registry, file)) ? [] : [file])))
  ).flat();
  const privateJwk = await publisherKey(dataDir);
  if (missing.length > 0) await claimNamespace(registry, privateJwk);
  // Before the first release is fetched by anyone: each carries what was signed of its publisher until then.
  if (await isOurs(registry, privateJwk)) await vouchFor(publisher);
  const releases = await Promise.all(missing.map(readRelease));
  await Promise.all(releases.map((release) => publish(registry, release, privateJwk, logger)));
}

async function publish(
  registry: RegistryClient,
  release: Release,
  privateJwk: JWK,
  logger: Logger,
): Promise<void> {
  const { tarball, statement } = release;
  const { id, version } = statement;
  const signed = await signStatement(statementTypes.publisher, statement, { privateJwk });
  try {
    const publication = await registry.publish({ statement: signed, tarball });
    const outcome = await registry.waitForPublication(publication.id);
    if (outcome.status !== "published") {
      throw new Error(
        `the bundled ${id} ${version} was ${outcome.status}: ${JSON.stringify(outcome.problems)}`,
      );
    }
    logger.info({ plugin: id, version }, "published a bundled plugin");
  } catch (error) {
    const code = error instanceof RegistryProblem ? error.code : undefined;
    // Another host over the same database has published it in this moment.
    if (code === "version-exists") return;
    // Another host's data directory has the key of this namespace. What it published can be installed here as well.
    if (code !== "publisher-key-unknown") throw error;
    logger.warn(
      { plugin: id, version },
      "a bundled plugin is not published: its namespace is another host's",
    );
  }
}

interface Release {
  tarball: Buffer;
  statement: PublisherStatement;
}

async function readRelease(file: string): Promise<Release> {
  const tarball = await readFile(file);
  const { statement } = await readPackage(tarball);
  return { tarball, statement };
}

/** `connector-1.2.0.tgz`, as `plugboard build` calls packages. */
const packageName = /^([a-z][a-z0-9-]*?)-(\d+\.\d+\.\d+.*)\.tgz$/;

/** By the name of the file: at nearly every start all are listed, and reading packages takes longer than the rest of it. */
async function isListed(registry: RegistryClient, file: string): Promise<boolean> {
  const [, name, version] = packageName.exec(path.basename(file)) ?? [];
  if (name === undefined || version === undefined) return false;
  try {
    await registry.getVersion(`${publisher}/${name}`, version);
    return true;
  } catch (error) {
    if (error instanceof RegistryProblem && error.status === 404) return false;
    throw error;
  }
}

async function publisherKey(dataDir: string): Promise<JWK> {
  const { privateJwk } = await generateSigningKey();
  return JSON.parse(
    await readOrCreateSecretFile(path.join(dataDir, "publisher-key.json"), () => JSON.stringify(privateJwk)),
  );
}

/** Somebody else may have taken the name at a registry that knew no bundled plugins; they are not vouched for. */
async function isOurs(registry: RegistryClient, privateJwk: JWK): Promise<boolean> {
  const { keys } = await registry.getPublisher(publisher);
  return keys.includes(await thumbprint(privateJwk));
}

async function claimNamespace(registry: RegistryClient, privateJwk: JWK): Promise<void> {
  const { d: _secret, ...publicJwk } = privateJwk;
  const claim = await signStatement(
    statementTypes.claim,
    { publisher, audience: "plugboard-registry", issuedAt: new Date().toISOString() },
    { privateJwk },
  );
  try {
    await registry.registerPublisher({ publisher, key: publicJwk, claim });
  } catch (error) {
    // Ours from an earlier start; were it another's, publishing would be refused.
    if (!(error instanceof RegistryProblem && error.code === "publisher-taken")) throw error;
  }
}
