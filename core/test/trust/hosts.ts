import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLogger } from "@plugboard/service-kit/observe";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import {
  openRegistryTrust,
  type RegistryTrust,
  type TrustSettings,
} from "../../kernel/plugins/trust/index.ts";
import type { TrustSource } from "../../kernel/plugins/trust/source.ts";
import { coreMigrations } from "../../migrations/index.ts";
import type { CoreDatabase } from "../../tables.ts";
import { now } from "./scripted-registry.ts";

const schema = { migrated: [{ schema: "core", migrations: coreMigrations }] };

export interface TestHosts {
  /** A host with an empty data folder, or one that was there before. */
  host(source: TrustSource, o?: HostOptions): Promise<TestHost>;
  /** As if no host had been over this database yet. */
  forgetSeen(): Promise<void>;
  close(): Promise<void>;
}

export interface HostOptions extends Partial<TrustSettings> {
  dataDir?: string;
}

export interface TestHost extends RegistryTrust {
  dataDir: string;
  logged: string[];
  /** Moves its clock on. */
  wait(ms: number): void;
}

/** Hosts over one database: of each, what it believes of its registry, and nothing else. */
export async function openTestHosts(): Promise<TestHosts> {
  const undo: (() => Promise<void>)[] = [];
  const database = await openTestDatabase({ after: (step) => void undo.push(step) }, { schema });
  const db = database.kysely<CoreDatabase>("core");
  return {
    async host(registry, { dataDir: given, ...settings } = {}) {
      const dataDir = given ?? (await mkdtemp(path.join(tmpdir(), "plugboard-trust-test-")));
      undo.unshift(() => rm(dataDir, { recursive: true, force: true }));
      const logged: string[] = [];
      const clock = { ms: now };
      const trust = openRegistryTrust({
        dataDir,
        db,
        registry,
        isOwn: false,
        settings: { stalenessMs: 0, refreshMs: 3_600_000, ...settings },
        logger: createLogger({
          name: "host",
          level: "warn",
          destination: { write: (line) => void logged.push(line) },
        }),
        now: () => clock.ms,
      });
      return {
        ...trust,
        dataDir,
        logged,
        wait(ms) {
          clock.ms += ms;
        },
      };
    },
    async forgetSeen() {
      await db.deleteFrom("registry_trust").execute();
    },
    async close() {
      for (const step of undo) await step();
    },
  };
}

/** Waits for a refusal. @returns its code and why */
export async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => assert.fail("it was believed"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error && "code" in error)) throw error;
  return `${error.code}: ${error.message}`;
}
