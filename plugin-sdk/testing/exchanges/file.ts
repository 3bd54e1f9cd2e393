import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { RecordedExchange } from "./recorded.ts";

/** What stands in a file. */
export interface ExchangesFile {
  exchanges: RecordedExchange[];
  /** How the idempotency keys of that run began: bodies may have one in them. Older files do not say. */
  keyPrefix?: string | undefined;
}

const about = "Recorded by createTestHost, without the credential. To record anew: plugboard test --record";

/** @throws {Error} that says what to do when there is nothing, or nothing of use */
export async function readExchanges(path: string): Promise<ExchangesFile> {
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw cause;
    throw new Error(`There is no ${path} to replay. Record it: plugboard test --record`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} is not JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const { exchanges, keyPrefix } = (value ?? {}) as { exchanges?: unknown; keyPrefix?: unknown };
  if (Array.isArray(exchanges) && exchanges.every(isExchange))
    return { exchanges, keyPrefix: typeof keyPrefix === "string" ? keyPrefix : undefined };
  throw new Error(`${path} does not hold { "exchanges": [{ "request", "response" }] }. Record it anew.`);
}

/** Whole, or not at all. */
export async function writeExchanges(path: string, file: ExchangesFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}.tmp`;
  await writeFile(unfinished, textOf(file));
  await rename(unfinished, path);
}

/** As `JSON.stringify` puts it, so that what was edited by hand does not differ in its form. */
export function textOf({ keyPrefix, exchanges }: ExchangesFile): string {
  return `${JSON.stringify({ about, keyPrefix, exchanges }, null, 2)}\n`;
}

function isExchange(value: unknown): value is RecordedExchange {
  const { request, response } = (value ?? {}) as Partial<RecordedExchange>;
  return (
    typeof request?.method === "string" &&
    typeof request.url === "string" &&
    typeof response?.status === "number"
  );
}
