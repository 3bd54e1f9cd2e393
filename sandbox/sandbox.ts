import { createHostCall, type HostCall } from "./calls.ts";
import type { Json, PluginCode, PluginShape, Sandbox, SandboxCall, SandboxOptions } from "./contract.ts";
import { SandboxError } from "./errors.ts";
import { defaultLimits, type SandboxLimits } from "./limits.ts";
import { defaultWorkerUrl } from "./locations.ts";
import { isDeeperThan, isLargerThan } from "./plain.ts";
import { createPool } from "./pool.ts";

const GRACE_MS = 5_000;
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
  const pool = createPool({
    plugin,
    limits,
    workerUrl: options.workerUrl ?? defaultWorkerUrl,
    isolation: options.isolation ?? "thread",
    onOutput: options.onOutput ?? (() => {}),
    onEvent: options.onEvent ?? (() => {}),
  });
  const inFlight = new Map<string, number>();
  const waiters = new Set<() => void>();
  let total = 0;
  let completed = 0;
  let failed = 0;
  let closed = false;

  const admit = (tenantId: string) => {
    if (closed) throw new SandboxError("plugin-closed", "The sandbox is closed.");
    const ofTenant = inFlight.get(tenantId) ?? 0;
    if (total >= limits.calls)
      throw new SandboxError("plugin-busy", `The plugin has ${total} calls in flight, which is its limit.`);
    if (ofTenant >= limits.callsPerTenant)
      throw new SandboxError(
        "plugin-busy",
        `The tenant has ${ofTenant} calls of this plugin in flight, which is its limit.`,
      );
    total += 1;
    inFlight.set(tenantId, ofTenant + 1);
  };

  const leave = (tenantId: string) => {
    total -= 1;
    const rest = (inFlight.get(tenantId) ?? 1) - 1;
    if (rest > 0) inFlight.set(tenantId, rest);
    else inFlight.delete(tenantId);
    if (total === 0) for (const waiter of waiters) waiter();
  };

  const run = async (
    o: Pick<HostCall, "tenantId" | "task" | "capabilities" | "deadlineMs">,
    signal: AbortSignal | undefined,
  ): Promise<Json> => {
    admit(o.tenantId);
    const call = createHostCall(o);
    const onAbort = () => call.onAbort();
    try {
      if (signal?.aborted) throw new SandboxError("call-aborted", "The caller had given the call up.");
      signal?.addEventListener("abort", onAbort);
      pool.submit(call);
      const output = await call.answer;
      completed += 1;
      return output;
    } catch (error) {
      failed += 1;
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
      leave(o.tenantId);
    }
  };

  return {
    async call(c: SandboxCall): Promise<Json> {
      const { tenantId, target, capabilities } = c;
      const input = toText("input", c.input, limits);
      const context = toText("context", c.context ?? {}, limits);
      const { kind, name } = target;
      const names = Object.keys(capabilities);
      const task = { type: "call", tenantId, kind, name, input, context, capabilities: names } as const;
      return run({ tenantId, task, capabilities, deadlineMs: c.deadlineMs ?? limits.deadlineMs }, c.signal);
    },

    async describe(): Promise<PluginShape> {
      const o = {
        tenantId: "",
        task: { type: "describe" },
        capabilities: {},
        deadlineMs: limits.deadlineMs,
      } as const;
      return (await run(o, undefined)) as unknown as PluginShape;
    },

    stats: () => ({ ...pool.stats(), callsInFlight: total, completed, failed }),

    async close({ graceMs = GRACE_MS } = {}) {
      closed = true;
      if (total > 0) await finishWithin(graceMs, waiters);
      await pool.stop();
    },
  };
}

function toText(what: string, value: unknown, limits: SandboxLimits): string {
  const refuse = (why: string) => new SandboxError("plugin-input-too-large", `The ${what} is ${why}.`);
  const text = stringify(value);
  // Deeper than JSON.stringify can follow is deeper than any limit.
  if (text === undefined || (text.length > limits.depth * 2 && isDeeperThan(value, limits.depth)))
    throw refuse(`nested deeper than ${limits.depth} levels`);
  if (isLargerThan(text, limits.inputBytes)) throw refuse(`larger than ${limits.inputBytes} bytes`);
  return text;
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value) ?? "null";
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function finishWithin(graceMs: number, waiters: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      waiters.delete(done);
      resolve();
    };
    const timer = setTimeout(done, graceMs);
    waiters.add(done);
  });
}
