import { contributedHooks, type OfferTarget } from "@plugboard/plugin-sdk/manifest";
import { type Json, SandboxError } from "@plugboard/sandbox";
import { newId } from "@plugboard/service-kit/crypto";
import type { Metrics } from "@plugboard/service-kit/observe";
import { coreError } from "../../errors.ts";
import { CapabilityError, type Files } from "../capabilities/index.ts";
import type { ActivePlugin, ActivePlugins } from "./active-plugins.ts";
import { type CapabilityHost, openCapabilities } from "./call-capabilities.ts";
import { createCallEffects } from "./call-effects.ts";
import { createCallMetrics } from "./call-metrics.ts";
import type { Agreement, Entitlements } from "./entitlements/index.ts";
import { refuseMissing } from "./handed-files.ts";
import { type Install, releaseOf } from "./installs.ts";
import { offerKinds, refuseProblems, unknownOffer } from "./offer-kinds.ts";
import type { ActionCall, OfferCall, PluginCall, VendorReply } from "./plugin-call.ts";
import { afterEffects, type CallSite, saysUnknown, toCallError, toVendorError } from "./plugin-errors.ts";
import type { PluginResult, PluginRunner } from "./plugin-runner.ts";
import { refuseInactive } from "./refuse-inactive.ts";
import type { ReleaseCall } from "./release-sandbox.ts";
import type { UsageMeter } from "./usage/index.ts";
import { openFetch, openStream } from "./vendor-access.ts";

