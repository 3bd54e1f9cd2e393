import type { Readable } from "node:stream";
import type { PublisherStatement } from "@plugboard/plugin-sdk/trust";
import { newId } from "@plugboard/service-kit/crypto";
import { admitArrival } from "../arrivals/index.ts";
import { storeBlob } from "../blobs/index.ts";
import { registryError } from "../errors.ts";
import type { AdmitSigned } from "../members/index.ts";
import { audienceOf } from "../private-plugins/index.ts";
import type { Publishers } from "../publishers/index.ts";
import type { Finding } from "../scanning/index.ts";
import { listScans, type SavedScan } from "../scans/index.ts";
import type { PublicationDecision, PublicationStatus } from "../tables.ts";
import { acceptStatement } from "./accept-statement.ts";
import { type Decision, decideQuarantined } from "./decide.ts";
import { refuseTooMany, type UploadLimits } from "./limits.ts";
import type { ProcessingContext } from "./process-publication.ts";
import type { PublicationQueue } from "./publication-queue.ts";
import * as queries from "./queries.ts";
import { checkTarball, receiveTarball } from "./tarball.ts";
import { createTurns } from "./turns.ts";
import { createUploadRoom } from "./upload-room.ts";
import { withdraw } from "./withdraw.ts";

export interface Publication {
  id: string;
  status: PublicationStatus;
  publisher: string;
  plugin: string;
  version: string;
  /** Why it was rejected or is in quarantine: everything that was found, not the first alone. */
  problems: Finding[];
  /** What was found and hinders nothing. */
  notes: Finding[];
  /** What somebody decided about it, where the scanners did not. */
  decision: PublicationDecision | null;
  createdAt: string;
  finishedAt: string | null;
}

export interface Publications {
  /**
   * Takes a signed package in. Nothing of the tarball is read before the statement's signature is verified, and
   * nothing is kept of a package that is not what the statement says. The rest goes on afterwards.
   *
   * @param upload.statement the publisher's compact JWS
   * @param upload.tarball the bytes as they arrive
   * @param upload.token of a member, where the publisher asks for one besides
   * @throws `unauthorized`, `not-a-member`, `forbidden`, what `acceptStatement`, `receiveTarball` and `checkTarball` throw, `private-needs-tenant`, `visibility-fixed`, `version-exists`, `too-many-releases` and `rate-limited`
   */
  publish(upload: { statement: string; tarball: Readable; token?: string | undefined }): Promise<Publication>;
  /** @throws `publication-not-found` */
  get(id: string): Promise<Publication>;
  /** Newest first. */
  list(
    filter: queries.PublicationFilter,
    page: { limit: number; before: string | undefined },
  ): Promise<Publication[]>;
  /** Every scan whole, newest first. @throws `publication-not-found` */
  scans(id: string): Promise<SavedScan[]>;
  /** The operator's word on what is in quarantine. @throws `publication-not-found`, `publication-not-quarantined` */
  decide(id: string, decision: Decision): Promise<Publication>;
  /**
   * Has it looked at again. What is in quarantine may thereby be published or rejected, and is there until then; what is
   * published stays.
   *
   * @param o.isRationed so many an hour for its publisher: who asks is one of its members
   * @throws `publication-not-found`, `publication-not-rescannable`, `rate-limited`
   */
  rescan(id: string, requestedBy: string, o: { isRationed: boolean }): Promise<Publication>;
  /** Takes back what is not published yet. @throws `publication-not-found`, `publication-not-open` */
  withdraw(id: string, by: { name: string; reason: string }): Promise<Publication>;
}

