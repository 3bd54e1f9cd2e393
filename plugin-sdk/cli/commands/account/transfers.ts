import type { Command } from "commander";
import { addExamples } from "../../examples.ts";
import { CliFailure } from "../../failure.ts";
import type { CliHost } from "../../host.ts";
import { checkPublisher } from "../../names.ts";
import { withRegistry } from "../../options.ts";
import { openRegistry } from "../../registry/index.ts";
import { reportOf } from "../../report.ts";

interface Options {
  registry?: string;
}

export function addTransferCommand(program: Command, host: CliHost): void {
  const transfer = program.command("transfer").description("hand a publisher over to another account");

  const offer = withRegistry(transfer.command("offer"))
    .description("offer a publisher to an account, for a week; all its keys and members go when it accepts")
    .argument("<publisher>")
    .argument("<account>", "acc_…, as whoami shows it there")
    .action(async (name: string, account: string, options: Options, command: Command) => {
      const report = reportOf(host, command);
      const registry = await openRegistry(host, options.registry);
      const made = await registry.offerPublisher(checkPublisher(name), account);
      report.done(
        made,
        `Offered ${made.publisher} to ${made.to}: ${made.id}, until ${made.expiresAt.slice(0, 10)}.`,
      );
    });
  addExamples(offer, ["plugboard transfer offer acme acc_…", "They accept with the id that this prints."]);

  const list = withRegistry(transfer.command("list"))
    .description("list offers to you, and by you, that wait for an answer")
    .action(async (options: Options, command: Command) => {
      const report = reportOf(host, command);
      const found = await (await openRegistry(host, options.registry)).listTransfers();
      const lines = found.items.map(({ id, publisher, from, to }) => `${id}  ${publisher}  ${from} → ${to}`);
      report.done(found, lines.join("\n") || "No offers.");
    });
  addExamples(list, ["plugboard transfer list", "With the ids that accept and decline take."]);

  const accept = withRegistry(transfer.command("accept"))
    .description("take a publisher over, with the newest key for it that is here")
    .argument("<id>", "tra_…, as transfer list shows it")
    .action(async (id: string, options: Options, command: Command) => {
      const report = reportOf(host, command);
      const registry = await openRegistry(host, options.registry);
      const offered = (await registry.listTransfers()).items.find((one) => one.id === id);
      if (!offered) throw new CliFailure("transfer-not-found", `There is no offer "${id}" to you.`);
      const { claimFor } = await import("../../orders/index.ts"); // Slow to load, so only where it is needed.
      const { findSigningKey } = await import("../../signing/index.ts");
      const { publisher } = offered;
      const { privateJwk, publicJwk, kid } = await findSigningKey(host, publisher);
      const claim = await claimFor(publisher, { privateJwk });
      const accepted = await registry.acceptTransfer(id, { key: publicJwk, claim });
      report.done(
        { ...accepted, kid },
        `${publisher} is yours, and ${kid} signs for it. What was signed before stays good.`,
      );
    });
  addExamples(accept, [
    "plugboard keys create acme && plugboard transfer accept tra_…",
    "With a key of one's own: those before sign no more.",
  ]);

  const decline = withRegistry(transfer.command("decline"))
    .description("say no to an offer, or take your own back")
    .argument("<id>", "tra_…, as transfer list shows it")
    .action(async (id: string, options: Options, command: Command) => {
      const report = reportOf(host, command);
      const ended = await (await openRegistry(host, options.registry)).declineTransfer(id);
      report.done(ended, `The offer ${ended.id} is ${ended.status}.`);
    });
  addExamples(decline, ["plugboard transfer decline tra_…", "The publisher stays whose it is."]);
}
