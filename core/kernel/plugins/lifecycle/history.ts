import { newId } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import type { CoreDatabase, InstallChangeKind } from "../../../tables.ts";
import type { KeyState } from "../../capabilities/index.ts";
import type { PluginSettings } from "../../limits/index.ts";
import type { PageRequest } from "../../paging.ts";
import * as queries from "./queries.ts";

/** One version that an install has had. */
export interface HistoryEntry {
  id: string;
  change: InstallChangeKind;
  /** Null for the first one. */
  from: string | null;
  version: string;
  at: string;
  /** Its place in the history. */
  seq: number;
}

/** What a roll-back takes back, and what it goes back to. */
export interface WayBack {
  undone: { id: string; storageBefore: KeyState[] };
  to: { version: string; tarballSha512: string };
}

export interface NewHistoryEntry {
  tenantId: string;
  installId: string;
  plugin: string;
  change: InstallChangeKind;
  from: string | null;
  version: string;
  tarballSha512: string;
  /** What the tenant agreed to. */
  consent: string;
  storageBefore: KeyState[];
}

/**
 * The versions of an install are a stack: each change lies on the ones before, a roll-back takes the topmost off, and the
 * next roll-back goes on from there.
 */
export interface History {
  append(tx: Kysely<CoreDatabase>, entry: NewHistoryEntry): Promise<void>;
  /** Takes a change off the stack. */
  undo(tx: Kysely<CoreDatabase>, tenantId: string, id: string): Promise<void>;
  list(tenantId: string, installId: string, page: PageRequest): Promise<HistoryEntry[]>;
  /** Whether the tenant has agreed before, in this install, to what a release asks for. */
  wasAgreedTo(
    install: { tenantId: string; installId: string },
    release: { tarballSha512: string; consent: string },
  ): Promise<boolean>;
  /** `none`: there was no version before. `forgotten`: what the change wrote over is not kept any more. */
  wayBack(tenantId: string, installId: string): Promise<WayBack | "none" | "forgotten">;
}

export function createHistory(options: {
  db: Kysely<CoreDatabase>;
  settings: Pick<PluginSettings, "limits">;
}): History {
  const { db, settings } = options;
  return {
    async append(tx, { tenantId, installId, change, from, version, storageBefore, plugin, ...release }) {
      const isTakenBack = change === "upgraded" || change === "downgraded";
      await queries.insertHistory(tx, {
        id: newId("chg"),
        tenant_id: tenantId,
        install_id: installId,
        change,
        from_version: from,
        version,
        tarball_sha512: release.tarballSha512,
        consent: release.consent,
        storage_before: isTakenBack ? JSON.stringify(storageBefore) : null,
      });
      const { rollbackVersions: versions, rollbackBytes: bytes } = settings.limits(plugin);
      await queries.forgetStorageBefore(tx, tenantId, installId, { versions, bytes });
    },

    undo: queries.markUndone,

    wasAgreedTo: (install, release) => queries.wasAgreedTo(db, install, release),

    async list(tenantId, installId, page) {
      const rows = await queries.listHistory(db, tenantId, installId, page);
      return rows.map(({ id, seq, change, from_version, version, created_at }) => ({
        id,
        seq,
        change,
        from: from_version,
        version,
        at: created_at.toISOString(),
      }));
    },

    async wayBack(tenantId, installId) {
      const [top, below] = await queries.findStanding(db, tenantId, installId);
      if (!top || !below) return "none";
      if (!top.storage_before) return "forgotten";
      return {
        undone: { id: top.id, storageBefore: top.storage_before },
        to: { version: below.version, tarballSha512: below.tarball_sha512 },
      };
    },
  };
}
