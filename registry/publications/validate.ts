import { buffer } from "node:stream/consumers";
import type { Problem } from "@plugboard/plugin-sdk/manifest";
import { type PluginPackage, readPackage } from "@plugboard/plugin-sdk/package";
import { type RegistryStatement, sha256Hex } from "@plugboard/plugin-sdk/trust";
import { openSandbox, type PluginShape } from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { readBlob } from "../blobs/index.ts";
import { addRelease } from "../catalog/index.ts";
import { appendToLog, lockLog } from "../log/index.ts";
import { updateRecord } from "../plugin-index/index.ts";
import { isKeyInUse } from "../publishers/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import type { Trust } from "../trust/index.ts";
import { checks, type Subject } from "./checks/index.ts";
import * as queries from "./queries.ts";

export interface ValidationContext {
  db: RegistryDatabase;
  trust: Trust;
  logger: Logger;
  now: () => Date;
}

/**
 * Runs every check over a stored package and publishes or rejects it. Safe to run twice, also at once: a
 * publication is finished by one and the work of the others is dropped.
 *
 * @throws when a check could not be made; the publication then stays as it is, to be tried again
 */
export async function validatePublication(context: ValidationContext, id: string): Promise<void> {
  const row = await queries.findPublication(context.db, id);
  if (row?.status !== "validating") return;
  const content = await readPackage(await buffer(readBlob(context.db, row.tarball_sha512)));
  const problems = await runChecks(content);
  if (problems.length > 0) await reject(context, row, problems);
  else await release(context, row, content);
}

/** Gives a publication up whose checks could not be made, however often it was tried. */
export async function giveUp(context: ValidationContext, id: string): Promise<void> {
  const row = await queries.findPublication(context.db, id);
  if (row?.status !== "validating") return;
  const message = "The registry could not complete its checks. Publish the same version again later.";
  await reject(context, row, [{ code: "checks-not-completed", pointer: "", message }]);
}

async function runChecks(content: PluginPackage): Promise<Problem[]> {
  const { manifest, mainCode: code } = content;
  const { id, version, permissions } = manifest;
  // A process of its own: what a stranger uploads must not be able to take the registry down with it.
  const plugin = { id, version, code, binary: permissions.binary !== undefined };
  const sandbox = openSandbox(plugin, { isolation: "process" });
  let shape: Promise<PluginShape> | undefined;
  const subject: Subject = {
    content,
    describe() {
      shape ??= sandbox.describe();
      return shape;
    },
  };
  try {
    const problems: Problem[] = [];
    for (const check of checks) problems.push(...(await check.run(subject)));
    return problems;
  } finally {
    await sandbox.close();
  }
}

async function reject(
  context: ValidationContext,
  row: queries.PublicationRow,
  problems: Problem[],
): Promise<void> {
  const { db, logger, now } = context;
  await db.transaction().execute(async (transaction) => {
    if (!(await queries.lockValidating(transaction, row.id))) return;
    const outcome = { status: "rejected", problems: JSON.stringify(problems), finished_at: now() } as const;
    await queries.finishPublication(transaction, row.id, outcome);
  });
  const { id: publication, plugin, version } = row;
  logger.info({ publication, plugin, version, problems: problems.length }, "publication rejected");
}

async function release(
  context: ValidationContext,
  row: queries.PublicationRow,
  content: PluginPackage,
): Promise<void> {
  const { db, trust, logger, now } = context;
  const { id: publication, plugin, version } = row;
  const signedBy = decodeProtectedHeader(row.statement_jws).kid ?? "";
  const isPublished = await db.transaction().execute(async (transaction) => {
    if (!(await queries.lockValidating(transaction, row.id))) return false;
    // Held from here on: the key cannot be retired between this look and the release.
    await lockLog(transaction);
    if (!(await isKeyInUse(transaction, row.publisher, signedBy))) {
      const message = "The key that signed it was retired or revoked meanwhile. Sign it with another.";
      const problems = JSON.stringify([{ code: "publisher-key-unknown", pointer: "", message }]);
      await queries.finishPublication(transaction, row.id, {
        status: "rejected",
        problems,
        finished_at: now(),
      });
      return false;
    }
    const { body } = await appendToLog(transaction, now, "release", ({ seq, at }) => {
      const statement: RegistryStatement = {
        publisherJwsSha256: sha256Hex(row.statement_jws),
        id: plugin,
        version,
        seq,
        publishedAt: at,
        scan: { checks: checks.map(({ name }) => ({ name, result: "pass" })) },
      };
      return trust.sign(transaction, "registry", statement);
    });
    await addRelease(transaction, {
      publicationId: row.id,
      manifest: content.manifest,
      manifestSha512: content.statement.manifestSha512,
      tarball: { sha512: content.sha512, size: content.size },
      files: content.files,
      signedBy,
      statement: decodeJwt<RegistryStatement>(body),
      registryJws: body,
    });
    await updateRecord(transaction, plugin);
    const outcome = { status: "published", problems: "[]", finished_at: now() } as const;
    await queries.finishPublication(transaction, row.id, outcome);
    return true;
  });
  if (!isPublished) return;
  logger.info({ publication, plugin, version }, "publication published");
}
