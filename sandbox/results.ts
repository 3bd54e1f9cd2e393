import type { HostCall } from "./calls.ts";
import type { Json } from "./contract.ts";
import { SandboxError, type SandboxErrorCode, type ThrownByPlugin } from "./errors.ts";
import type { SandboxLimits } from "./limits.ts";
import type { TaskFailure, TaskResult, Thrown } from "./messages.ts";
import { isDeeperThan, isLargerThan } from "./plain.ts";
import type { ReportLimit } from "./reached.ts";

const codeOf: Record<TaskFailure, SandboxErrorCode> = {
  "load-failed": "plugin-load-failed",
  "unknown-target": "plugin-unknown-target",
  "output-invalid": "plugin-output-invalid",
  "output-too-large": "plugin-output-too-large",
  failed: "plugin-failed",
  ended: "call-aborted",
};

/** Gives the caller what the thread answered, once it was checked. */
export function settleCall(
  call: HostCall,
  result: TaskResult,
  { limits, report }: { limits: SandboxLimits; report: ReportLimit },
): void {
  if (call.settled) return;
  if (!result.ok) {
    const thrown = toThrownByPlugin(result.thrown, limits.errorBytes);
    if (result.failure === "output-too-large") report("outputBytes", call);
    call.reject(new SandboxError(codeOf[result.failure], thrown.message, { thrown }));
    return;
  }
  if (isLargerThan(result.output, limits.outputBytes)) {
    const message = `The output is larger than ${limits.outputBytes} bytes.`;
    report("outputBytes", call);
    call.reject(new SandboxError("plugin-output-too-large", message));
    return;
  }
  const output = parse(result.output);
  if (output === undefined || isDeeperThan(output, limits.depth))
    call.reject(
      new SandboxError(
        "plugin-output-invalid",
        `The output is not JSON, or deeper than ${limits.depth} levels.`,
      ),
    );
  else call.resolve(output);
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function toThrownByPlugin(thrown: Thrown, maxChars: number): ThrownByPlugin {
  const result: ThrownByPlugin = { message: thrown.message.slice(0, maxChars) };
  if (thrown.name !== undefined) result.name = thrown.name.slice(0, maxChars);
  if (thrown.code !== undefined) result.code = thrown.code.slice(0, maxChars);
  if (thrown.stack !== undefined) result.stack = thrown.stack.slice(0, maxChars);
  if (thrown.retryAfterMs !== undefined) result.retryAfterMs = thrown.retryAfterMs;
  const details =
    thrown.details !== undefined && thrown.details.length <= maxChars ? parse(thrown.details) : undefined;
  if (details !== undefined && !isDeeperThan(details, 64)) result.details = details;
  return result;
}
