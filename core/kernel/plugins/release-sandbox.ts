import {
  type Json,
  type Sandbox,
  type SandboxCall,
  SandboxError,
  type SandboxEvent,
} from "@plugboard/sandbox";
import { createUnderWay } from "@plugboard/service-kit/under-way";
import { coreError } from "../../errors.ts";
import type { Crash } from "./quarantine/index.ts";

/**
 * The sandbox of one release, for as long as this host may call it. It is opened when it is needed, also when it was
 * given up before: a call that was on its way to a version that its install has just left still arrives.
 */
export interface ReleaseSandbox extends Pick<Sandbox, "describe"> {
  /** A call of the tenant's is in this release from now until its `end`, also before it gets to the code. */
  begin(tenantId: string, signal?: AbortSignal): ReleaseCall;
  /** The tenant's install has left this release: what is still in it after `graceMs` is aborted. */
  drain(tenantId: string, graceMs: number): void;
  /** Calls from now on get a fresh sandbox; those under way may finish in the old one, for `graceMs`. */
  renew(graceMs: number): Promise<void>;
  /** As `renew`, for good: what a call on its way opens again goes with that call. */
  retire(graceMs: number): Promise<void>;
  /** Ends what runs at once, also what only finishes in a sandbox that was given up before. */
  abort(): Promise<void>;
  /** As `renew`, and nothing is called from now on. */
  close(graceMs: number): Promise<void>;
}

/** One call, from the moment in which it was decided that this release answers it. */
export interface ReleaseCall {
  /** Aborted when the caller gives up, and when the install has left the release for too long. */
  readonly signal: AbortSignal;
  /** @throws `plugin-replaced`, and what admission or the sandbox say */
  run(call: Omit<SandboxCall, "tenantId" | "signal">): Promise<Json>;
  end(): void;
}

interface CallUnderWay {
  tenantId: string;
  controller: AbortController;
  hasEnded: boolean;
  /** Its install left the release, and it took too long to end. */
  isLeftBehind: boolean;
}

export function createReleaseSandbox(options: {
  open(onEvent: (event: SandboxEvent) => void): Sandbox;
  /** Whether the tenant may call the release at all; throws what its caller gets. */
  admit(tenantId: string): Promise<void>;
  onEvent(event: SandboxEvent): void;
  /** The release's own code ended its thread. */
  onCrash(crash: Omit<Crash, "at">): void;
  /** Nothing of it is open any more, until it is called again. */
  onGone(): void;
  /** A call took longer than its tenant's install waits with leaving the release. */
  onLeftBehind(): void;
}): ReleaseSandbox {
  const { open, admit, onCrash, onGone } = options;
  const underWay = createUnderWay<CallUnderWay>();
  /** Those that only finish what they have. */
  const leaving = new Set<Sandbox>();
  let current: Sandbox | undefined;
  let isRetired = false;
  let isClosed = false;

  function onEvent(event: SandboxEvent): void {
    options.onEvent(event);
    if (event.type === "thread-ended" && event.suspects) onCrash({ suspects: new Set(event.suspects) });
  }

  function sandbox(): Sandbox {
    if (isClosed) throw new SandboxError("plugin-closed", "The host is stopping.");
    current ??= open(onEvent);
    return current;
  }

  async function giveUp(graceMs: number): Promise<void> {
    const last = current;
    current = undefined;
    if (last) {
      leaving.add(last);
      await last.close({ graceMs }).finally(() => leaving.delete(last));
    }
    if (!current && leaving.size === 0) onGone();
  }

  async function endAll(graceMs: number): Promise<void> {
    await Promise.all([giveUp(graceMs), ...[...leaving].map((sandbox) => sandbox.close({ graceMs }))]);
  }

  return {
    begin(tenantId, signal) {
      const controller = new AbortController();
      const one: CallUnderWay = { tenantId, controller, hasEnded: false, isLeftBehind: false };
      const forward = () => controller.abort();
      if (signal?.aborted) forward();
      signal?.addEventListener("abort", forward);
      const leave = underWay.enter(one);
      return {
        signal: controller.signal,
        async run(call) {
          await admit(tenantId);
          try {
            return await sandbox().call({ ...call, tenantId, signal: controller.signal });
          } catch (error) {
            throw one.isLeftBehind ? leftBehind(error) : error;
          }
        },
        end() {
          one.hasEnded = true;
          leave();
          signal?.removeEventListener("abort", forward);
          if (isRetired && underWay.size === 0) void giveUp(0);
        },
      };
    },

    describe: async () => sandbox().describe(),

    drain(tenantId, graceMs) {
      const left = [...underWay].filter((one) => one.tenantId === tenantId);
      if (left.length === 0) return;
      setTimeout(() => {
        for (const one of left) {
          if (one.hasEnded) continue;
          one.isLeftBehind = true;
          options.onLeftBehind();
          one.controller.abort();
        }
      }, graceMs).unref();
    },

    renew: giveUp,

    retire(graceMs) {
      isRetired = true;
      return giveUp(graceMs);
    },

    abort: () => endAll(0),

    close(graceMs) {
      isClosed = true;
      return endAll(graceMs);
    },
  };
}

function leftBehind(cause: unknown) {
  return coreError(
    "plugin-replaced",
    "The install was moved to another version while this call ran in the old one, and the call did not end in the time that was left to it. Further ones run in the new version.",
    { retryable: true },
    { cause, headers: { "Retry-After": "1" } },
  );
}
