import type { Command } from "commander";
import { addExamples } from "../../examples.ts";
import type { CliHost } from "../../host.ts";
import { readProfile } from "../../keys/index.ts";
import { reportOf } from "../../report.ts";

export function addKeysListCommand(keys: Command, host: CliHost): void {
  const list = keys
    .command("list")
    .description("list the profile's keys; the newest of a publisher signs")
    .action(async (_options: object, command: Command) => {
      const report = reportOf(host, command);
      const profile = await readProfile(host.env);
      const items = profile.keys.map(({ publisher, kid, createdAt, privateKey }) => ({
        publisher,
        kid,
        createdAt,
        locked: privateKey.sealed,
      }));
      const lines = items.map(
        ({ publisher, kid, createdAt, locked }) =>
          `${publisher}  ${kid}  ${createdAt.slice(0, 10)}  ${locked ? "locked" : "no passphrase"}`,
      );
      report.done(
        { items },
        lines.join("\n") || 'No keys yet. Make one with "plugboard keys create <publisher>".',
      );
    });
  addExamples(list, ["plugboard keys list --json", "For a script, without anything secret."]);
}
