import type { Call } from "../call.ts";
import type { Clock } from "../clock.ts";
import type { EgressLimits } from "../limits.ts";
import { createCeiling } from "./ceiling.ts";
import { createConcurrency } from "./concurrency.ts";
import { type Gate, learn, type Place, type Refusal } from "./gate.ts";
import { createGates } from "./gates.ts";
import { readLimitHeaders } from "./limit-headers.ts";
import type { GateBounds, Owned } from "./owners.ts";
import { createRateMeter, estimateOf, isAsked, isOwn, keyOfRate, type Rate } from "./rate.ts";
import { type ReadReply, readReported } from "./reported.ts";
import { inFlightShares, type Requester, wholeHost } from "./shares-of.ts";
import type { Slices } from "./slices.ts";
import { createTurnstile } from "./turnstile.ts";
import { createWaiting } from "./waiting.ts";

/**
 * Keeps requests to what the operator and the vendor allow: each waits for its turn, and fails only if that would take
 * too long or too many wait already. Tenants take turns wherever they wait together.
 */
export interface Pacer {
  /**
   * Waits until the request may go out in its first attempt.
   * @throws EgressLimitReached `fetch-queue-full`, `fetch-…-busy`; CapabilityError `fetch-rate-limited`; the call's reason
   */
  enter(who: PacedRequest, first: Aim): Promise<Turn>;
  inFlight(): number;
  queued(): number;
  /** How many limits there are of which something is used. */
  gates(): number;
  /** Forgets what a connection has used. */
  forget(connectionId: string): void;
}

export interface PacedRequest {
  requester: Requester;
  limits: EgressLimits;
  call: Call;
}

/** Where an attempt goes, and which of the declared limits fit it. */
export interface Aim {
  host: string;
  rates: readonly Rate[];
  /** Tells requests apart of which a vendor may ask different prices; asked only where one is known to say them. */
  kind?: () => string;
}

/** One request that is under way. */
export interface Turn {
  /** Waits until another attempt may go out. @throws as `enter` */
  again(next: Aim): Promise<void>;
  /** Says how the attempt under way ended: with a reply, or without. */
  settle(reply?: ReadReply): void;
  /** The vendor asked more for the attempt that ended last than it ever has: it would refuse another one as well. */
  isTooDear(): boolean;
  /** Must be called when the request has ended. */
  leave(): void;
}