/** The one place that calls plugin code. It adds plugin, version, tenant and call to every error, log line and metric. */
export function createPluginRunner(
  options: CapabilityHost & {
    activePlugins: ActivePlugins;
    /** What costs something runs for who may run it alone. */
    entitlements: Pick<Entitlements, "require">;
    /** What is priced by usage is counted here, where plugin code has no say in it. */
    usage: Pick<UsageMeter, "admit">;
    tenantFiles: Pick<Files, "findAll">;
    metrics: Metrics;
  },
): PluginRunner {
  const { activePlugins, entitlements, usage, tenantFiles, metrics, ...host } = options;
  const startTimer = createCallMetrics(metrics);

  /**
   * Begins a call in the release that the install runs. The install is read again once the call is counted there: from
   * then on a swap waits for the call, and the call stays in that version to its end.
   */
  async function begin({
    install: read,
    connection,
    signal,
  }: Pick<OfferCall, "install" | "connection" | "signal">): Promise<BegunCall> {
    let install = await read();
    for (;;) {
      refuseInactive(install, connection);
      const plugin = await activePlugins.get(releaseOf(install));
      const agreement = await entitlements.require(install, plugin.manifest);
      const begun = plugin.sandbox.begin(install.tenantId, signal);
      try {
        const now = await read();
        if (now === install || (now.tarballSha512 === install.tarballSha512 && now.status === install.status))
          return { install: now, plugin, begun, agreement };
        install = now;
      } catch (error) {
        begun.end();
        throw error;
      }
      begun.end();
    }
  }

  /** `check` looks at the plugin's answer before it counts as one. */
  async function run(
    { plugin, begun }: Pick<BegunCall, "plugin" | "begun">,
    call: PluginCall,
    check: { isKnown: boolean; before?(): void; after?(output: Json): void },
  ): Promise<PluginResult> {
    const site = siteOf(call);
    const end = startTimer({ ...site, target: check.isKnown ? call.target.name : "unknown" });
    try {
      check.before?.();
      const output = await callSandbox(plugin, begun, call, site);
      check.after?.(output);
      end("ok");
      return { output, callId: site.callId };
    } catch (error) {
      const answer = error instanceof SandboxError ? toCallError(error, site) : error;
      end(codeOf(answer));
      throw answer;
    }
  }

  async function callSandbox(
    plugin: ActivePlugin,
    begun: ReleaseCall,
    call: PluginCall,
    site: CallSite,
  ): Promise<Json> {
    const { connection, deadlineMs, idempotencyKey } = call;
    const { tenantId, id: installId } = call.install;
    const { plugin: id, version, callId, kind, target } = site;
    const fields = {
      plugin: id,
      version,
      callId,
      [kind]: target,
      tenantId,
      installId,
      connectionId: connection?.id,
    };
    const capabilities = openCapabilities(host, plugin, call, fields);
    try {
      return await begun.run({
        callId,
        target: call.target,
        input: call.input,
        context: {
          ...(connection && { connection: { id: connection.id, config: connection.config as Json } }),
          ...(idempotencyKey !== undefined && { idempotencyKey }),
        },
        capabilities: capabilities.functions,
        ...(deadlineMs !== undefined && { deadlineMs }),
      });
    } finally {
      await capabilities.close?.();
    }
  }

  /** What all offers have in common: checked on both sides, counted where that costs something, told how it ended. */
  async function runOffer(
    call: OfferCall & Partial<Pick<ActionCall, "idempotencyKey">>,
    target: OfferTarget,
  ): Promise<PluginResult> {
    const {
      connection,
      input: given,
      callId,
      beforeRun,
      idempotencyKey,
      effects = createCallEffects(),
    } = call;
    const { inputInvalid, outputInvalid, isMetered } = offerKinds[target.kind];
    const { name: counted = target.name, units = 1, made = () => 1 } = call.counts ?? {};
    const { install, plugin, begun, agreement } = await begin(call);
    let metered: Awaited<ReturnType<UsageMeter["admit"]>>;
    try {
      if (agreement && isMetered) metered = await usage.admit(install, agreement, counted, units);
      const offer = plugin.offer(target);
      const isRight = (input: Json) => offer?.checkInput(input).length === 0;
      const mayBeHanded = target.kind === "action" && plugin.manifest.permissions.files !== undefined;
      // Of what the caller gave, not of what others made of it: no hook hands over a file.
      const handed = mayBeHanded && isRight(given) ? (offer?.filesIn(given) ?? []) : [];
      if (handed.length > 0) {
        const { handsOver = false } = call;
        await refuseMissing(
          tenantFiles,
          { tenantId: install.tenantId, files: handed, handsOver },
          inputInvalid,
        );
      }
      const input = beforeRun && isRight(given) ? await beforeRun(isRight, begun.signal) : given;
      const result = await run(
        { plugin, begun },
        { install, connection, target, input, callId, idempotencyKey, effects, files: handed },
        {
          isKnown: offer !== undefined,
          before() {
            if (!offer) throw unknownOffer(plugin.manifest, target);
            const detail = `The input does not fit "${target.name}".`;
            refuseProblems(inputInvalid, offer.checkInput(input), detail, "/input");
          },
          after(output) {
            const detail = `The output of "${target.name}" does not fit its schema.`;
            refuseProblems(outputInvalid, offer?.checkOutput(output, input) ?? [], detail, "/output");
          },
        },
      );
      // No more than there was room for: what is made of an answer is the plugin's word.
      metered?.count(Math.min(made(result.output), units));
      return result;
    } catch (error) {
      // What it did is done, and whoever hangs up in time must not have it for nothing.
      if (call.signal?.aborted && effects.used && isGivenUp(error)) metered?.count(units);
      if (saysUnknown(error)) effects.doubt();
      throw effects.had ? afterEffects(error) : error;
    } finally {
      metered?.end();
      begun.end();
    }
  }

  return {
    runAction: (call) => runOffer(call, { kind: "action", name: call.action }),
    runEntity: (call) => runOffer(call, { kind: "entity", name: `${call.entity}.${call.operation}` }),
    runTrigger: (call) => runOffer(call, { kind: "trigger", name: call.trigger }),
    runNormalize: (call) => runOffer(call, { kind: "webhook", name: "normalize" }),

    offers: async (install) => (await activePlugins.get(releaseOf(await install()))).offer,

    async admit({ install, connection }) {
      refuseInactive(await install(), connection);
    },

    async callVendor({ requestOf, ...call }) {
      const { connection } = call;
      const { plugin, begun, install } = await begin(call);
      const callId = newId("call");
      const fields = {
        callId,
        tenantId: install.tenantId,
        installId: install.id,
        connectionId: connection.id,
      };
      try {
        const request = requestOf(plugin.manifest);
        const [opened] = openFetch(host, plugin, connection, fields);
        if (!opened) throw coreError("proxy-refused", `${install.plugin} may not reach any host.`);
        const context = { callId, signal: begun.signal };
        return (await opened.functions.fetch(request, context)) as unknown as VendorReply;
      } catch (error) {
        throw error instanceof CapabilityError ? toVendorError(error) : error;
      } finally {
        begun.end();
      }
    },

    async openStream(call) {
      const { connection, opening, trigger, signal } = call;
      // Counted until it is open, and not for as long as it is: a new version need not wait for it.
      const { plugin, begun, install } = await begin(call);
      try {
        const { tenantId, id: installId } = install;
        const fields = { tenantId, installId, connectionId: connection.id, trigger };
        return await openStream(host, plugin, { connection, opening, signal }, fields);
      } finally {
        begun.end();
      }
    },

    async runHook({ install, hook, signal, ...call }) {
      const plugin = await activePlugins.get(releaseOf(install));
      if (!contributedHooks(plugin.manifest).some(({ name }) => name === hook)) return undefined;
      // Who does not pay any more must be able to leave.
      if (hook !== "uninstall") await entitlements.require(install, plugin.manifest);
      const target = { kind: "hook" as const, name: hook };
      const begun = plugin.sandbox.begin(install.tenantId, signal);
      try {
        return await run({ plugin, begun }, { install, target, ...call }, { isKnown: true });
      } finally {
        begun.end();
      }
    },
  };
}

/** A call that is counted in a release, and the install whose version that is. */
interface BegunCall {
  install: Install;
  plugin: ActivePlugin;
  begun: ReleaseCall;
  /** The prices, where it costs something. */
  agreement: Agreement | undefined;
}

/** It was still running when its caller went away. */
function isGivenUp(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof SandboxError && error.cause.code === "call-aborted";
}

function siteOf({ install: { plugin, version }, target: { kind, name }, callId }: PluginCall): CallSite {
  return { plugin, version, kind, target: name, callId: callId ?? newId("call") };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "internal-error";
}
