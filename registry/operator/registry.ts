import { readFile } from "node:fs/promises";
import { createRegistryClient, type RegistryClient } from "../client/index.ts";
import { OperatorError, text, type Values } from "./command.ts";

export const registryOptions = {
  registry: { type: "string" },
  "token-file": { type: "string" },
} as const;

/**
 * The registry that the command is for: `--registry` or PLUGBOARD_REGISTRY_URL, with the operator token of
 * `--token-file` or PLUGBOARD_REGISTRY_OPERATOR_TOKEN. A token is no argument: others could read it off the process.
 */
export async function openRegistry(values: Values, env: NodeJS.ProcessEnv): Promise<RegistryClient> {
  const baseUrl = text(values, "registry") ?? env.PLUGBOARD_REGISTRY_URL;
  if (!baseUrl)
    throw new OperatorError("No registry is named: give --registry or set PLUGBOARD_REGISTRY_URL.");
  const file = text(values, "token-file");
  const token = file === undefined ? env.PLUGBOARD_REGISTRY_OPERATOR_TOKEN : await readToken(file);
  return createRegistryClient({ baseUrl, ...(token && { operatorToken: token }) });
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch {
    throw new OperatorError(`${file} cannot be read.`);
  }
}
