import type { HostCall } from "./calls.ts";
import type { Payload } from "./contract.ts";
import { CapabilityError } from "./errors.ts";
import { JsonText } from "./json-text.ts";
import type { SandboxLimits } from "./limits.ts";
import { decode, type Encoded, encode, type Thrown, type ToWorker } from "./messages.ts";
import { holdsBytes, isDeeperThan } from "./plain.ts";
import type { ReportLimit } from "./reached.ts";

interface UseMessage {
  call: number;
  use: number;
  name: string;
  argument: Encoded;
}

interface UseOptions {
  limits: SandboxLimits;
  report: ReportLimit;
  post(message: ToWorker, transfer?: ArrayBuffer[]): void;
  /** Puts to the call's account what the host's thread, which all plugins share, did for it. */
  charge(call: HostCall, ms: number): void;
}

/** Runs one capability for plugin code and posts what it answers, unless the call has ended meanwhile. */
export function answerUse(call: HostCall, message: UseMessage, o: UseOptions): void {
  const { use } = message;
  const signal = call.beginUse(use);
  call.hadEffects = true;
  const reply = (answer: { ok: true; value: Encoded } | { ok: false; error: Thrown }) => {
    if (!call.endUse(use)) return;
    const transfer = answer.ok ? answer.value.bytes.map((bytes) => bytes.buffer as ArrayBuffer) : [];
    o.post({ type: "reply", call: message.call, use, ...answer }, transfer);
  };
  run(call, message, signal, o).then(
    (value) => reply({ ok: true, value }),
    (error: unknown) => reply({ ok: false, error: describeForPlugin(error) }),
  );
}

async function run(
  call: HostCall,
  message: UseMessage,
  signal: AbortSignal,
  { limits, report, charge }: UseOptions,
): Promise<Encoded> {
  /** Without what is waited for. */
  const charged = <T>(work: () => T): T => {
    const startedAt = performance.now();
    try {
      return work();
    } finally {
      charge(call, performance.now() - startedAt);
    }
  };
  const capability = Object.hasOwn(call.capabilities, message.name)
    ? call.capabilities[message.name]
    : undefined;
  if (!capability || message.name === "log")
    throw new CapabilityError(
      "capability-not-granted",
      `This call was not given the capability "${message.name}".`,
    );
  const refuse = (limit: "capabilityBytes" | "depth", code: string, why: string) => {
    report(limit, call);
    return new CapabilityError(code, why);
  };
  const { capabilityBytes, depth } = limits;
  const size = sizeOf(message.argument);
  if (size > capabilityBytes)
    throw refuse(
      "capabilityBytes",
      "argument-too-large",
      `The argument is larger than ${capabilityBytes} bytes.`,
    );
  capability.checkSize?.(size);
  const answer = await charged(() => {
    const argument = decode(message.argument) as Payload;
    if (isDeeperThan(argument, depth))
      throw refuse("depth", "argument-invalid", `The argument is nested deeper than ${depth} levels.`);
    return capability(argument, { callId: call.callId, signal });
  });
  if (answer === undefined) return nothing;
  const value = charged(() => encodeAnswer(answer));
  if (sizeOf(value) > capabilityBytes)
    throw refuse("capabilityBytes", "reply-too-large", `The reply is larger than ${capabilityBytes} bytes.`);
  return value;
}

function encodeAnswer(answer: Payload | JsonText): Encoded {
  if (answer instanceof JsonText) return { text: answer.text, bytes: [] };
  // What looks for bytes while it writes takes four times as long, and most answers have none.
  return encode(answer, holdsBytes(answer));
}

/** No JSON is empty text: so the thread tells "nothing" from null. */
const nothing: Encoded = { text: "", bytes: [] };

const sizeOf = (encoded: Encoded): number =>
  encoded.text.length + encoded.bytes.reduce((sum, bytes) => sum + bytes.byteLength, 0);

/** Only what a capability said for plugin code; the message of any other error may hold what it must not see. */
function describeForPlugin(error: unknown): Thrown {
  if (!isForPlugin(error))
    return { code: "capability-failed", message: "The capability failed in the host." };
  const thrown: Thrown = { code: error.code, message: error.message };
  if (error.details !== undefined) thrown.details = JSON.stringify(error.details);
  if (error.retryAfterMs !== undefined) thrown.retryAfterMs = error.retryAfterMs;
  return thrown;
}

/** By name, since a bundle may hold a second copy of the class. */
const isForPlugin = (error: unknown): error is CapabilityError =>
  error instanceof CapabilityError ||
  (error instanceof Error && error.name === "CapabilityError" && "code" in error);

/** Hands one line to the `log` capability; what comes of it is the capability's affair. */
export function answerLog(call: HostCall, line: string): void {
  const log = Object.hasOwn(call.capabilities, "log") ? call.capabilities.log : undefined;
  if (!log) return;
  const signal = new AbortController().signal;
  Promise.resolve()
    .then(() => log(JSON.parse(line) as Payload, { callId: call.callId, signal }))
    .catch(() => {});
}