export function createPublications(
  options: Pick<ProcessingContext, "db" | "trust" | "now"> & {
    publishers: Publishers;
    queue: Pick<PublicationQueue, "enqueue" | "enqueueRescan">;
    limits: UploadLimits;
    admitSigned: AdmitSigned;
  },
): Publications {
  const { db, publishers, queue, limits, admitSigned, now } = options;
  const inTurn = createTurns();
  const enterRoom = createUploadRoom(limits);

  async function find(id: string): Promise<queries.PublicationRow> {
    const row = await queries.findPublication(db, id);
    if (!row) throw registryError("publication-not-found", `There is no publication "${id}".`);
    return row;
  }

  async function get(id: string): Promise<Publication> {
    return toPublication(await find(id));
  }

  return {
    async publish({ statement: jws, tarball, token }) {
      const { publisher, statement } = await acceptStatement(publishers, jws);
      const { id: plugin, version } = statement;
      await admitSigned({ publisher, scope: "publish", plugin: plugin.slice(publisher.length + 1) }, token);
      if (await queries.findOccupant(db, plugin, version)) throw versionExists(plugin, version);
      await refuseTooMany(db, { publisher, plugin, limits, now: now() });

      const leaveRoom = enterRoom(publisher, statement.size);
      try {
        const bytes = await receiveTarball(tarball, statement, limits);
        // Packed it is 20 MiB at most, unpacked five times that: one at a time keeps a process within its memory.
        const manifest = await inTurn(() => checkTarball(bytes, statement));
        const tenantId = await audienceOf(db, publisher, manifest);
        return toPublication(await keep(bytes, { jws, publisher, statement, tenantId }));
      } finally {
        leaveRoom();
      }
    },
    get,
    async list(filter, page) {
      return (await queries.listPublications(db, filter, page)).map(toPublication);
    },
    async scans(id) {
      await find(id);
      return listScans(db, id);
    },
    async decide(id, decision) {
      await decideQuarantined(options, id, decision);
      return get(id);
    },
    async rescan(id, requestedBy, { isRationed }) {
      const { status, publisher } = await find(id);
      if (status !== "published" && status !== "quarantined") throw notRescannable(id, status);
      const ration = { kind: "rescans", perHour: limits.rescansPerHour, now: now() } as const;
      if (isRationed) await admitArrival(db, { ...ration, publisher });
      await queue.enqueueRescan({ publicationId: id, requestedBy }, publisher);
      return get(id);
    },
    async withdraw(id, by) {
      await find(id);
      await withdraw(db, id, { ...by, at: now() });
      return get(id);
    },
  };

  async function keep(
    bytes: Buffer,
    o: { jws: string; publisher: string; statement: PublisherStatement; tenantId: string | null },
  ): Promise<queries.PublicationRow> {
    const { jws, publisher, statement, tenantId } = o;
    const { id: plugin, version, sha512 } = statement;
    return db.transaction().execute(async (transaction) => {
      // Once more, now that nobody else adds one: many may have been on their way at the same time.
      await queries.lockUploads(transaction, publisher);
      await refuseTooMany(transaction, { publisher, plugin, limits, now: now() });
      await storeBlob(transaction, sha512, bytes);
      const inserted = await queries.insertPublication(transaction, {
        id: newId("pub"),
        publisher,
        plugin,
        version,
        statement_jws: jws,
        tarball_sha512: sha512,
        tenant_id: tenantId,
        created_at: now(),
      });
      // Of two at once, the database lets one through; for the other nothing is kept.
      if (!inserted) throw versionExists(plugin, version);
      await queue.enqueue(transaction, inserted);
      return inserted;
    });
  }
}

function versionExists(plugin: string, version: string) {
  return registryError(
    "version-exists",
    `${plugin} ${version} was published before and stays as it is. Raise the version.`,
  );
}

function notRescannable(id: string, status: PublicationStatus) {
  return registryError(
    "publication-not-rescannable",
    `The publication ${id} is ${status}; what is published or in quarantine can be scanned again.`,
  );
}

function toPublication(row: queries.PublicationRow): Publication {
  return {
    id: row.id,
    status: row.status,
    publisher: row.publisher,
    plugin: row.plugin,
    version: row.version,
    problems: row.problems,
    notes: row.notes,
    decision: row.decision,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
