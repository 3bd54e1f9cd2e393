import { randomUUID } from "node:crypto";
import { createAdmission } from "./admission.ts";
import { HostCall, type NewCall } from "./calls.ts";
import type { Json, PluginCode, PluginShape, Sandbox, SandboxCall, SandboxOptions } from "./contract.ts";
import { createCpuBudget } from "./cpu-budget.ts";
import { SandboxError } from "./errors.ts";
import { defaultLimits, type SandboxLimits } from "./limits.ts";
import { defaultWorkerUrl } from "./locations.ts";
import { isDeeperThan, isLargerThan } from "./plain.ts";
import { createPool } from "./pool.ts";
import { createLimitReport } from "./reached.ts";
import { createThreadBudget } from "./thread-budget.ts";

const GRACE_MS = 5_000;
/** To start and read a plugin takes the machine's time, not a caller's: a short deadline for calls is none for this. */
const DESCRIBE_MS = 10_000;
/** Since Node 25 `--permission` closes the network too, and 26 is the line that is supported. */
const NODE_MAJOR = 26;

/**
 * Makes one plugin version callable. Its code runs in a thread under Node's permission model, in a compartment per
 * tenant; what it may do is handed in with each call. Nothing is started before the first call.
 * Throws an Error on a Node that cannot hold the second wall.
 *
 * @example
 * const sandbox = openSandbox({ id: "acme/echo", version: "1.0.0", code, binary: false });
 * await sandbox.call({ tenantId: "tnt_1", target: { kind: "action", name: "echo" }, input: { a: 1 }, capabilities: {} });
 */
export function openSandbox(plugin: PluginCode, options: SandboxOptions = {}): Sandbox {
  if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR)
    throw new Error(`The sandbox needs Node ${NODE_MAJOR} or newer; this is ${process.version}.`);
  const limits: SandboxLimits = { ...defaultLimits, ...options.limits };
  const now = options.now ?? Date.now;
  const onEvent = options.onEvent ?? (() => {});
  const report = createLimitReport(onEvent);
  const budget = createCpuBudget(limits, now);
  const threads = options.threads ?? createThreadBudget({ max: Number.MAX_SAFE_INTEGER });
  const admission = createAdmission(limits, budget, threads);
  const pool = createPool({
    plugin,
    limits,
    workerUrl: options.workerUrl ?? defaultWorkerUrl(),
    isolation: options.isolation ?? "thread",
    budget,
    threads,
    now,
    report,
    onOutput: options.onOutput ?? (() => {}),
    onEvent,
  });
  let completed = 0;
  let failed = 0;
  let closed = false;

  const run = async (o: NewCall, signal?: AbortSignal): Promise<Json> => {
    if (closed) throw new SandboxError("plugin-closed", "The sandbox is closed.");
    const refusal = admission.refusal(o.tenantId);
    if (refusal) {
      report(refusal.limit, o);
      throw refusal.error;
    }
    const call = new HostCall(o);
    try {
      if (signal?.aborted) throw new SandboxError("call-aborted", "The caller had given the call up.");
      signal?.addEventListener("abort", call);
      pool.submit(call);
      const output = await call.answer;
      completed += 1;
      return output;
    } catch (error) {
      failed += 1;
      throw error;
    } finally {
      signal?.removeEventListener("abort", call);
      admission.leave(o.tenantId);
    }
  };

  /** The JSON text of what goes in. Throws when it may not. */
  const toText = (what: string, value: unknown, who: { tenantId: string; callId: string }): string => {
    const refuse = (limit: "depth" | "inputBytes", why: string) => {
      report(limit, who);
      return new SandboxError("plugin-input-too-large", `The ${what} is ${why}.`);
    };
    const text = stringify(value);
    // Deeper than JSON.stringify can follow is deeper than any limit.
    if (text === undefined || (text.length > limits.depth * 2 && isDeeperThan(value, limits.depth)))
      throw refuse("depth", `nested deeper than ${limits.depth} levels`);
    if (isLargerThan(text, limits.inputBytes))
      throw refuse("inputBytes", `larger than ${limits.inputBytes} bytes`);
    return text;
  };

  return {
    async call(c: SandboxCall): Promise<Json> {
      const { tenantId, target, capabilities, callId = randomUUID() } = c;
      const who = { tenantId, callId };
      const input = toText("input", c.input, who);
      const context = toText("context", c.context ?? {}, who);
      const { kind, name } = target;
      const names = Object.keys(capabilities);
      const task = { type: "call", tenantId, kind, name, input, context, capabilities: names } as const;
      const deadlineMs = c.deadlineMs ?? limits.deadlineMs;
      return await run({ tenantId, callId, task, capabilities, deadlineMs }, c.signal);
    },

    async describe(): Promise<PluginShape> {
      const task = { type: "describe" } as const;
      const deadlineMs = Math.max(limits.deadlineMs, DESCRIBE_MS);
      const shape = await run({ tenantId: "", callId: randomUUID(), task, capabilities: {}, deadlineMs });
      return shape as unknown as PluginShape;
    },

    stats: () => ({ ...pool.stats(), callsInFlight: admission.inFlight, completed, failed }),

    async close({ graceMs = GRACE_MS } = {}) {
      closed = true;
      await admission.empty(graceMs);
      await pool.stop();
    },
  };
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
