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
    const send = createReplay(await readExchanges(path), options.file);
    return { send, credential: undefined, close: async () => {} };
  }
  if (recordedHere.has(path))
    throw new Error(`${path} is recorded by another test host. Give each a file of its own.`);
  recordedHere.add(path);
  const credential = await readCredential(env, options.credential && resolve(directory, options.credential));
  const network = createNetwork(readStandIns(env));
  const recording = createRecording(path, network.send);
  return {
    send: recording.send,
    credential,
    async close() {
      await network.close();
      await recording.save();
    },
  };
}

function modeOf(
  { mode }: ExchangesOptions,
  path: string,
  env: { [name: string]: string | undefined },
): "replay" | "record" {
  if (env.PLUGBOARD_RECORD === "1") return mode === "replay" ? "replay" : "record";
  if (mode === "auto") return existsSync(path) || env.CI ? "replay" : "record";
  return mode ?? "replay";
}
