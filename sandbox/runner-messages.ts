import { constants } from "node:buffer";
import type { SandboxLimits } from "./limits.ts";
import { MAX_BATCH, type Measured, type PluginCode } from "./messages.ts";
import type { ThreadShape } from "./worker-thread.ts";

/** Where that process finds its socket to the host. */
export const RUNNER_FD = 3;

/**
 * The protocol between the host and the process that holds a thread: lines of JSON, so that nothing but text is read
 * from a process that may not be ours any more. Byte arrays travel as base64.
 */
export type ToRunner =
  /** First of all; answered with `prepared` when a thread is up. */
  | ({ type: "prepare"; workerUrl: string } & Omit<ThreadShape, "workerUrl">)
  /** Once the process is sealed: whose it is from now on. */
  | { type: "load"; plugin: PluginCode; limits: SandboxLimits }
  | { type: "batch"; batch: unknown[] }
  /** Answered with vitals. */
  | { type: "measure" };

export type FromRunner =
  | { type: "prepared" }
  | { type: "batch"; batch: unknown }
  | { type: "output"; stream: "stdout" | "stderr"; text: string }
  | { type: "vitals"; vitals: Measured; beat: number }
  | { type: "death"; outOfMemory: boolean; detail: string; call: number | undefined };

/** What the host gets from that process, when it has the shape of a message. */
export function parseFromRunner(raw: unknown): FromRunner | undefined {
  if (!isRecord(raw)) return undefined;
  const { type, batch, stream, text, vitals, call, beat, outOfMemory, detail } = raw;
  if (type === "batch") return { type, batch: unpack(batch) };
  if (type === "prepared") return { type };
  if (type === "output" && (stream === "stdout" || stream === "stderr") && typeof text === "string")
    return { type, stream, text };
  if (type === "death" && typeof outOfMemory === "boolean" && typeof detail === "string")
    return { type, outOfMemory, detail, call: Number.isInteger(call) ? (call as number) : undefined };
  if (type === "vitals" && isMeasured(vitals) && isNumber(beat)) return { type, vitals, beat };
  return undefined;
}

/** Replaces the byte arrays of a message's payload. */
const packMessage = (message: unknown): unknown =>
  withPayload(message, (bytes) =>
    bytes instanceof Uint8Array ? Buffer.from(bytes).toString("base64") : bytes,
  );

/** Puts them back. What is not base64 stays what it is, and is refused where messages are checked. */
export const unpack = (batch: unknown): unknown => (Array.isArray(batch) ? batch.map(unpackMessage) : batch);

const unpackMessage = (message: unknown): unknown =>
  withPayload(message, (text) =>
    typeof text === "string" ? new Uint8Array(Buffer.from(text, "base64")) : text,
  );

/** From so many characters on a batch takes another line: one line is no longer than one message may make it. */
const LINE_CHARS = 2 ** 20;
/** For all of a message that is not its payload, and for accounts of a thousand tenants. */
const LINE_ROOM_BYTES = 8 * 2 ** 20;

/** Payloads are text in that line: the most values that are not has an account of a hundred thousand tenants and calls. */
export const MAX_LINE_PARTS = 1_000_000;

/**
 * The longest line that an honest process sends: a quote in a payload's JSON takes two bytes, a letter three at most. What is
 * longer than any text of V8's neither side could read or write.
 */
export const maxLineBytes = ({ capabilityBytes, outputBytes }: SandboxLimits): number =>
  Math.min(3 * Math.max(capabilityBytes, outputBytes) + LINE_ROOM_BYTES, constants.MAX_STRING_LENGTH);

/**
 * Writes a batch, in several lines when it is large: V8 makes no text of more than half a GiB, and the messages of one
 * turn may come to that, either way. What is no batch goes as null, for the host to refuse.
 */
export function* inLines(batch: unknown): Generator<string> {
  if (!Array.isArray(batch) || batch.length === 0 || batch.length > MAX_BATCH)
    return yield JSON.stringify({ type: "batch", batch: null });
  let line = "";
  for (const message of batch) {
    const text = JSON.stringify(packMessage(message)) ?? "null";
    if (line !== "" && line.length + text.length > LINE_CHARS) {
      yield batchOf(line);
      line = "";
    }
    line += line === "" ? text : `,${text}`;
  }
  if (line !== "") yield batchOf(line);
}

const batchOf = (messages: string): string => `{"type":"batch","batch":[${messages}]}`;

function withPayload(message: unknown, change: (bytes: unknown) => unknown): unknown {
  if (!isRecord(message)) return message;
  for (const key of ["argument", "value"]) {
    const payload = message[key];
    if (isRecord(payload) && Array.isArray(payload.bytes) && payload.bytes.length > 0)
      return { ...message, [key]: { ...payload, bytes: payload.bytes.map(change) } };
  }
  return message;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

const isMeasured = (value: unknown): value is Measured =>
  isRecord(value) &&
  [value.heapBytes, value.externalBytes, value.cpuMs].every((number) => isNumber(number) && number >= 0) &&
  Number.isInteger(value.call) &&
  (value.turn === undefined || Number.isInteger(value.turn));

/** JSON has no Infinity, but 1e999 is read as one. */
const isNumber = (value: unknown): value is number => Number.isFinite(value);
