import { parseArgs } from "node:util";
import { TrustError } from "@plugboard/plugin-sdk/trust";
import { BundleError } from "../bundle/index.ts";
import { RegistryProblem, RegistryUnavailable, ReleaseError } from "../client/index.ts";
import { bundleCommands } from "./bundle-commands.ts";
import { type Command, OperatorError } from "./command.ts";
import { hostCommands } from "./host-commands.ts";
import { registryCommands } from "./registry-commands.ts";
import { rootCommands } from "./root-commands.ts";

const commands: Record<string, Command> = {
  ...rootCommands,
  ...registryCommands,
  ...hostCommands,
  ...bundleCommands,
};

/**
 * What whoever runs a registry does beside running it: `npm run registry -- root sign …`.
 *
 * @returns the exit code: 0 done, 1 refused or failed, 2 wrong usage
 */
export async function runOperator(
  args: string[],
  o: { env: NodeJS.ProcessEnv; out: (text: string) => void; err: (text: string) => void },
): Promise<number> {
  const [name, command, rest] = findCommand(args);
  if (!command) {
    o.err(`${usage()}\n`);
    return args[0] === "help" || args[0] === "--help" ? 0 : 2;
  }
  try {
    const { values, positionals } = parseArgs({
      args: rest,
      options: command.options,
      allowPositionals: true,
    });
    if (positionals.length < command.words) throw new OperatorError(`Expected: ${command.usage}`);
    o.out(`${await command.run({ words: positionals, values, env: o.env })}\n`);
    return 0;
  } catch (error) {
    if (!isForOperator(error)) throw error;
    o.err(`${name}: ${error.message}\n`);
    return 1;
  }
}

function findCommand(args: string[]): [name: string, command: Command | undefined, rest: string[]] {
  for (const length of [2, 1]) {
    const name = args.slice(0, length).join(" ");
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command) return [name, command, args.slice(length)];
  }
  return ["", undefined, args];
}

function isForOperator(error: unknown): error is Error {
  const known = [OperatorError, BundleError, ReleaseError, RegistryProblem, RegistryUnavailable, TrustError];
  return known.some((kind) => error instanceof kind) || (error instanceof TypeError && "code" in error);
}

function usage(): string {
  const lines = Object.values(commands).map((command) => `  ${command.usage}\n      ${command.summary}`);
  return `Without arguments the registry starts. Otherwise:\n${lines.join("\n")}`;
}
