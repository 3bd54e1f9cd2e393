import type { Capability, EndReason, Json, ReachedLimit } from "./contract.ts";
import type { SandboxError } from "./errors.ts";
import type { CallTask, DescribeTask } from "./messages.ts";

export interface NewCall {
  tenantId: string;
  /** For people and logs; the thread knows the call by a number. */
  callId: string;
  /** What is sent to the thread, but for the number. */
  task: Omit<CallTask, "call"> | Omit<DescribeTask, "call">;
  capabilities: { [name: string]: Capability };
  deadlineMs: number;
}

/**
 * A call as the host knows it, from its admission until the thread is done with it. A class, and bare of all that most calls
 * never need, because making one is a good part of what a short call costs.
 */
export class HostCall implements NewCall {
  readonly tenantId: string;
  readonly callId: string;
  readonly task: NewCall["task"];
  readonly capabilities: NewCall["capabilities"];
  readonly deadlineMs: number;
  /** On the clock of performance.now(). */
  readonly deadlineAt: number;
  /** Whether a capability was used, which may have changed something outside. Then it is not run again. */
  hadEffects = false;
  /** How often it was on a thread that ended, and was run again. */
  replays = 0;
  /** The same, of threads that did not come to run it. */
  restarts = 0;
  /** Nobody could say whose doing that was; this time it may turn out. */
  doubt?: { isCleared: boolean };
  /** CPU time, as far as it is known by now. */
  cpuMs = 0;
  /** Limits that it reached, each told once. */
  reached?: Set<ReachedLimit>;
  /** What its thread sent about this call. */
  logLines = 0;
  logBytes = 0;
  limitCount = 0;
  useCount = 0;
  cancels = 0;
  /** On the thread that has it. */
  number = 0;
  /** The caller has its answer; the thread may still be at it. */
  settled = false;
  readonly answer: Promise<Json>;
  /** Of whoever has it: gives the call up, because its caller does. */
  onAbort: (call: HostCall) => void = () => {};
  readonly #resolve: (output: Json) => void;
  readonly #reject: (error: SandboxError) => void;
  /** Open uses of capabilities, by number. */
  #uses: Map<number, AbortController> | undefined;

  constructor(o: NewCall) {
    this.tenantId = o.tenantId;
    this.callId = o.callId;
    this.task = o.task;
    this.capabilities = o.capabilities;
    this.deadlineMs = o.deadlineMs;
    this.deadlineAt = performance.now() + o.deadlineMs;
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get openUses(): number {
    return this.#uses?.size ?? 0;
  }

  hasUse(use: number): boolean {
    return this.#uses?.has(use) ?? false;
  }

  /** @returns what is aborted when the use is given up, or the call has its answer before */
  beginUse(use: number): AbortSignal {
    const controller = new AbortController();
    this.#uses ??= new Map();
    this.#uses.set(use, controller);
    return controller.signal;
  }

  /** False when it was over before. */
  endUse(use: number): boolean {
    return this.#uses?.delete(use) ?? false;
  }

  giveUpUse(use: number): void {
    this.#uses?.get(use)?.abort();
    this.#uses?.delete(use);
  }

  resolve(output: Json): void {
    if (this.#settle()) this.#resolve(output);
  }

  reject(error: SandboxError): void {
    if (this.#settle()) this.#reject(error);
  }

  /** What listens to the signal of its caller (`EventListenerObject`). */
  handleEvent(): void {
    this.onAbort(this);
  }

  /** Marks the call as answered and ends what it had open; false when it was answered before. */
  #settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    for (const use of this.#uses?.values() ?? []) use.abort();
    this.#uses = undefined;
    return true;
  }
}

/**
 * So often a call is run again whose thread another's code ended. Suspects are parted each time, into five parts at most,
 * so that a call is alone by then among a hundred that one of them hides in.
 */
const MAX_REPLAYS = 3;
/** And so often one that could not be started: what fails twice fails again. */
const MAX_RESTARTS = 1;

/** Whether somebody waits for it, nothing outside would happen twice, and it was not tried often enough. */
export function canReplay(call: HostCall, reason: EndReason): boolean {
  const isLeft = reason === "not-started" ? call.restarts < MAX_RESTARTS : call.replays < MAX_REPLAYS;
  return isLeft && !call.settled && !call.hadEffects;
}

/** Makes a call ready for another thread, which knows nothing of it. */
export function makeReady(call: HostCall, reason: EndReason): void {
  if (reason === "not-started") call.restarts += 1;
  else call.replays += 1;
  call.logLines = call.logBytes = call.limitCount = call.useCount = call.cancels = 0;
}
