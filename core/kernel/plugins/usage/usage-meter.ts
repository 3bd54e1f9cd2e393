import type { Meter } from "@plugboard/plugin-sdk/manifest";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import { coreError } from "../../../errors.ts";
import type { CoreDatabase } from "../../../tables.ts";
import type { Agreement } from "../entitlements/index.ts";
import type { OnPlugin } from "../tenant-plugin-key.ts";
import type { SpendCaps } from "./caps.ts";
import { createCounter } from "./counter.ts";
import { add, createSpendings, owedWith, type Spending } from "./spending.ts";

/** A call that may come to count. */
export interface MeteredCall {
  /** It came to its end, and has done so many things. */
  count(units: number): void;
  /** It is over, whether it counted or not. */
  end(): void;
}

/** Counts the calls of actions, by the meters that the tenant agreed to. Plugin code has no say in it. */
export interface UsageMeter {
  /**
   * Asks nobody but this process's memory, once the cap is known.
   *
   * @param units how many the call may come to count for
   * @returns undefined where the action counts on no meter
   * @throws `spend-cap-reached` where the call may come to cost more than the tenant wants to owe
   */
  admit(
    on: OnPlugin & { id: string },
    agreement: Agreement,
    action: string,
    units: number,
  ): Promise<MeteredCall | undefined>;
  /** Writes down what was counted. */
  flush(): Promise<void>;
  /** Does so every few seconds, and a last time when it is stopped. */
  start(): { stop(): Promise<void> };
}

const flushMs = 5_000;

export function createUsageMeter(options: {
  db: Kysely<CoreDatabase>;
  caps: Pick<SpendCaps, "get">;
  logger: Logger;
  now?: (() => number) | undefined;
}): UsageMeter {
  const { db, caps, logger, now = Date.now } = options;
  const counter = createCounter({ db, logger, now });
  const spendings = createSpendings({ db, now });
  let last: Promise<unknown> = Promise.resolve();

  /** One after the other: what is being written is neither waiting nor stored for certain. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  }

  const flush = () =>
    inTurn(async () => {
      const { written, failure } = await counter.write();
      await spendings.settle(written);
      if (failure !== undefined) throw failure;
    });

  async function spendingOf(on: OnPlugin): Promise<Spending> {
    return (
      spendings.find(on) ??
      inTurn(async () => spendings.find(on) ?? (await spendings.load(on, counter.waiting)))
    );
  }

  /**
   * Looks and reserves in one go: of calls that come at the same time each sees those before it.
   *
   * @returns what gives the reservation back; undefined where there is no cap
   */
  async function reserve(
    on: OnPlugin,
    { pricing, isTrial }: Agreement,
    meters: Meter[],
    units: number,
  ): Promise<(() => void) | undefined> {
    const cap = isTrial ? null : await caps.get(on.tenantId, on.plugin);
    if (cap === null) return undefined;
    const spending = await spendingOf(on);
    if (owedWith(spending, pricing, meters, units) <= BigInt(cap)) {
      for (const { name } of meters) add(spending.underWay, name, units);
      return () => {
        for (const { name } of meters) add(spending.underWay, name, -units);
      };
    }
    const more = units === 1 ? "One more call" : `${units} more calls`;
    const detail = `${more} of ${on.plugin} may cost more than this tenant wants to owe for it in a month.`;
    const owed = String(owedWith(spending, pricing, [], 0));
    const { currency = null } = pricing;
    throw coreError("spend-cap-reached", detail, { plugin: on.plugin, cap: String(cap), owed, currency });
  }

  return {
    flush,

    async admit(on, agreement, action, units) {
      const meters = metersOf(agreement, action);
      if (meters.length === 0) return undefined;
      const giveBack = await reserve(on, agreement, meters, units);
      const each = (work: (name: string) => void) => {
        for (const { name } of meters) work(name);
      };
      return {
        count(units) {
          if (units === 0) return;
          const { id: installId, tenantId, plugin } = on;
          const chargedUnits = agreement.isTrial ? 0 : units;
          each((meter) => counter.add({ installId, meter, tenantId, plugin, units, chargedUnits }));
          // Whichever is the one by now: a cap may have come meanwhile, or a new month.
          const known = agreement.isTrial ? undefined : spendings.find(on);
          if (known) each((name) => add(known.fresh, name, units));
        },
        end() {
          giveBack?.();
        },
      };
    },

    start() {
      const write = () => flush().catch((err) => logger.warn({ err }, "usage could not be written down yet"));
      const timer = setInterval(write, flushMs);
      timer.unref();
      return {
        async stop() {
          clearInterval(timer);
          await flush();
        },
      };
    },
  };
}

function metersOf({ pricing: { meters = [] } }: Agreement, action: string): Meter[] {
  return meters.filter(({ actions }) => actions === undefined || actions.includes(action));
}
