import type { Json } from "@plugboard/sandbox";
import { newId } from "@plugboard/service-kit/crypto";
import type { Connections } from "../../kernel/connections/index.ts";
import type { Hooks } from "../../kernel/hooks/index.ts";
import type { CallEffects, Installs, PluginRunner } from "../../kernel/plugins/index.ts";

export interface ActionRequest {
  tenantId: string;
  connectionId: string;
  action: string;
  /** From a JSON body, so plain data. */
  input: unknown;
  /** Whether the caller may read the tenant's files, and so hand them over. */
  handsOver: boolean;
  /** The same for the same wish, however often it is tried. */
  idempotencyKey: string;
  signal: AbortSignal;
  effects: CallEffects;
}

export type ActionResult = { output: Json; callId: string };

export interface Actions {
  run(request: ActionRequest): Promise<ActionResult>;
  /** The plugin that the connection is to. @throws `connection-not-found` */
  pluginOf(tenantId: string, connectionId: string): Promise<string>;
  /** @throws what a call over the connection would be refused with now */
  admit(tenantId: string, connectionId: string): Promise<void>;
}

interface Kernel {
  connections: Pick<Connections, "use">;
  installs: Pick<Installs, "get">;
  runner: Pick<PluginRunner, "runAction" | "admit">;
  hooks: Hooks;
}

type ActionCall = Parameters<PluginRunner["runAction"]>[0];

export function createActions(kernel: Kernel): Actions {
  /** The connection and its install, both of this tenant. */
  async function find(tenantId: string, connectionId: string) {
    const connection = await kernel.connections.use(tenantId, connectionId);
    return { connection, install: () => kernel.installs.get(tenantId, connection.installId) };
  }

  return {
    async run(request) {
      const { tenantId, connectionId } = request;
      const found = await find(tenantId, connectionId);
      const call: ActionCall = { ...request, ...found, input: request.input as Json };
      const isHooked = await kernel.hooks.listensTo(tenantId, ["action.beforeRun", "action.afterRun"]);
      return await (isHooked ? runHooked(kernel, tenantId, call) : kernel.runner.runAction(call));
    },

    async pluginOf(tenantId, connectionId) {
      const { install } = await find(tenantId, connectionId);
      return (await install()).plugin;
    },

    async admit(tenantId, connectionId) {
      await kernel.runner.admit(await find(tenantId, connectionId));
    },
  };
}

/** Tells the tenant's other plugins before and after. A call that was refused before it ran is told to nobody. */
async function runHooked(
  { runner, hooks }: Pick<Kernel, "runner" | "hooks">,
  tenantId: string,
  call: ActionCall,
): Promise<ActionResult> {
  const { connection, action } = call;
  const callId = newId("call");
  // Which plugin it is stays the same whatever version the install is on.
  const { plugin } = await call.install();
  const occasion = { tenantId, plugin, connectionId: connection.id, callId };
  let startedAt: number | undefined;
  const tell = (outcome: string) => {
    if (startedAt === undefined) return;
    const durationMs = Math.round(performance.now() - startedAt);
    hooks.parallel("action.afterRun", occasion, { action, callId, outcome, durationMs });
  };
  try {
    const result = await runner.runAction({
      ...call,
      callId,
      async beforeRun(fits, signal) {
        const told = { action };
        const value = await hooks.waterfall("action.beforeRun", occasion, {
          value: call.input,
          told,
          fits,
          signal,
        });
        startedAt = performance.now();
        return value;
      },
    });
    tell("ok");
    return result;
  } catch (error) {
    tell(
      error instanceof Error && "code" in error && typeof error.code === "string"
        ? error.code
        : "internal-error",
    );
    throw error;
  }
}
