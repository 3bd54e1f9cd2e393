import type { RegistryClient } from "@plugboard/registry/client";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase, InstallUpdate } from "../../../tables.ts";
import type { Changes } from "../../changes/index.ts";
import type { Events } from "../../events/index.ts";
import { isCode } from "../install.ts";
import type { Lifecycle } from "../lifecycle/index.ts";
import { asCoreError } from "../registry-problems.ts";
import type { RegistryTrust } from "../trust/index.ts";
import { look } from "./look.ts";
import * as queries from "./queries.ts";
import { type Turn, takeTurn } from "./turn.ts";
import { upgrade } from "./upgrade.ts";
import { watchRounds } from "./watch.ts";

interface UpdateSettings {
  /** So many installs are brought to a newer version in a minute, on all hosts together; 0: none are. */
  upgradesPerMinute: number;
  /** Between two rounds; a minute by default. */
  updateRoundMs?: number;
}

const minuteMs = 60_000;

/** How long what the registry said of an install holds while its log stands still: policies have versions wait for hours. */
const lookAgainMs = 60 * minuteMs;

/** Finds newer versions of what is installed, and brings installs to them as far as their channel says. */
export interface Updates {
  /** What is known of newer versions; an install that is not in it has none. */
  of(tenantId: string, installIds: string[]): Promise<ReadonlyMap<string, InstallUpdate>>;
  /** Has what a tenant has looked at soon, since its policy or an approval changed. */
  lookAgain(tenantId: string): Promise<void>;
  /** Follows the registry from now on, one host at a time. Gives what stops it. */
  watch(): { stop(): Promise<void> };
}

export function createUpdates(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  events: Pick<Events, "append">;
  registry: Pick<RegistryClient, "checkUpdates">;
  trust: Pick<RegistryTrust, "state" | "onAdvance">;
  lifecycle: Pick<Lifecycle, "changeVersion">;
  settings: UpdateSettings;
  logger: Logger;
  now?: () => number;
}): Updates {
  const { db, trust, settings, logger, now = Date.now } = options;
  const { upgradesPerMinute, updateRoundMs: roundMs = minuteMs } = settings;
  const parts = { ...options, now, lookAgainMs };
  let isStopped = false;
  let wake = () => {};

  /** What has come together since the last ones, of one minute at most. */
  function allowance({ upgradedAt }: Turn): number {
    const sinceMs = upgradedAt === null ? minuteMs : now() - upgradedAt.getTime();
    return Math.floor((upgradesPerMinute * Math.min(sinceMs, minuteMs)) / minuteMs);
  }

  /** @returns when the last one began; undefined: there was none */
  async function upgradeSome(turn: Turn): Promise<Date | undefined> {
    const most = allowance(turn);
    if (most <= 0) return undefined;
    const startedAt = now();
    let upgradedAt: Date | undefined;
    for (const { id } of await queries.listAutomatic(db, new Date(startedAt), most)) {
      // Slow ones must not keep the others from being looked at.
      if (now() - startedAt > roundMs || !(await turn.goesOn())) break;
      upgradedAt = new Date(now());
      await upgrade(parts, id);
    }
    return upgradedAt;
  }

  async function takeRound(): Promise<void> {
    const taken = await takeTurn(db);
    if (!taken) return;
    const turn: Turn = { ...taken, goesOn: async () => !isStopped && (await taken.goesOn()) };
    let upgradedAt: Date | undefined;
    try {
      const { checkpoint } = await trust.state();
      await look(parts, checkpoint.seq, turn);
      upgradedAt = await upgradeSome(turn);
    } finally {
      await turn.end(upgradedAt);
    }
  }

  async function round(): Promise<void> {
    try {
      await takeRound();
    } catch (error) {
      const err = asCoreError(error);
      if (isCode(err, "registry-unavailable")) logger.debug({ err }, "the registry does not answer");
      else logger.warn({ err }, "newer versions could not be looked for");
    }
  }

  return {
    of: (tenantId, installIds) => queries.listUpdates(db, tenantId, installIds),
    async lookAgain(tenantId) {
      await queries.lookAtTenant(db, tenantId);
      wake();
    },
    watch() {
      const rounds = watchRounds(round, roundMs);
      wake = rounds.wake;
      trust.onAdvance(rounds.wake);
      return {
        async stop() {
          isStopped = true;
          await rounds.stop();
        },
      };
    },
  };
}
