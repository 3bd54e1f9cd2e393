import { Worker } from "node:worker_threads";
import type { SecretFound, TextFile } from "./find-secrets.ts";
import type { CodeFacts } from "./read-code.ts";

export type { SecretFound } from "./find-secrets.ts";
export type { CodeFacts } from "./read-code.ts";

/** What can be asked of a stranger's text: input and answer, by name. */
export interface Inspections {
  code: { input: { code: string }; answer: CodeFacts };
  secrets: { input: { files: TextFile[] }; answer: SecretFound[] };
}

/** The text was more than a look at it may take of memory or stack: that is the text's doing. */
export class InspectionExhausted extends Error {
  override name = "InspectionExhausted";
}

const resourceLimits = { maxOldGenerationSizeMb: 768, maxYoungGenerationSizeMb: 64, stackSizeMb: 8 };
const exhausted = new Set(["ERR_WORKER_OUT_OF_MEMORY", "RangeError"]);

/**
 * Parses and searches a stranger's text in a thread of its own: patterns and parsers can be made to run for hours or to
 * eat all memory, and a thread can be ended.
 *
 * @throws InspectionExhausted; the reason of `signal`
 */
export async function inspect<Kind extends keyof Inspections>(
  kind: Kind,
  input: Inspections[Kind]["input"],
  signal: AbortSignal,
): Promise<Inspections[Kind]["answer"]> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Inspections[Kind]["answer"]>();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { kind, input },
    env: {},
    resourceLimits,
  });
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  worker.once("message", resolve);
  worker.once("error", (error: Error & { code?: string }) => {
    const isExhausted = exhausted.has(error.code ?? "") || exhausted.has(error.name);
    reject(isExhausted ? new InspectionExhausted(error.message, { cause: error }) : error);
  });
  worker.once("exit", () => reject(new Error(`The inspection "${kind}" ended without an answer.`)));
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
    await worker.terminate();
  }
}
