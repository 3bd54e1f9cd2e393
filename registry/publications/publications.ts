import type { Readable } from "node:stream";
import type { Problem } from "@plugboard/plugin-sdk/manifest";
import { newId } from "@plugboard/service-kit/crypto";
import { storeBlob } from "../blobs/index.ts";
import { registryError } from "../errors.ts";
import type { Publishers } from "../publishers/index.ts";
import type { PublicationStatus, RegistryDatabase } from "../tables.ts";
import { acceptStatement } from "./accept-statement.ts";
import * as queries from "./queries.ts";
import { checkTarball, receiveTarball } from "./tarball.ts";
import { createTurns } from "./turns.ts";
import type { ValidationQueue } from "./validation-queue.ts";

export interface Publication {
  id: string;
  status: PublicationStatus;
  plugin: string;
  version: string;
  /** Why it was rejected: everything that was found, not the first alone. */
  problems: Problem[];
  createdAt: string;
  finishedAt: string | null;
}

export interface Publications {
  /**
   * Takes a signed package in. Nothing of the tarball is read before the statement's signature is verified, and
   * nothing is kept of a package that is not what the statement says. Validation goes on afterwards.
   *
   * @param upload.statement the publisher's compact JWS
   * @param upload.tarball the bytes as they arrive
   * @throws what `acceptStatement`, `receiveTarball` and `checkTarball` throw, and `version-exists`
   */
  publish(upload: { statement: string; tarball: Readable }): Promise<Publication>;
  /** @throws `publication-not-found` */
  get(id: string): Promise<Publication>;
}

export function createPublications(options: {
  db: RegistryDatabase;
  publishers: Publishers;
  validation: Pick<ValidationQueue, "enqueue">;
  now: () => Date;
}): Publications {
  const { db, publishers, validation, now } = options;
  const inTurn = createTurns();

  return {
    async publish({ statement: jws, tarball }) {
      const { publisher, statement } = await acceptStatement(publishers, jws);
      const { id: plugin, version } = statement;
      if (await queries.findOccupant(db, plugin, version)) throw versionExists(plugin, version);

      const bytes = await receiveTarball(tarball, statement);
      // Packed it is 20 MiB at most, unpacked five times that: one at a time keeps a process within its memory.
      await inTurn(() => checkTarball(bytes, statement));
      const row = await db.transaction().execute(async (transaction) => {
        await storeBlob(transaction, statement.sha512, bytes);
        const inserted = await queries.insertPublication(transaction, {
          id: newId("pub"),
          publisher,
          plugin,
          version,
          statement_jws: jws,
          tarball_sha512: statement.sha512,
          created_at: now(),
        });
        // Of two at once, the database lets one through; for the other nothing is kept.
        if (!inserted) throw versionExists(plugin, version);
        await validation.enqueue(transaction, inserted.id);
        return inserted;
      });
      return toPublication(row);
    },
    async get(id) {
      const row = await queries.findPublication(db, id);
      if (!row) throw registryError("publication-not-found", `There is no publication "${id}".`);
      return toPublication(row);
    },
  };
}

function versionExists(plugin: string, version: string) {
  return registryError(
    "version-exists",
    `${plugin} ${version} was published before and stays as it is. Raise the version.`,
  );
}

function toPublication(row: queries.PublicationRow): Publication {
  return {
    id: row.id,
    status: row.status,
    plugin: row.plugin,
    version: row.version,
    problems: row.problems,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
