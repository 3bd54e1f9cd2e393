import { type Json, SandboxError } from "@plugboard/sandbox";
import { newId } from "@plugboard/service-kit/crypto";
import type { Logger, Metrics } from "@plugboard/service-kit/observe";
import { coreError } from "../../errors.ts";
import type { EgressBroker, EgressConnection } from "../capabilities/index.ts";
import type { ActivePlugin, ActivePlugins } from "./active-plugins.ts";
import { callCapabilities } from "./call-capabilities.ts";
import { createCallMetrics } from "./call-metrics.ts";
import type { Install } from "./installs.ts";
import { releaseOf } from "./installs.ts";
import { type CallSite, toCallError } from "./plugin-errors.ts";

/** One call of an action: who calls what, over which connection, with what. */
export interface ActionCall {
  install: Install;
  connection: Omit<EgressConnection, "pluginId" | "auth"> & { authType: string };
  action: string;
  input: Json;
  signal?: AbortSignal;
}

export interface PluginRunner {
  /**
   * Runs an action and gives its output, which fits the action's schema.
   * @throws `install-disabled`, `connection-inactive`, `action-not-found`, `action-input-invalid`,
   *   `action-output-invalid`, and what the plugin, the sandbox or the vendor made of the call
   */
  runAction(call: ActionCall): Promise<{ output: Json; callId: string }>;
}

/** The one place that calls plugin code. It adds plugin, version, tenant and call to every error, log line and metric. */
export function createPluginRunner(options: {
  activePlugins: ActivePlugins;
  egress: EgressBroker;
  logger: Logger;
  metrics: Metrics;
}): PluginRunner {
  const { activePlugins, egress, logger, metrics } = options;
  const startTimer = createCallMetrics(metrics);

  async function runChecked(plugin: ActivePlugin, call: ActionCall, site: CallSite): Promise<Json> {
    const action = plugin.actions.get(call.action);
    if (!action) throw unknownAction(plugin, call.action);
    refuseProblems(
      "action-input-invalid",
      action.checkInput(call.input),
      `The input does not fit "${call.action}".`,
      "/input",
    );
    const { connection } = call;
    const output = await plugin.sandbox.call({
      tenantId: connection.tenantId,
      target: { kind: "action", name: call.action },
      input: call.input,
      context: { connection: { id: connection.id, config: connection.config as Json } },
      capabilities: callCapabilities({ egress, logger }, plugin, call, site),
      ...(call.signal && { signal: call.signal }),
    });
    refuseProblems(
      "action-output-invalid",
      action.checkOutput(output),
      `The output of "${call.action}" does not fit its schema.`,
      "/output",
    );
    return output;
  }

  return {
    async runAction(call) {
      if (call.install.status !== "active") {
        throw coreError(
          "install-disabled",
          `The install of ${call.install.plugin} is disabled; enable it first.`,
        );
      }
      if (call.connection.status !== "active") {
        throw coreError(
          "connection-inactive",
          'This connection is switched off; set its status to "active" first.',
        );
      }
      const plugin = await activePlugins.get(releaseOf(call.install));
      const site = {
        plugin: call.install.plugin,
        version: call.install.version,
        action: call.action,
        callId: newId("call"),
      };
      const end = startTimer({ ...site, target: plugin.actions.has(call.action) ? call.action : "unknown" });
      try {
        const output = await runChecked(plugin, call, site);
        end("ok");
        return { output, callId: site.callId };
      } catch (error) {
        const answer = error instanceof SandboxError ? toCallError(error, site) : error;
        end(codeOf(answer));
        throw answer;
      }
    },
  };
}

function unknownAction(plugin: ActivePlugin, action: string) {
  const available = [...plugin.actions.keys()];
  return coreError(
    "action-not-found",
    `${plugin.manifest.id} ${plugin.manifest.version} has no action "${action}"; it has ${available.join(", ") || "none"}.`,
    { available },
  );
}

function refuseProblems(
  code: "action-input-invalid" | "action-output-invalid",
  problems: { pointer: string; message: string }[],
  detail: string,
  prefix: string,
): void {
  if (problems.length === 0) return;
  throw coreError(code, detail, {
    problems: problems.map(({ pointer, message }) => ({ pointer: `${prefix}${pointer}`, message })),
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "internal-error";
}
