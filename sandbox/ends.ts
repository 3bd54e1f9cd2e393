import type { EndReason, ReachedLimit } from "./contract.ts";
import { SandboxError, type SandboxErrorCode } from "./errors.ts";
import type { SandboxLimits } from "./limits.ts";

interface End {
  code: SandboxErrorCode;
  /** The limit that was reached, when it was one. */
  limit?: ReachedLimit;
  /** For whoever called; what Node or V8 said of it is in the event, since it may tell of this machine. */
  message(limits: SandboxLimits): string;
}

const unexpected = () => "The thread of the plugin ended unexpectedly.";
const closed = () => "The sandbox was closed.";

/** What the end of a thread means for the call that brought it about. */
const ends: Record<EndReason, End> = {
  blocked: {
    code: "plugin-blocked",
    limit: "blockMs",
    message: ({ blockMs }) => `The call kept its thread busy for more than ${blockMs} ms without a pause.`,
  },
  heap: {
    code: "plugin-out-of-memory",
    limit: "heapBytes",
    message: ({ heapBytes }) => `The plugin used more than ${heapBytes} bytes of memory.`,
  },
  "external-memory": {
    code: "plugin-external-memory-exceeded",
    limit: "externalBytes",
    message: ({ externalBytes }) => `The plugin used more than ${externalBytes} bytes of array buffers.`,
  },
  crashed: { code: "plugin-crashed", message: unexpected },
  protocol: { code: "plugin-crashed", message: unexpected },
  "not-started": { code: "plugin-crashed", message: () => "The plugin could not be started; try again." },
  idle: { code: "plugin-closed", message: closed },
  rested: { code: "plugin-closed", message: closed },
  closed: { code: "plugin-closed", message: closed },
};

export const errorOfEnd = (reason: EndReason, limits: SandboxLimits): SandboxError =>
  new SandboxError(ends[reason].code, ends[reason].message(limits));

export const limitOfEnd = (reason: EndReason): ReachedLimit | undefined => ends[reason].limit;
