import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import {
  type RegistryClient,
  ReleaseError,
  type ReleaseSignatures,
  type VerifiedRelease,
  verifyRelease,
} from "@plugboard/registry/client";
import type { Logger } from "@plugboard/service-kit/observe";
import { coreError } from "../../errors.ts";
import type { ReleaseName } from "./active-plugins.ts";
import { isCode } from "./install.ts";
import { asCoreError } from "./registry-problems.ts";
import { type RegistryTrust, releaseBlocked } from "./trust/index.ts";

/**
 * The releases this host has: a local copy of tarball and signatures, so that it runs on when the registry is down.
 * The copy is not trusted for lying here: the whole chain is verified each time a release is loaded.
 */
export interface ReleaseStore {
  /** @throws `release-not-trusted`, `release-blocked`, `registry-not-trusted`, `registry-unavailable`, `plugin-not-found` */
  load(release: ReleaseName): Promise<VerifiedRelease>;
}

interface Release {
  tarball: Buffer;
  signatures: ReleaseSignatures;
}

export function createReleaseStore(options: {
  dataDir: string;
  registry: Pick<RegistryClient, "getTarball" | "getSignatures">;
  trust: Pick<RegistryTrust, "onlineKeys" | "requireCurrent" | "refuseBlocked">;
  logger: Logger;
}): ReleaseStore {
  const { registry, trust, logger } = options;
  const directory = path.join(options.dataDir, "releases");

  const tarballPath = (digest: string) => path.join(directory, `${digest}.tgz`);
  const signaturesPath = (digest: string) => path.join(directory, `${digest}.signatures.json`);

  async function readLocal(digest: string): Promise<Release | undefined> {
    try {
      const [tarball, signatures] = await Promise.all([
        readFile(tarballPath(digest)),
        readFile(signaturesPath(digest), "utf8"),
      ]);
      const parsed: unknown = JSON.parse(signatures);
      // What stands in the object is for the verification to judge.
      return isObject(parsed) ? { tarball, signatures: parsed as ReleaseSignatures } : undefined;
    } catch (error) {
      // Missing or cut short by a crash: the registry has it whole.
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT")
        return undefined;
      throw error;
    }
  }

  async function download(release: ReleaseName): Promise<Release> {
    try {
      const [tarball, signatures] = await Promise.all([
        registry.getTarball(release.plugin, release.version, release.tenantId),
        registry.getSignatures(release.plugin, release.version, release.tenantId),
      ]);
      return { tarball, signatures };
    } catch (error) {
      throw asCoreError(error, release.plugin);
    }
  }

  async function keep(digest: string, release: Release): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await writeWhole(tarballPath(digest), release.tarball);
    await writeWhole(signaturesPath(digest), JSON.stringify(release.signatures));
  }

  async function verify(name: ReleaseName, release: Release): Promise<VerifiedRelease> {
    return verifyRelease({
      ...release,
      trust: { onlineKeys: await trust.onlineKeys() },
      expected: { id: name.plugin, version: name.version, sha512: name.tarballSha512 },
    });
  }

  async function fetchVerified(name: ReleaseName, get: () => Promise<Release>) {
    for (let run = 1; ; run++) {
      const release = await get();
      const verified = await verify(name, release).catch((error) => {
        throw error instanceof ReleaseError ? refused(name, error) : error;
      });
      try {
        // A local copy is of the time when it was fetched; what is fetched now has to be of now.
        await trust.requireCurrent(verified.checkpoint);
        return { release, verified };
      } catch (error) {
        // Somebody else's refresh may have overtaken the answer on its way.
        if (!isCode(error, "registry-not-trusted") || run === mostFetches) throw error;
      }
    }
  }

  /**
   * What a copy says of its publisher is of the time when it was fetched. Where it vouches for the publisher, whose code
   * then runs in this process, the registry is asked whether it still does. One that does not answer leaves it at that.
   */
  async function withBadgeOfNow(
    name: ReleaseName,
    { tarball }: Release,
    verified: VerifiedRelease,
  ): Promise<VerifiedRelease> {
    const asking = fetchVerified(name, async () => ({
      tarball,
      signatures: await registry.getSignatures(name.plugin, name.version, name.tenantId),
    }));
    const now = await withinMs(mostAskingMs, asking).catch((error) => {
      if (isCode(error, "release-blocked")) throw error;
      logger.warn(
        { ...name, err: error },
        "the registry does not say whether it still vouches for a publisher; its copy does",
      );
    });
    if (!now) return verified;
    await keep(name.tarballSha512, now.release);
    return now.verified;
  }

  return {
    async load(name) {
      // What is known of the registry is read before anything is held against it.
      await trust.onlineKeys();
      trust.refuseBlocked(name);
      const local = await readLocal(name.tarballSha512);
      if (local) {
        const verified = await verify(name, local).catch((error) => {
          if (!(error instanceof ReleaseError)) throw error;
          // A copy that does not verify is not run; a fresh one from the registry has to prove itself as well.
          logger.error(
            { ...name, err: error },
            "the local copy of a release does not verify; fetching it again",
          );
        });
        if (verified?.publisherVerified) return withBadgeOfNow(name, local, verified);
        if (verified) return verified;
      }
      const { release, verified } = await fetchVerified(name, () => download(name));
      await keep(name.tarballSha512, release);
      return verified;
    },
  };
}

/** A release that is overtaken by publications while it is fetched is fetched again, so often. */
const mostFetches = 3;

/** A registry that is slow must not keep what is installed from starting. */
const mostAskingMs = 3_000;

async function withinMs<T>(ms: number, work: Promise<T>): Promise<T> {
  const tooLate = new AbortController();
  try {
    return await Promise.race([
      work,
      setTimeout(ms, undefined, { signal: tooLate.signal, ref: false }).then(() => {
        throw new Error(`There was no answer within ${ms} ms.`);
      }),
    ]);
  } finally {
    tooLate.abort();
    // Nobody waits for it any more.
    work.catch(() => {});
  }
}

function refused(name: ReleaseName, cause: ReleaseError) {
  if (cause.part === "blocked") return releaseBlocked(name, cause.message);
  return coreError(
    "release-not-trusted",
    `${name.plugin} ${name.version} did not verify, so it is neither installed nor run: ${cause.message}`,
    {},
    { cause },
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Writes beside and renames, so that a reader (or the next start) never meets half a file. */
async function writeWhole(file: string, content: Buffer | string): Promise<void> {
  const beside = `${file}.${randomBytes(6).toString("hex")}`;
  await writeFile(beside, content, { mode: 0o600, flush: true });
  await rename(beside, file);
}
