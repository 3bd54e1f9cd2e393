import type { HostCall } from "./calls.ts";
import type { SandboxLimits } from "./limits.ts";
import { type FromWorker, innerLimits } from "./messages.ts";

/** The warning after the last line that a call may log, at most. */
const LAST_WORD_CHARS = 500;

/** Counts a message. The thread holds these limits itself; one that does not is not ours any more. */
export function excessOf(call: HostCall, message: FromWorker, limits: SandboxLimits): string | undefined {
  switch (message.type) {
    case "log":
      call.logLines += 1;
      call.logBytes += message.line.length;
      return call.logLines > limits.logLines + 1 || call.logBytes > limits.logBytes + LAST_WORD_CHARS
        ? "The thread logged more than the call may."
        : undefined;
    case "limit":
      call.limitCount += 1;
      return call.limitCount > innerLimits.length
        ? "The thread told of the same limit again and again."
        : undefined;
    case "cancel":
      call.cancels += 1;
      return call.cancels > call.useCount ? "The thread gave up what it had not begun." : undefined;
    case "use": {
      call.useCount += 1;
      const tooMany = call.useCount > limits.capabilityCallsTotal || call.openUses >= limits.capabilityCalls;
      return tooMany || call.hasUse(message.use)
        ? "The thread used capabilities more than the call may."
        : undefined;
    }
  }
}
