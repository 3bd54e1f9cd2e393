import type { StatedError } from "@plugboard/plugin-sdk/manifest";
import type { CallTarget, SandboxError, SandboxErrorCode } from "@plugboard/sandbox";
import { PlugboardError } from "@plugboard/service-kit/http";
import { type CoreErrorCode, coreError } from "../../errors.ts";
import type { CapabilityError } from "../capabilities/index.ts";
import { offerKinds } from "./offer-kinds.ts";

/** Where a call stood when it failed; goes into every error, log line and metric. */
export interface CallSite {
  plugin: string;
  version: string;
  kind: CallTarget["kind"];
  /** The name of the action or the hook, of an entity's operation as `customer.list`. */
  target: string;
  callId: string;
}

/** What is told in the words of what was called: see offer-kinds.ts. */
type OfOffers = "plugin-unknown-target" | "plugin-output-invalid";

/** What the sandbox says about a call that it ended, as the API's codes. */
const codesOfSandbox: Record<Exclude<SandboxErrorCode, "plugin-failed" | OfOffers>, CoreErrorCode> = {
  "plugin-deadline-exceeded": "plugin-deadline-exceeded",
  "plugin-blocked": "plugin-blocked",
  "plugin-cpu-exceeded": "plugin-cpu-exceeded",
  "plugin-cpu-budget-exceeded": "plugin-cpu-budget-exceeded",
  "plugin-tenant-cpu-budget-exceeded": "plugin-tenant-cpu-budget-exceeded",
  "plugin-out-of-memory": "plugin-out-of-memory",
  "plugin-external-memory-exceeded": "plugin-external-memory-exceeded",
  "plugin-crashed": "plugin-crashed",
  "plugin-busy": "plugin-busy",
  "plugin-tenant-busy": "plugin-tenant-busy",
  "plugin-host-busy": "plugin-host-busy",
  "plugin-closed": "plugin-crashed",
  "call-aborted": "plugin-crashed",
  "plugin-load-failed": "plugin-load-failed",
  "plugin-input-too-large": "plugin-input-too-large",
  "plugin-output-too-large": "plugin-output-too-large",
};

/** What a plugin says with `PluginError`, as the API's codes. */
const codesOfPluginError: Record<string, CoreErrorCode> = {
  "invalid-input": "vendor-input-refused",
  unauthorized: "vendor-unauthorized",
  forbidden: "vendor-forbidden",
  "not-found": "vendor-not-found",
  conflict: "vendor-conflict",
  "rate-limited": "vendor-rate-limited",
  "vendor-error": "vendor-error",
  "vendor-unavailable": "vendor-unavailable",
};

/** What a capability says, where the plugin let it pass: trouble on the way is the vendor's, the rest the plugin's. */
const codesOfCapabilities: Record<string, CoreErrorCode> = {
  "storage-busy": "plugin-busy",
  "files-busy": "plugin-busy",
  "database-busy": "plugin-busy",
  "storage-version-changed": "plugin-replaced",
  "fetch-timeout": "vendor-unavailable",
  "fetch-failed": "vendor-unavailable",
  "fetch-dns-failed": "vendor-unavailable",
  "fetch-connection-busy": "plugin-busy",
  "fetch-tenant-busy": "plugin-busy",
  "fetch-plugin-busy": "plugin-busy",
  "fetch-host-busy": "plugin-busy",
  "fetch-queue-full": "plugin-busy",
  "fetch-rate-limited": "vendor-rate-limited",
  "fetch-circuit-open": "vendor-unavailable",
  "fetch-hook-refused": "hook-refused",
  "connection-inactive": "connection-inactive",
};

