import type { CodeFacts, SecretFound, TextFile } from "@plugboard/plugin-sdk/inspection";
import { Tinypool } from "tinypool";

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

/** Where this process keeps what Node compiles, if it does: a thread learns of it by its environment alone. */
const compileCache = process.env.NODE_COMPILE_CACHE;

/**
 * What is kept between two looks, since reading in the libraries takes longer than most looks do. No thread is kept
 * that was ended, and none for long: a registry that publishes nothing holds no memory for it.
 */
const threads = new Tinypool({
  filename: new URL("./worker.ts", import.meta.url).href,
  minThreads: 0,
  maxThreads: 4,
  idleTimeout: 10_000,
  env: compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache },
  resourceLimits,
});

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
  try {
    return await threads.run({ kind, input }, { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    const { name, message, code = "" } = error as Error & { code?: string };
    throw exhausted.has(code) || exhausted.has(name)
      ? new InspectionExhausted(message, { cause: error })
      : error;
  }
}
