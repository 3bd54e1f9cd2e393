import type { Encoded, FromWorker, InnerLimit, Thrown, ToWorker, WorkerLimits } from "../messages.ts";
import { codedError } from "./endowments/index.ts";
import type { Account } from "./meter.ts";
import { natives } from "./natives.ts";

/** The way out of the thread. Plugin code never holds it. */
export interface HostLink {
  post(message: FromWorker): void;
  /** For what must be out before any other code runs, which may never give the thread back. */
  postNow(message: FromWorker): void;
  /** Tells the host, over shared memory, that one turn of the thread is over and another begins. */
  beginTurn(): void;
  /** Tells the host, over shared memory, whose code runs from now on, and counts its time. */
  mark(call: ActiveCall): void;
  limits: WorkerLimits;
}

interface Use {
  resolve(value: Encoded): void;
  reject(error: Error): void;
}

/** Which call the running code belongs to, across awaits, timers and replies. */
export const callOfTheMoment = new natives.AsyncLocalStorage<ActiveCall>();

let nextUse = 1;

/**
 * One call in flight: what it may use, and all that has to go when it ends. A class, and bare of all that most
 * calls never need, because making one is a good part of what a short call costs.
 */
export class ActiveCall {
  readonly id: number;
  readonly limits: WorkerLimits;
  /** The tenant's, and how long this call's own code ran: see meter.ts. */
  readonly account: Account;
  ms = 0;
  ended = false;
  /** Of endowments/log.ts and endowments/timers.ts. */
  logLines = 0;
  logChars = 0;
  timers = 0;
  readonly #host: HostLink;
  readonly #granted: readonly string[];
  #uses: Map<number, Use> | undefined;
  #useCount = 0;
  #reached: Set<InnerLimit> | undefined;
  #teardowns: Set<() => void> | undefined;
  #whenGivenUp: (() => void)[] | undefined;

  constructor(id: number, capabilities: readonly string[], account: Account, host: HostLink) {
    this.id = id;
    this.account = account;
    this.limits = host.limits;
    this.#granted = capabilities;
    this.#host = host;
  }

  grants(capability: string): boolean {
    return this.#granted.includes(capability);
  }

  /** Asks the host. Throws, with a code, what keeps the call from asking. */
  use(name: string, argument: Encoded): { answer: Promise<Encoded>; cancel(): void } {
    if (this.ended) throw codedError("call-ended", `The call has ended; "${name}" can no longer be used.`);
    if (!this.grants(name))
      throw codedError("capability-not-granted", `This call was not given the capability "${name}".`);
    this.#uses ??= new Map();
    const uses = this.#uses;
    const { capabilityCalls, capabilityCallsTotal, capabilityBytes } = this.limits;
    if (this.#useCount >= capabilityCallsTotal)
      throw this.reached(
        "capabilityCallsTotal",
        "too-many-capability-calls-in-all",
        `A call may use capabilities ${capabilityCallsTotal} times in all.`,
      );
    if (uses.size >= capabilityCalls)
      throw this.reached(
        "capabilityCalls",
        "too-many-capability-calls",
        `At most ${capabilityCalls} capability calls may be open at once; await some of them first.`,
      );
    if (argument.text.length > capabilityBytes)
      throw this.reached(
        "capabilityBytes",
        "argument-too-large",
        `The argument of "${name}" is larger than ${capabilityBytes} bytes.`,
      );
    const use = nextUse++;
    this.#useCount += 1;
    const answer = new Promise<Encoded>((resolve, reject) => uses.set(use, { resolve, reject }));
    this.#host.post({ type: "use", call: this.id, use, name, argument });
    const cancel = () => {
      if (uses.delete(use)) this.#host.post({ type: "cancel", call: this.id, use });
    };
    return { answer, cancel };
  }

  /** Tells the host, once, that the call reached a limit, and makes the error that says so. */
  reached(limit: InnerLimit, code: string, message: string): Error {
    this.#reached ??= new Set();
    if (!this.ended && !this.#reached.has(limit)) {
      this.#reached.add(limit);
      this.#host.post({ type: "limit", call: this.id, limit });
    }
    return codedError(code, message);
  }

  log(line: string): void {
    if (!this.ended) this.#host.postNow({ type: "log", call: this.id, line });
  }

  settle(reply: Extract<ToWorker, { type: "reply" }>): void {
    const use = this.#uses?.get(reply.use);
    if (!use) return;
    this.#uses?.delete(reply.use);
    this.mark();
    if (reply.ok) use.resolve(reply.value);
    else use.reject(rebuildError(reply.error));
  }

  /** Runs when the call ends, unless it is taken back first. */
  onEnd(teardown: () => void): { takeBack(): void } {
    this.#teardowns ??= new Set();
    const teardowns = this.#teardowns.add(teardown);
    return { takeBack: () => void teardowns.delete(teardown) };
  }

  /** Runs when the host gives the call up before it has finished. */
  onGivenUp(effect: () => void): void {
    this.#whenGivenUp ??= [];
    this.#whenGivenUp.push(effect);
  }

  mark(): void {
    this.#host.mark(this);
  }

  /** As `mark`, for code that a timer runs: what ran before it in the same round of the event loop did come to its end. */
  markTurn(): void {
    this.#host.beginTurn();
    this.mark();
  }

  giveUp(): void {
    if (this.ended) return;
    // Its listeners run now.
    this.mark();
    this.end();
    for (const effect of this.#whenGivenUp ?? []) effect();
  }

  /** Whether the host was asked for something, so that it cannot run the call again. */
  get hadEffects(): boolean {
    return this.#useCount > 0;
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    // What hears of the end is this call's code, whoever ran before.
    this.mark();
    for (const use of this.#uses?.values() ?? [])
      use.reject(codedError("call-ended", "The call ended before the capability answered."));
    for (const teardown of this.#teardowns ?? []) teardown();
    this.#uses = undefined;
    this.#teardowns = undefined;
  }
}

/** A host's error, as plugin code sees it. */
function rebuildError(error: Thrown): Error {
  const extra: Record<string, unknown> = {};
  if (error.details !== undefined) extra.details = JSON.parse(error.details);
  if (error.retryAfterMs !== undefined) extra.retryAfterMs = error.retryAfterMs;
  return codedError(error.code ?? "capability-failed", error.message, extra);
}
