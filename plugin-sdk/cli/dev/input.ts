import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";

/** JSON as it is given, from a file (`@order.json`), or from standard input (`-`). */
export async function readInput(host: CliHost, given: string): Promise<unknown> {
  const text = await textOf(host, given);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliFailure(
      "input-malformed",
      `The input is not JSON: ${cause instanceof Error ? cause.message : cause}. Give --input '{"id":"1"}', or --input @file.json.`,
      { cause },
    );
  }
}

async function textOf(host: CliHost, given: string): Promise<string> {
  if (given === "-") return (await host.readStdin?.()) ?? "";
  if (!given.startsWith("@")) return given;
  const path = resolve(host.cwd, given.slice(1));
  return readFile(path, "utf8").catch((cause) => {
    throw new CliFailure("input-malformed", `There is no file ${path} to read the input from.`, { cause });
  });
}
