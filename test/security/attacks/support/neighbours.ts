import {
  type Json,
  openSandbox,
  SandboxError,
  type SandboxEvent,
  type SandboxOptions,
} from "@plugboard/sandbox";

/** A plugin with tenants side by side, one of whose code means harm. */
export interface Neighbours {
  /** The output of a call, or the code of its error. */
  call(action: string, tenantId: string, o?: CallOptions): Promise<Json | SandboxError>;
  events: SandboxEvent[];
}

interface CallOptions {
  input?: Json;
  deadlineMs?: number;
  capabilities?: Parameters<ReturnType<typeof openSandbox>["call"]>[0]["capabilities"];
}

/** Actions are given as source: `{ name: "({ input }) => …" }`. */
export function openNeighbours(
  t: { after(close: () => Promise<void>): void },
  actions: { [name: string]: string },
  o: SandboxOptions & { prelude?: string; binary?: boolean } = {},
): Neighbours {
  const members = Object.entries(actions).map(([name, run]) => `${JSON.stringify(name)}: { run: ${run} }`);
  const code = `${o.prelude ?? ""}\nmodule.exports.default = { actions: { ${members.join(",\n")} } };`;
  const plugin = { id: "acme/neighbours", version: "1.0.0", code, binary: o.binary ?? false };
  const events: SandboxEvent[] = [];
  const sandbox = openSandbox(plugin, { ...o, onEvent: (event) => events.push(event) });
  t.after(() => sandbox.close({ graceMs: 0 }));
  return {
    events,
    call: (name, tenantId, { input = null, ...rest } = {}) =>
      sandbox
        .call({ tenantId, target: { kind: "action", name }, input, capabilities: {}, ...rest })
        .catch((error: unknown) => {
          if (error instanceof SandboxError) return error;
          throw error;
        }),
  };
}
