import { Command } from "commander";
import { addMembersCommand, addTokensCommand, addTransferCommand } from "./commands/account/index.ts";
import { addBuildCommand } from "./commands/build.ts";
import { addBundleCommand } from "./commands/bundle.ts";
import { addCheckCommand } from "./commands/check.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addDevCommand } from "./commands/dev.ts";
import { addDocsCommand } from "./commands/docs.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addInfoCommand } from "./commands/info.ts";
import { addInitCommand } from "./commands/init.ts";
import {
  addInstallCommand,
  addInstallsCommand,
  addUninstallCommand,
  addUpgradeCommand,
} from "./commands/installs/index.ts";
import { addKeysCommand } from "./commands/keys/index.ts";
import { addLoginCommand } from "./commands/login.ts";
import { addLogoutCommand } from "./commands/logout.ts";
import { addPublicationsCommand } from "./commands/publications.ts";
import { addPublishCommand } from "./commands/publish.ts";
import { addReviewsCommand } from "./commands/reviews.ts";
import { addSearchCommand } from "./commands/search.ts";
import { addSignCommand } from "./commands/sign.ts";
import { addTestCommand } from "./commands/test.ts";
import { addVersionCommands } from "./commands/versions.ts";
import { addWhoamiCommand } from "./commands/whoami.ts";
import { environment } from "./environment.ts";
import { exitCodeTable } from "./exit-codes.ts";
import type { CliHost } from "./host.ts";
import { findSdkPackage } from "./package-root.ts";
import { withoutValues } from "./secrets.ts";

/** All commands, in the groups and in the order that `--help` and docs/cli.md show them. */
const groups: [heading: string, ...((program: Command, host: CliHost) => void)[]][] = [
  [
    "Write a plugin:",
    addInitCommand,
    addDevCommand,
    addTestCommand,
    addCheckCommand,
    addBuildCommand,
    addDocsCommand,
  ],
  [
    "Publish it:",
    addKeysCommand,
    addSignCommand,
    addPublishCommand,
    addPublicationsCommand,
    addVersionCommands,
    addReviewsCommand,
  ],
  [
    "Say who you are:",
    addLoginCommand,
    addLogoutCommand,
    addWhoamiCommand,
    addTokensCommand,
    addMembersCommand,
    addTransferCommand,
  ],
  ["Find plugins:", addSearchCommand, addInfoCommand, addBundleCommand],
  ["Install plugins:", addInstallCommand, addInstallsCommand, addUpgradeCommand, addUninstallCommand],
  ["Look after the command itself:", addDoctorCommand, addCompletionCommand],
];

/** The command line as a tree; parsing it runs a command. */
export function createProgram(host: CliHost, json: boolean): Command {
  const program = new Command("plugboard")
    .description("Write, build, sign, publish and install connector plugins for Plugboard.")
    .version(findSdkPackage().version)
    .option("--json", "print one JSON document to stdout instead of prose")
    .option("--quiet", "print nothing but the result, warnings and errors")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void host.stdout.write(text),
      writeErr: (text) => void (json || host.stderr.write(text)),
      outputError: (text, write) => write(`${withoutValues(text.trimEnd())}\n`),
    })
    .showHelpAfterError("(add --help for what is possible)")
    .addHelpText("after", epilogue)
    .exitOverride();
  for (const [heading, ...add] of groups) {
    program.commandsGroup(heading);
    for (const addTo of add) addTo(program, host);
  }
  return program;
}

const epilogue = [
  "",
  "A plugin from nothing to the registry:",
  "  plugboard init acme/weather && cd weather && npm install",
  "  plugboard build",
  "  plugboard keys create acme",
  "  plugboard publish --registry https://plugboard.example --register",
  "",
  "Environment:",
  ...table(Object.entries(environment)),
  "",
  "Exit codes:",
  ...table(Object.values(exitCodeTable).map(({ code, meaning }) => [String(code), meaning])),
].join("\n");

function table(rows: [name: string, meaning: string][]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`);
}
