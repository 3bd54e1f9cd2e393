import { createHash, randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { DatabaseShare } from "../database-share.ts";
import { CapabilityError } from "../errors.ts";
import type { OpenCapability } from "../open-capability.ts";
import { createTurns } from "../turns.ts";
import type { Expected, ListRequest } from "./arguments.ts";
import { openStorage } from "./capability.ts";
import { defaultStorageLimits, type StorageLimits } from "./limits.ts";
import * as queries from "./queries.ts";
import { busy, conflict, quotaExceeded, tooManyKeys } from "./refusals.ts";
import type { StagedRoom } from "./staged-room.ts";
import type { Store } from "./store.ts";

/** One key as it was or shall be: its value as JSON text, or null for a key that is not there. */
export interface KeyState {
  key: string;
  value: string | null;
}

/** What a plugin writes while it is not yet decided whether it counts. */
export interface StagedStorage {
  /** The `storage` of the call whose writes are staged. It reads its own writes over what is stored. */
  capability: OpenCapability;
  /**
   * Makes the writes count, inside `tx` and together with whatever else it does. Answers what the written keys held
   * before, so that it can be brought back with `initial`.
   * @throws CapabilityError `storage-conflict` when what was read, listed or overwritten has changed since;
   *   `storage-quota-exceeded`, `storage-too-many-keys`
   */
  apply(tx: Kysely<CoreDatabase>): Promise<{ before: KeyState[] }>;
  /**
   * Runs the transaction that applies it, when it is its turn where there is much to write: few are at it at a time, so
   * that they neither have all connections to the database nor all memory, and tenants take turns.
   * @throws CapabilityError `database-busy` when its turn does not come
   */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Gives the memory back that it holds. To be called when it was applied or is not going to be. */
  close(): void;
}

export interface StageOptions {
  db: Kysely<CoreDatabase>;
  share: DatabaseShare;
  /** Where changes that write much take turns. */
  recording: DatabaseShare;
  room: StagedRoom;
  tenantId: string;
  installId: string;
  /** From the manifest; the limits count where they are smaller. */
  maxBytes: number;
  limits?: Partial<StorageLimits>;
  /** Writes to begin with; `stage` throws CapabilityError `storage-busy` when there is no room for them. They count whatever stands under their keys by then, and beyond the quota too. */
  initial?: KeyState[];
}

interface StagedWrite {
  /** Undefined: deleted. */
  entry: queries.StoredEntry | undefined;
}

interface Listing {
  request: ListRequest;
  digest: string;
}

/** A listing is repeated under the lock when the writes are applied. */
const maxListings = 1_000;
/** What writes less is recorded at once. */
const muchBytes = 1024 * 1024;

export function stageStorage(options: StageOptions): StagedStorage {
  const { db, share, recording, tenantId, installId, initial = [] } = options;
  const limits = { ...defaultStorageLimits, ...options.limits };
  const maxBytes = Math.min(options.maxBytes, limits.storageBytes);
  const owner = { tenantId, installId };
  const writes = new Map<string, StagedWrite>(
    initial.map(({ key, value }) => [key, { entry: value === null ? undefined : newEntry(key, value) }]),
  );
  /** What the store held when it was looked at first; everything that was decided rests on it. */
  const seen = new Map<string, queries.StoredEntry | undefined>();
  const restored = new Set(writes.keys());
  /** What stands under the restored keys; what it holds is not of interest. */
  const standing = new Map<string, Sized>();
  const room = options.room.open(tenantId);
  room.hold(sizeOf(writes));
  const listings: Listing[] = [];
  let usage: Promise<queries.Usage> | undefined;

  /** What the writes so far make of the stored usage, as far as they were looked at. */
  async function projected(): Promise<queries.Usage> {
    usage ??= lookUpRestored().then(() => queries.findUsage(db, owner));
    return withWrites(await usage, writes, (key) => seen.get(key) ?? standing.get(key));
  }

  async function lookUpRestored(): Promise<void> {
    for (const entry of await queries.findVersions(db, owner, [...restored])) standing.set(entry.key, entry);
  }

  async function stored(key: string): Promise<queries.StoredEntry | undefined> {
    if (!seen.has(key)) {
      const entry = await queries.findEntry(db, owner, key);
      if (!seen.has(key)) {
        room.hold(entry?.bytes ?? 0);
        seen.set(key, entry);
      }
    }
    return seen.get(key);
  }

  function write(key: string, entry: queries.StoredEntry | undefined): void {
    room.hold((entry?.bytes ?? 0) - (writes.get(key)?.entry?.bytes ?? 0));
    writes.set(key, { entry });
  }

  async function current(key: string): Promise<queries.StoredEntry | undefined> {
    const write = writes.get(key);
    return write ? write.entry : stored(key);
  }

  function refuseUnless(expected: Expected, key: string, held: queries.StoredEntry | undefined): void {
    if (expected.is === "absent" && held) throw conflict(key);
    if (expected.is === "version" && held?.version !== expected.version) throw conflict(key);
  }

  const store: Store = {
    entry: current,

    async set(key, { text, bytes }, expected) {
      // Also where the staged value hides it: what is overwritten must be what it was.
      await stored(key);
      const used = await projected();
      const held = await current(key);
      refuseUnless(expected, key, held);
      const grown = bytes - (held?.bytes ?? 0);
      if (grown > 0 && used.bytes + grown > maxBytes) throw quotaExceeded(maxBytes, used.bytes);
      if (!held && used.keys >= limits.storageKeys) throw tooManyKeys(limits.storageKeys);
      const entry = { ...newEntry(key, text), bytes };
      write(key, entry);
      return entry.version;
    },

    async delete(key, expectedVersion) {
      await stored(key);
      const held = await current(key);
      if (expectedVersion !== undefined) refuseUnless({ is: "version", version: expectedVersion }, key, held);
      if (!held) return false;
      write(key, undefined);
      return true;
    },

    async list(request) {
      const shadowed = [...writes].filter(([key]) => isWithin(request, key));
      if (listings.length >= maxListings)
        throw new CapabilityError("storage-busy", `An upgrade may list keys ${maxListings} times.`);
      // Each staged key can take the place of one that is stored.
      const whole = { ...request, limit: request.limit + shadowed.length };
      const keys = await queries.listKeys(db, owner, whole);
      listings.push({ request: whole, digest: digestOf(keys) });
      const staged = new Map(shadowed);
      return [...keys.filter((key) => !staged.has(key)), ...liveKeys(staged)]
        .sort(byBytes)
        .slice(0, request.limit);
    },

    usedBytes: async () => (await projected()).bytes,
  };

  return {
    // Staged values are this process's memory: one operation after the other, so that none sees half of another.
    capability: openStorage({
      store,
      maxBytes,
      limits,
      turn: createTurns({ share, atOnce: 1 })(owner, { operations: limits.storageOperations, busy }),
    }),

    async apply(tx) {
      const used = await queries.lockUsage(tx, owner);
      const stored = await versionsNow(tx, owner, [...new Set([...seen.keys(), ...writes.keys()])]);
      for (const [key, entry] of seen) {
        if (!restored.has(key) && stored.get(key)?.version !== entry?.version) throw conflict(key);
      }
      for (const { request, digest } of listings) {
        if (digestOf(await queries.listKeys(tx, owner, request)) !== digest)
          throw new CapabilityError("storage-conflict", "Keys that were listed have come or gone since.");
      }
      const after = withWrites(used, writes, (key) => stored.get(key));
      refuseGrowth(after, used, initialUsage(used, stored));
      const entries = [...writes.values()].flatMap(({ entry }) => (entry ? [entry] : []));
      const keys = [...writes.keys()];
      const before = new Map(
        (await queries.findEntries(tx, owner, keys)).map(({ key, text }) => [key, text]),
      );
      if (writes.size > 0) await queries.replaceEntries(tx, owner, { keys, entries, usage: after });
      return { before: keys.map((key) => ({ key, value: before.get(key) ?? null })) };
    },

    inTurn: (work) => (sizeOf(writes) > muchBytes ? recording.run(tenantId, work) : work()),
    close: room.close,
  };

  function initialUsage(used: queries.Usage, stored: Map<string, Sized>): queries.Usage {
    const given = initial.map(
      ({ key, value }) => [key, { entry: value === null ? undefined : newEntry(key, value) }] as const,
    );
    return withWrites(used, new Map(given), (key) => stored.get(key));
  }

  /** More than before, and more than what is brought back makes of it, only within the quota. */
  function refuseGrowth(after: queries.Usage, ...before: queries.Usage[]): void {
    const bytes = Math.max(maxBytes, ...before.map((usage) => usage.bytes));
    if (after.bytes > bytes) throw quotaExceeded(maxBytes, after.bytes);
    const keys = Math.max(limits.storageKeys, ...before.map((usage) => usage.keys));
    if (after.keys > keys) throw tooManyKeys(limits.storageKeys);
  }
}

/** A stored entry without its value. */
type Sized = Omit<queries.StoredEntry, "text">;

async function versionsNow(
  tx: Kysely<CoreDatabase>,
  owner: queries.Owner,
  keys: string[],
): Promise<Map<string, Sized>> {
  return new Map((await queries.findVersions(tx, owner, keys)).map((entry) => [entry.key, entry]));
}

function sizeOf(writes: ReadonlyMap<string, StagedWrite>): number {
  return [...writes.values()].reduce((sum, { entry }) => sum + (entry?.bytes ?? 0), 0);
}

function newEntry(key: string, text: string): queries.StoredEntry {
  return { key, text, bytes: Buffer.byteLength(key) + Buffer.byteLength(text), version: randomUUID() };
}

function withWrites(
  { bytes, keys }: queries.Usage,
  writes: ReadonlyMap<string, StagedWrite>,
  storedOf: (key: string) => Sized | undefined,
): queries.Usage {
  const after = { bytes, keys };
  for (const [key, { entry }] of writes) {
    const stored = storedOf(key);
    after.bytes += (entry?.bytes ?? 0) - (stored?.bytes ?? 0);
    after.keys += (entry ? 1 : 0) - (stored ? 1 : 0);
  }
  return after;
}

function liveKeys(writes: ReadonlyMap<string, StagedWrite>): string[] {
  return [...writes].flatMap(([key, { entry }]) => (entry ? [key] : []));
}

function isWithin({ prefix, after }: ListRequest, key: string): boolean {
  return key.startsWith(prefix) && (after === undefined || byBytes(key, after) > 0);
}

/** As PostgreSQL sorts the column. */
function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function digestOf(keys: string[]): string {
  return createHash("sha256").update(JSON.stringify(keys)).digest("base64");
}
