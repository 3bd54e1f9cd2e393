import type { Json } from "@plugboard/sandbox";
import type { Connections } from "../../kernel/connections/index.ts";
import type { Installs, PluginRunner } from "../../kernel/plugins/index.ts";

export interface ActionRequest {
  tenantId: string;
  connectionId: string;
  action: string;
  /** From a JSON body, so plain data. */
  input: unknown;
  signal: AbortSignal;
}

export type RunAction = (request: ActionRequest) => Promise<{ output: Json; callId: string }>;

/** Finds the connection and its install, both of this tenant, and runs the action over them. */
export function createRunAction(kernel: {
  connections: Pick<Connections, "use">;
  installs: Pick<Installs, "get">;
  runner: PluginRunner;
}): RunAction {
  return async function runAction({ tenantId, connectionId, action, input, signal }) {
    const connection = await kernel.connections.use(tenantId, connectionId);
    const install = await kernel.installs.get(tenantId, connection.installId);
    return kernel.runner.runAction({ install, connection, action, input: input as Json, signal });
  };
}
