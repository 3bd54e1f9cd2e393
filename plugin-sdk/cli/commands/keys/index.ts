import type { Command } from "commander";
import type { CliHost } from "../../host.ts";
import { addRegistryKeyCommands } from "./at-registry.ts";
import { addKeysCreateCommand } from "./create.ts";
import { addKeysExportCommand } from "./export.ts";
import { addKeysImportCommand } from "./import.ts";
import { addKeysListCommand } from "./list.ts";
import { addKeysPassphraseCommand } from "./passphrase.ts";
import { addKeysShowCommand } from "./show.ts";

export function addKeysCommand(program: Command, host: CliHost): void {
  const keys = program
    .command("keys")
    .description("make, look at, add and end the keys that sign for a publisher");
  addKeysCreateCommand(keys, host);
  addKeysListCommand(keys, host);
  addKeysShowCommand(keys, host);
  addKeysExportCommand(keys, host);
  addKeysImportCommand(keys, host);
  addKeysPassphraseCommand(keys, host);
  addRegistryKeyCommands(keys, host);
}