export function createPacer(options: {
  clock: Clock;
  /** Over how many processes requests go out. */
  hosts: () => number;
  slices: Slices;
  onWait: (pluginId: string, ms: number) => void;
  bounds?: GateBounds;
}): Pacer {
  const { clock, hosts, slices, onWait } = options;
  const gates = createGates(clock.now, options.bounds);
  const turnstile = createTurnstile(clock);
  const waiting = createWaiting({ clock, turnstile, slices, onWait });

  function inFlightPlaces({ requester, limits }: PacedRequest): Place[] {
    return inFlightShares(requester, limits).map(({ key, most, ...refusal }): Place => {
      const gate = gates.of(`in flight: ${key}`, () => ({ meter: createConcurrency(most), refusal }));
      // The operator's figure can be another one for the next plugin.
      gate.meter.most?.(most);
      gate.refusal = refusal;
      return { gate, cost: 1 };
    });
  }

  function ratePlaces(requester: Requester, { rates, host, kind }: Aim): Place[] {
    const places = rates.map((rate): Place => {
      const key = keyOfRate(rate, requester);
      const gate = gates.of(key, () => ({
        meter: createRateMeter(rate, hosts),
        refusal: declaredRefusal(rate),
        ...(isOwn(rate.limit) && { owned: ownedBy(requester, rate.by) }),
      }));
      return { gate, cost: estimateOf(rate), kind: isAsked(rate) ? kind?.() : undefined };
    });
    // What the vendor said unasked; there is a gate for it once it has.
    const told = gates.get(vendorKey(requester, host)) ?? gates.get(vendorKey(requester, otherHosts));
    return told ? [...places, { gate: told, cost: 1 }] : places;
  }

  async function pass(places: readonly Place[], who: PacedRequest): Promise<void> {
    try {
      await waiting.pass(places, who);
    } catch (error) {
      const now = clock.now();
      for (const { gate } of places) gates.tidy(gate, now);
      throw error;
    }
  }

  function giveBack(places: readonly Place[]): void {
    for (const { gate, cost } of places) {
      gate.underWay -= cost;
      gate.meter.giveBack?.(cost);
    }
    for (const { gate } of places) turnstile.wake(gate);
    const now = clock.now();
    for (const { gate } of places) gates.tidy(gate, now);
  }

  /**
   * Takes from a reply what it says of limits.
   * @param taken what its request took
   * @returns whether the vendor asked more for the request than it ever has
   */
  function hear(
    requester: Requester,
    { rates, host }: Aim,
    taken: readonly Place[],
    reply: ReadReply,
  ): boolean {
    const now = clock.now();
    let isTooDear = false;
    for (const rate of rates) {
      const { limit } = rate;
      // What connections share is not for one connection's vendor to say, which may be a server of its tenant's own.
      if (limit.type === "concurrency" || !limit.reported || !isOwn(limit)) continue;
      const key = keyOfRate(rate, requester);
      const place = taken.find(({ gate }) => gate.key === key);
      if (!place) continue;
      const { gate, cost: estimate } = place;
      const { cost, asked, ...state } = readReported(limit.reported, reply, now);
      if (cost !== undefined) gate.meter.corrected?.(now, cost, estimate);
      if (asked !== undefined) {
        learn(place, asked);
        isTooDear ||= state.limit !== undefined && asked > state.limit;
      }
      gate.meter.told?.(now, state, gate.underWay - estimate);
    }
    const told = readLimitHeaders(reply.response.status, reply.headers, now);
    if (told.resetAt === undefined) return isTooDear;
    const gate = toldGate(requester, host);
    // Of its own requests it has counted those that it has answered.
    gate.meter.told?.(now, told, Math.max(0, gate.underWay - 1));
    return isTooDear;
  }

  /** There are as many hosts as a tenant may write into its settings; beyond some they are one. */
  function toldGate(requester: Requester, host: string): Gate {
    const owned = ownedBy(requester, "told");
    const isOne = !gates.get(vendorKey(requester, host)) && !gates.hasRoomForTold(owned);
    return gates.of(vendorKey(requester, isOne ? otherHosts : host), () => ({
      meter: createCeiling({ isOfMany: isOne }),
      refusal: vendorRefusal(isOne ? "The vendor" : host),
      owned,
    }));
  }

  return {
    inFlight: () => inFlightOf(gates.get(`in flight: ${wholeHost}`)),
    queued: waiting.count,
    gates: () => gates.size,
    forget: gates.forget,
    async enter(who, first) {
      const { requester } = who;
      const whole = inFlightPlaces(who);
      let aim = first;
      let taken = ratePlaces(requester, first);
      let isTooDear = false;
      await pass([...whole, ...taken], who);
      return {
        async again(next) {
          const places = ratePlaces(requester, next);
          await pass(places, who);
          aim = next;
          taken = places;
        },
        settle(reply) {
          isTooDear = reply !== undefined && hear(requester, aim, taken, reply);
          giveBack(taken);
          taken = [];
        },
        isTooDear: () => isTooDear,
        leave() {
          giveBack([...taken, ...whole]);
          taken = [];
        },
      };
    },
  };
}

function inFlightOf(gate: Gate | undefined): number {
  return gate?.underWay ?? 0;
}

/** What is remembered together of a connection's hosts for which there is no room. */
const otherHosts = "(others)";

/** What one connection is told at one host. */
function vendorKey({ id }: Requester, host: string): string {
  return `vendor ${id} ${host}`;
}

function declaredRefusal({ limit }: Rate): Refusal {
  const whose = {
    connection: "this connection",
    tenant: "this tenant in this plugin",
    plugin: "this plugin",
  };
  return {
    code: "fetch-rate-limited",
    message: `The vendor allows ${whose[limit.per ?? "connection"]} no more requests at the moment (${describe(limit)}).`,
  };
}

function ownedBy({ id, tenantId }: Requester, by: Owned["by"]): Owned {
  return { connectionId: id, tenantId, by };
}

function vendorRefusal(who: string): Refusal {
  return {
    code: "fetch-rate-limited",
    message: `${who} has told this connection to wait.`,
  };
}

function describe(limit: Rate["limit"]): string {
  if (limit.type === "concurrency") return `${limit.requests} at a time`;
  if (limit.type === "token-bucket")
    return `${limit.capacity} points, ${limit.refillPerSecond} more a second`;
  return `${limit.requests} in ${limit.seconds} s`;
}
