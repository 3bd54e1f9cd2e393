import type { CircuitBreakerPolicy } from "@plugboard/plugin-sdk/manifest";
import type { Metrics } from "@plugboard/service-kit/observe";
import { CapabilityError } from "../errors.ts";
import { createCircuitStore } from "./circuit-store.ts";
import type { Clock } from "./clock.ts";

export type CircuitState = "closed" | "open" | "half-open";

/** How an attempt ended, as the circuit sees it; `unknown` when it was given up from our side. */
export type Verdict = "ok" | "failed" | "unknown";

/** Leaves a vendor alone that keeps failing: one circuit for each connection and host. What works costs no memory. */
export interface Circuits {
  /**
   * Asks whether an attempt may go out. The function that is returned must be told how it ended.
   * @throws CapabilityError `fetch-circuit-open`, with `retryAfterMs`
   */
  admit(at: CircuitPlace, policy: Required<CircuitBreakerPolicy> | undefined): (verdict: Verdict) => void;
  /** The circuits of a connection that are not closed. */
  statesOf(connectionId: string): { host: string; state: CircuitState; since: number }[];
  forget(connectionId: string): void;
}

export interface CircuitPlace {
  connectionId: string;
  pluginId: string;
  host: string;
}

interface Circuit {
  place: CircuitPlace;
  /** When it was opened; undefined while it is closed. */
  openedAt: number | undefined;
  opensUntil: number;
  /** Whether the one request that is let through is under way. */
  isProbing: boolean;
  /** Two halves of the window, so that what is long ago falls out. */
  halves: { endsAt: number; total: number; failed: number }[];
}

/** Quiet ones are looked for when there are twice as many as after the last time, and so many at least. */
const fewestToSweep = 10_000;
/** One that nobody has tried for so long after it could be is of no use: its vendor is not asked any more. */
const longestUntriedMs = 24 * 60 * 60 * 1000;

export function createCircuits({ clock, metrics }: { clock: Clock; metrics: Metrics }): Circuits {
  const circuits = createCircuitStore<Circuit>();
  let sweepAt = fewestToSweep;
  const changes = metrics.counter({
    name: "plugboard_egress_circuit_changes_total",
    help: "How often the circuit of a connection to a host was opened, tried and closed again.",
    labelNames: ["plugin", "to"],
  });
  metrics.gauge({
    name: "plugboard_egress_circuits_open",
    help: "Connections to hosts that are left alone for a while because they failed too often.",
    labelNames: ["plugin"],
    collect() {
      this.reset();
      for (const { place, openedAt } of circuits.all())
        if (openedAt !== undefined) this.inc({ plugin: place.pluginId });
    },
  });

  function stateOf({ openedAt, opensUntil }: Circuit): CircuitState {
    if (openedAt === undefined) return "closed";
    return clock.now() < opensUntil ? "open" : "half-open";
  }

  function openFor(circuit: Circuit, seconds: number): void {
    const now = clock.now();
    circuit.openedAt ??= now;
    circuit.opensUntil = now + seconds * 1000;
    circuit.halves = [];
    changes.inc({ plugin: circuit.place.pluginId, to: "open" });
  }

  function count(circuit: Circuit, policy: Required<CircuitBreakerPolicy>, isFailure: boolean): void {
    const now = clock.now();
    const halfMs = policy.windowSeconds * 500;
    circuit.halves = circuit.halves.filter(({ endsAt }) => endsAt + halfMs > now);
    const last = circuit.halves.at(-1);
    const half = last && now < last.endsAt ? last : { endsAt: now + halfMs, total: 0, failed: 0 };
    if (half !== last) circuit.halves.push(half);
    half.total++;
    if (isFailure) half.failed++;
    const total = circuit.halves.reduce((sum, one) => sum + one.total, 0);
    const failed = circuit.halves.reduce((sum, one) => sum + one.failed, 0);
    if (total >= policy.minRequests && failed * 100 >= total * policy.failurePercent)
      openFor(circuit, policy.openSeconds);
  }

  function remove(circuit: Circuit): void {
    circuits.delete(circuit.place.connectionId, circuit.place.host, circuit);
  }

  function forgetQuiet(): void {
    if (circuits.size < sweepAt) return;
    const now = clock.now();
    for (const circuit of circuits.all()) {
      const { openedAt, opensUntil, isProbing, halves } = circuit;
      const isQuiet =
        openedAt === undefined
          ? halves.every(({ endsAt }) => endsAt < now)
          : !isProbing && opensUntil + longestUntriedMs < now;
      if (isQuiet) remove(circuit);
    }
    sweepAt = Math.max(fewestToSweep, 2 * circuits.size);
  }

  return {
    admit(place, policy) {
      if (!policy) return () => {};
      const { connectionId, host } = place;
      const known = circuits.get(connectionId, host);
      const state = known ? stateOf(known) : "closed";
      if (known && (state === "open" || (state === "half-open" && known.isProbing)))
        throw isOpen(known, clock.now());
      if (known && state === "half-open") {
        known.isProbing = true;
        changes.inc({ plugin: place.pluginId, to: "half-open" });
        return (verdict) => {
          known.isProbing = false;
          if (verdict === "failed") openFor(known, policy.openSeconds);
          if (verdict !== "ok") return;
          remove(known);
          changes.inc({ plugin: place.pluginId, to: "closed" });
        };
      }
      return (verdict) => {
        let circuit = circuits.get(connectionId, host);
        // What was under way when it opened says nothing about now.
        if (verdict === "unknown" || circuit?.openedAt !== undefined) return;
        if (!circuit && verdict === "ok") return;
        if (!circuit) {
          forgetQuiet();
          circuit = { place, openedAt: undefined, opensUntil: 0, isProbing: false, halves: [] };
          circuits.set(connectionId, host, circuit);
        }
        count(circuit, policy, verdict === "failed");
      };
    },

    forget: circuits.forget,

    statesOf(connectionId) {
      return [...circuits.ofConnection(connectionId)].flatMap((circuit) => {
        const { place, openedAt } = circuit;
        if (openedAt === undefined) return [];
        return [{ host: place.host, state: stateOf(circuit), since: openedAt }];
      });
    },
  };
}

function isOpen({ place, opensUntil }: Circuit, now: number): CapabilityError {
  const retryAfterMs = Math.max(1, Math.ceil(opensUntil - now));
  return new CapabilityError(
    "fetch-circuit-open",
    `${place.host} has failed too often over this connection and is left alone for a while. Repeat it in ${retryAfterMs} ms.`,
    undefined,
    retryAfterMs,
  );
}
