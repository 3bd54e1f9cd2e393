import type { Command } from "commander";
import { addExamples } from "../../examples.ts";
import type { CliHost } from "../../host.ts";
import { findKey } from "../../keys/index.ts";
import { reportOf } from "../../report.ts";

export function addKeysShowCommand(keys: Command, host: CliHost): void {
  const show = keys
    .command("show")
    .description("show the public part of a key")
    .argument("<key>", "a publisher (its newest key) or a key id")
    .action(async (name: string, _options: object, command: Command) => {
      const report = reportOf(host, command);
      const { publisher, kid, publicJwk, createdAt, privateKey } = await findKey(host, name);
      report.done(
        { publisher, kid, publicJwk, createdAt, locked: privateKey.sealed },
        `${publisher}  ${kid}\n${JSON.stringify(publicJwk)}`,
      );
    });
  addExamples(show, ["plugboard keys show acme", "The newest key of acme, as a registry gets to know it."]);
}
