import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { readCredential, readStandIns } from "../../cli/vendor-access/index.ts";
import { createNetwork, type Send } from "../../egress/index.ts";
import type { UsableCredential } from "../../exchange/index.ts";
import type { ExchangesOptions } from "../exchanges-options.ts";
import { readExchanges } from "./file.ts";
import { createRecording } from "./record.ts";
import { createReplay } from "./replay.ts";

/** What answers the requests of a plugin under test. */
export interface ExchangesVendor {
  send: Send;
  credential: UsableCredential | undefined;
  /** How the idempotency keys of this run begin. A vendor has seen those of other runs; in a replay they are as they were recorded. */
  keyPrefix: string;
  /** Writes what was recorded. */
  close(): Promise<void>;
}

const recordedHere = new Set<string>();

/** @throws {Error} in words, when there is nothing to replay, or two would record one file */
export async function openExchanges(
  options: ExchangesOptions,
  directory: string,
  env: { [name: string]: string | undefined } = process.env,
): Promise<ExchangesVendor> {
  const path = resolve(directory, options.file);
  if (modeOf(options, path, env) === "replay") {
    const { exchanges, keyPrefix = newKeyPrefix() } = await readExchanges(path);
    const send = createReplay(exchanges, options.file);
    return { send, credential: undefined, keyPrefix, close: async () => {} };
  }
  if (recordedHere.has(path))
    throw new Error(`${path} is recorded by another test host. Give each a file of its own.`);
  recordedHere.add(path);
  const credential = await readCredential(env, options.credential && resolve(directory, options.credential));
  const network = createNetwork(readStandIns(env));
  const keyPrefix = newKeyPrefix();
  const recording = createRecording(path, keyPrefix, credential, network.send);
  return {
    keyPrefix,
    send: recording.send,
    credential,
    async close() {
      await network.close();
      await recording.save();
    },
  };
}

export const newKeyPrefix = (): string => `idem_${randomUUID()}`;

function modeOf(
  { mode }: ExchangesOptions,
  path: string,
  env: { [name: string]: string | undefined },
): "replay" | "record" {
  if (env.PLUGBOARD_RECORD === "1") return mode === "replay" ? "replay" : "record";
  if (mode === "auto") return existsSync(path) || env.CI ? "replay" : "record";
  return mode ?? "replay";
}
