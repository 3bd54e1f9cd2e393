import { type TestContext, test } from "node:test";
import {
  type Capability,
  type Isolation,
  type Json,
  openSandbox,
  type Sandbox,
  type SandboxCall,
  type SandboxError,
  type SandboxEvent,
  type SandboxOptions,
} from "../index.ts";

export interface TestPlugin {
  sandbox: Sandbox;
  events: SandboxEvent[];
  /** Runs an action and gives its output. */
  run(action: string, o?: RunOptions): Promise<Json>;
  /** Runs an action that must fail, and gives the error. */
  fail(action: string, o?: RunOptions): Promise<SandboxError>;
}

type RunOptions = Partial<Omit<SandboxCall, "target">>;

/**
 * Opens the real sandbox over a plugin whose actions are given as source: `{ name: "({ input }) => …" }`.
 * `prelude` is code of the module itself, before the actions.
 */
export function openPlugin(
  t: TestContext,
  actions: { [name: string]: string },
  o: SandboxOptions & { prelude?: string; binary?: boolean; id?: string } = {},
): TestPlugin {
  const members = Object.entries(actions).map(([name, run]) => `${JSON.stringify(name)}: { run: ${run} }`);
  const code = `${o.prelude ?? ""}\nmodule.exports.default = { actions: { ${members.join(",\n")} } };`;
  const events: SandboxEvent[] = [];
  const plugin = { id: o.id ?? "acme/test", version: "1.0.0", code, binary: o.binary ?? false };
  const isolation =
    o.isolation ?? (process.env.PLUGBOARD_TEST_ISOLATION as Isolation | undefined) ?? "thread";
  const sandbox = openSandbox(plugin, { ...o, isolation, onEvent: (event) => events.push(event) });
  t.after(() => sandbox.close({ graceMs: 0 }));
  const run: TestPlugin["run"] = (name, options = {}) =>
    sandbox.call({
      tenantId: "tnt_1",
      input: null,
      capabilities: {},
      ...options,
      target: { kind: "action", name },
    });
  return {
    sandbox,
    events,
    run,
    fail: async (name, options) => {
      const output = await run(name, options).catch((error: SandboxError) => ({ error }));
      if (typeof output === "object" && output !== null && "error" in output && output.error instanceof Error)
        return output.error as SandboxError;
      throw new Error(`The action "${name}" did not fail; it answered ${JSON.stringify(output)}.`);
    },
  };
}

/** Declares a test twice: what it shows must hold in a thread and in a process. */
export function testInEach(
  name: string,
  run: (t: TestContext, isolation: Isolation) => void | Promise<void>,
): void {
  for (const isolation of ["thread", "process"] as const)
    test(`${name} (in a ${isolation})`, (t) => run(t, isolation));
}

/** A clock that goes on when it is told to. */
export function createClock(): { now(): number; goOn(ms: number): void } {
  let now = Date.UTC(2030, 0, 1);
  return {
    now: () => now,
    goOn(ms) {
      now += ms;
    },
  };
}

/** A `fetch` capability that answers every request with this text. */
export const answering =
  (body: string, o: { status?: number; headers?: [string, string][] } = {}): Capability =>
  async () => ({
    status: o.status ?? 200,
    statusText: "",
    url: "",
    headers: o.headers ?? [],
    body: new TextEncoder().encode(body),
  });
