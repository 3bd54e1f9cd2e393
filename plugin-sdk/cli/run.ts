import { Command, CommanderError } from "commander";
import { addBuildCommand } from "./commands/build.ts";
import { addInitCommand } from "./commands/init.ts";
import { addKeysCommand } from "./commands/keys.ts";
import { addPublishCommand } from "./commands/publish.ts";
import { addSearchCommand } from "./commands/search.ts";
import { addSignCommand } from "./commands/sign.ts";
import { addVersionCommands } from "./commands/versions.ts";
import { CliFailure, exitCodes } from "./failure.ts";
import type { CliHost } from "./host.ts";
import { findSdkPackage } from "./package-root.ts";
import { reportFailure } from "./report.ts";

const epilogue = `
A plugin from nothing to the registry:
  plugboard init acme/weather && cd weather && npm install
  plugboard build
  plugboard keys create acme
  plugboard publish --registry https://plugboard.example --register

Environment:
  PLUGBOARD_REGISTRY_URL    the registry to use where --registry is not given
  PLUGBOARD_KEY_PASSPHRASE  locks and unlocks publisher keys
  PLUGBOARD_PUBLISHER_KEY   a publisher's private key (JWK), for CI; goes before the profile's keys
  PLUGBOARD_HOME            where profile.json is kept (default: plugboard/ in the XDG configuration folder)

Exit codes: 0 done, 1 failed, 2 wrong usage.`;

/**
 * Runs the command line and answers its exit code ({@link exitCodes}). Writes nowhere but to the host's streams and
 * the files that the command is about.
 */
export async function runCli(args: readonly string[], host: CliHost): Promise<number> {
  const json = args.includes("--json");
  try {
    await createProgram(host, json).parseAsync(args, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportFailure(host, json, error);
    if (error.exitCode === 0) return exitCodes.ok; // --help and --version
    if (json)
      reportFailure(
        host,
        json,
        new CliFailure("usage", error.message.replace(/^error: /, ""), { exitCode: exitCodes.usage }),
      );
    return exitCodes.usage;
  }
}

function createProgram(host: CliHost, json: boolean): Command {
  const program = new Command("plugboard")
    .description("Write, build, sign and publish connector plugins for Plugboard.")
    .version(findSdkPackage().version)
    .option("--json", "print one JSON document to stdout instead of prose")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void (json || host.stderr.write(text)),
    })
    .showHelpAfterError("(add --help for what is possible)")
    .addHelpText("after", epilogue)
    .exitOverride();
  addInitCommand(program, host);
  addBuildCommand(program, host);
  addKeysCommand(program, host);
  addSignCommand(program, host);
  addPublishCommand(program, host);
  addVersionCommands(program, host);
  addSearchCommand(program, host);
  return program;
}
