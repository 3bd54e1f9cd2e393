import type { Command } from "commander";
import type { CliHost } from "../host.ts";
import { openProfile } from "../keys/index.ts";
import { reportOf } from "../report.ts";

export function addKeysListCommand(keys: Command, host: CliHost): void {
  keys
    .command("list")
    .description("list the profile's keys; the newest of a publisher signs")
    .action(async (_options: object, command: Command) => {
      const report = reportOf(host, command);
      const { data } = await openProfile(host.env);
      const items = data.keys.map(({ publisher, kid, createdAt, privateKey }) => ({
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
}
