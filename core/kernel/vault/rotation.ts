import { generateDataKey, type KeyManagement } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import { coreError } from "../../errors.ts";
import type { CoreDatabase } from "../../tables.ts";
import type { Changes } from "../changes/index.ts";
import * as queries from "./queries.ts";
import { keepReferenceKey } from "./reference-key.ts";
import type { Vault } from "./vault.ts";

/** How far the rotation of keys has come. */
export interface VaultState {
  /** Who wraps the data keys: `local`, or a key management service. */
  keyManagement: string;
  /** The master key that wraps now, and all that are at hand. */
  currentKeyId: string;
  keyIds: string[];
  /** Keys that are still wrapped under an earlier master key: at 0 it can be taken away. */
  toRewrap: number;
  tenants: number;
  /** Tenants that have an earlier data key left, and what is still sealed under one. */
  rotating: number;
  toReseal: number;
}

export interface Rotation {
  state(): Promise<VaultState>;
  /** Gives a tenant a new data key; from now on it seals. @throws `tenant-not-found` */
  rotate(tenantId: string): Promise<void>;
  /** Gives one to every tenant whose newest is older than `before`. */
  rotateAll(before: Date, signal: AbortSignal): Promise<number>;
  /**
   * Wraps anew what is under earlier master keys, seals anew what is under earlier data keys, and destroys those. Each row
   * by itself: cut off anywhere, it goes on from there, and everything opens meanwhile. @returns how many rows
   */
  goOn(signal: AbortSignal): Promise<number>;
}

/** A row waits for at most so many. */
const batchRows = 50;

/** How long after a new key came the ones before stay, for hosts that have not heard of it and calls under way. */
const spentAfterSeconds = 60;

export function createRotation(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  keys: KeyManagement;
  vault: Vault;
  spentAfterSeconds?: number | undefined;
}): Rotation {
  const { db, changes, keys, vault } = options;

  async function rewrap(of: queries.WrappedColumn): Promise<number> {
    return db.transaction().execute(async (tx) => {
      const rows = await queries.lockWrapped(tx, of, keys.currentPrefix, batchRows);
      for (const { place, wrapped } of rows)
        await queries.replaceWrapped(tx, of, place, await keys.wrap(await keys.unwrap(wrapped)));
      return rows.length;
    });
  }

  async function reseal(of: queries.SealedColumn): Promise<number> {
    return changes.transaction(db, async (tx, announce) => {
      const rows = await queries.lockSealed(tx, of, batchRows);
      for (const row of rows) {
        const owner = { tenantId: row.tenant_id, kind: of.kind, id: row.id };
        const text = await vault.open(owner, { bytes: row.sealed, generation: row.key_generation });
        if (of.topic) await announce(of.topic, row.id);
        await queries.replaceSealed(tx, of, row, await vault.seal(owner, text));
      }
      return rows.length;
    });
  }

  async function untilDone(step: () => Promise<number>, signal: AbortSignal): Promise<number> {
    let rows = 0;
    for (let batch = batchRows; batch === batchRows && !signal.aborted; rows += batch) batch = await step();
    return rows;
  }

  async function addKey(tenantId: string): Promise<boolean> {
    return changes.transaction(db, async (tx, announce) => {
      const tenant = await queries.holdTenant(tx, tenantId);
      if (!tenant) return false;
      if (tenant.wrapped_reference_key === null) await keepReferenceKey(tx, keys, tenantId);
      const generation = ((await queries.listDataKeys(tx, tenantId)).at(-1)?.generation ?? 0) + 1;
      const wrapped_key = await keys.wrap(generateDataKey());
      await announce("data-key", tenantId);
      await queries.insertDataKey(tx, { tenant_id: tenantId, generation, wrapped_key });
      return true;
    });
  }

  return {
    async state() {
      const toRewrap = await Promise.all(
        queries.wrappedColumns.map((of) => queries.countWrapped(db, of, keys.currentPrefix)),
      );
      const toReseal = await Promise.all(queries.sealedColumns.map((of) => queries.countSealed(db, of)));
      return {
        keyManagement: keys.kind,
        currentKeyId: keys.currentKeyId,
        keyIds: [...keys.keyIds],
        toRewrap: sum(toRewrap),
        ...(await queries.countDataKeys(db)),
        toReseal: sum(toReseal),
      };
    },

    async rotate(tenantId) {
      if (await addKey(tenantId)) return;
      throw coreError(
        "tenant-not-found",
        `There is no tenant "${tenantId}". GET /api/v1/tenants lists them.`,
      );
    },

    async rotateAll(before, signal) {
      let rotated = 0;
      while (!signal.aborted) {
        const tenants = await queries.listTenantsToRotate(db, before, batchRows);
        if (tenants.length === 0) break;
        for (const tenantId of tenants) if (await addKey(tenantId)) rotated++;
      }
      return rotated;
    },

    async goOn(signal) {
      let rows = 0;
      for (const of of queries.wrappedColumns) rows += await untilDone(() => rewrap(of), signal);
      for (const of of queries.sealedColumns) rows += await untilDone(() => reseal(of), signal);
      const ended = await changes.transaction(db, async (tx, announce) => {
        const tenants = await queries.deleteSpentKeys(tx, options.spentAfterSeconds ?? spentAfterSeconds);
        for (const tenantId of tenants) await announce("data-key", tenantId);
        return tenants.length;
      });
      return rows + ended;
    },
  };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
