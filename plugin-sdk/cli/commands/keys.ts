import type { Command } from "commander";
import type { CliHost } from "../host.ts";
import { addRegistryKeyCommands } from "./keys-at-registry.ts";
import { addKeysCreateCommand } from "./keys-create.ts";
import { addKeysListCommand } from "./keys-list.ts";
import { addKeysShowCommand } from "./keys-show.ts";

export function addKeysCommand(program: Command, host: CliHost): void {
  const keys = program
    .command("keys")
    .description("make, look at, add and end the keys that sign for a publisher");
  addKeysCreateCommand(keys, host);
  addKeysListCommand(keys, host);
  addKeysShowCommand(keys, host);
  addRegistryKeyCommands(keys, host);
}