/** Turns a failed call into the answer its caller gets. The plugin's words are shown, the host's own are not. */
export function toCallError(error: SandboxError, site: CallSite): PlugboardError {
  const { plugin, version, kind, target, callId } = site;
  const where = `${plugin} ${version}, ${kind} "${target}"`;
  const members = { plugin, version, [kind]: target, callId };
  if (error.code !== "plugin-failed") {
    const code = codeOfSandbox(error.code, kind);
    return coreError(
      code,
      `${where}: ${error.message}`,
      { ...members, retryable: error.retryable },
      { cause: error, headers: retryAfter(error.retryAfterMs) },
    );
  }
  const thrown = error.thrown ?? { message: "it threw something that is no error" };
  const detail = `${where}: ${thrown.message}`;
  const code = codeOfThrown(thrown.code);
  const reason = thrown.code !== undefined && thrown.code !== code ? { reason: thrown.code } : {};
  return coreError(
    code,
    detail,
    { ...members, ...reason, ...(thrown.details !== undefined && { details: thrown.details }) },
    { cause: error, headers: retryAfter(thrown.retryAfterMs) },
  );
}

/** Whether the plugin itself says that nobody can tell what came of the call, and not the host for it. */
export function saysUnknown(error: unknown): boolean {
  return (
    error instanceof PlugboardError &&
    error.code === "vendor-unavailable" &&
    error.members.reason === undefined
  );
}

/**
 * The same of a call that may have changed something. Whether it did nobody can tell, so nobody is told to repeat it.
 */
export function afterEffects(error: unknown): unknown {
  if (!(error instanceof PlugboardError) || error.members.retryable !== true) return error;
  const { code, message, members, cause } = error;
  const detail = `${message} It may have changed something before; look there, at the vendor as a rule, before repeating it.`;
  return coreError(code as CoreErrorCode, detail, { ...members, retryable: false }, { cause });
}

/** An error that a plugin states of one of many things, in an answer that is none itself. */
export function toStatedError(
  { code: said, message, details, retryAfterMs }: StatedError,
  callId: string,
): PlugboardError {
  const code = codeOfThrown(said);
  const members = {
    callId,
    ...(said !== undefined && said !== code && { reason: said }),
    ...(details !== undefined && { details }),
  };
  return coreError(code, message, members, { headers: retryAfter(retryAfterMs) });
}

/** A capability's refusal of what no plugin code asked for. */
export function toVendorError(error: CapabilityError): PlugboardError {
  const { code, message, retryAfterMs } = error;
  const known = isRefusal(code) ? "proxy-refused" : codeOfThrown(code);
  return coreError(known, message, { reason: code }, { cause: error, headers: retryAfter(retryAfterMs) });
}

/** What is the request's own fault. */
function isRefusal(code: string): boolean {
  return ["fetch-not-granted", "fetch-invalid-request", "fetch-request-too-large"].includes(code);
}

function codeOfSandbox(
  code: Exclude<SandboxErrorCode, "plugin-failed">,
  kind: CallSite["kind"],
): CoreErrorCode {
  if (code !== "plugin-unknown-target" && code !== "plugin-output-invalid") return codesOfSandbox[code];
  const { unknown, outputInvalid } = offerKinds[kind === "hook" ? "action" : kind];
  return code === "plugin-unknown-target" ? unknown : outputInvalid;
}

const longestRetryAfterMs = 24 * 60 * 60 * 1000;

/** Whole seconds (RFC 9110, 10.2.3). A plugin may have said any number, and 1e+300 is no such text. */
function retryAfter(retryAfterMs: number | undefined): Record<string, string> {
  if (retryAfterMs === undefined) return {};
  return { "Retry-After": String(Math.ceil(Math.min(retryAfterMs, longestRetryAfterMs) / 1000)) };
}

function codeOfThrown(code: string | undefined): CoreErrorCode {
  if (code === undefined) return "plugin-failed";
  if (Object.hasOwn(codesOfPluginError, code)) return codesOfPluginError[code] ?? "plugin-failed";
  if (Object.hasOwn(codesOfCapabilities, code)) return codesOfCapabilities[code] ?? "plugin-failed";
  return code.startsWith("fetch-") ? "egress-refused" : "plugin-failed";
}
