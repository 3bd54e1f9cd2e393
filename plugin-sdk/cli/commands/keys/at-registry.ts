import type { Command } from "commander";
import { addExamples } from "../../examples.ts";
import type { CliHost } from "../../host.ts";
import { checkPublisher } from "../../names.ts";
import { wholeNumber, withRegistry } from "../../options.ts";
import { openRegistry } from "../../registry/index.ts";
import { reportOf } from "../../report.ts";

interface Options {
  registry?: string;
  from?: number;
}

/** The commands that change which keys a registry takes a publisher's signatures by. */
export function addRegistryKeyCommands(keys: Command, host: CliHost): void {
  const add = withRegistry(keys.command("add"))
    .description("have the registry take what the profile's newest key signs, too")
    .argument("<publisher>")
    .action(async (name: string, options: Options, command: Command) => {
      const report = reportOf(host, command);
      const { registry, publisher } = await open(name, options);
      const { claimFor, sendOrder } = await import("../../orders/index.ts"); // Slow to load, so only where it is needed.
      const { findSigningKey } = await import("../../signing/index.ts");
      const { privateJwk, publicJwk, kid } = await findSigningKey(host, publisher);
      const claim = await claimFor(publisher, { privateJwk });
      const { seq } = await sendOrder({
        host,
        registry,
        publisher,
        action: { type: "add-key", key: publicJwk, claim },
      });
      report.done(
        { publisher, kid, seq },
        `${registry.url} takes what ${kid} signs for ${publisher} from now on.`,
      );
    });

  const retire = withRegistry(keys.command("retire"))
    .description("end a key in peace: what it signed stays good, and it signs nothing more")
    .argument("<publisher>")
    .argument("<key>", "its id, as keys list shows it")
    .action(async (name: string, kid: string, options: Options, command: Command) => {
      const report = reportOf(host, command);
      const { registry, publisher } = await open(name, options);
      const { sendOrder } = await import("../../orders/index.ts");
      const { seq } = await sendOrder({
        host,
        registry,
        publisher,
        action: { type: "retire-key", kid },
        butNot: kid,
      });
      report.done(
        { publisher, kid, seq },
        `${kid} signs no more for ${publisher}. What it signed stays good.`,
      );
    });

  const revoke = withRegistry(keys.command("revoke"))
    .description(
      "end a key that somebody else has; versions that it signed from a place on are blocked everywhere",
    )
    .argument("<publisher>")
    .argument("<key>", "its id, as keys list shows it")
    .option(
      "--from <place>",
      "the first place in the registry's log that it does not count for (default: the next)",
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
    )
    .action(async (name: string, kid: string, options: Options, command: Command) => {
      const report = reportOf(host, command);
      const { registry, publisher } = await open(name, options);
      const { sendOrder } = await import("../../orders/index.ts");
      const from = options.from === undefined ? {} : { from: options.from };
      const action = { type: "revoke-key" as const, kid, ...from };
      const { seq } = await sendOrder({ host, registry, publisher, action, butNot: kid });
      report.done({ publisher, kid, seq }, `${kid} is revoked. What it signed from there on is blocked.`);
    });

  const claim = keys
    .command("claim")
    .description(
      "prove that you hold the newest key: to a registry's operator who gives you your name back, or to a tenant",
    )
    .argument("<publisher>")
    .option("--audience <text>", "whom it is for, as a tenant's administrator tells you")
    .action(async (name: string, { audience }: { audience?: string }, command: Command) => {
      const report = reportOf(host, command);
      const publisher = checkPublisher(name);
      const { claimFor } = await import("../../orders/index.ts");
      const { findSigningKey } = await import("../../signing/index.ts");
      const { privateJwk, publicJwk, kid } = await findSigningKey(host, publisher);
      const claim = await claimFor(publisher, { privateJwk }, audience);
      report.done({ publisher, kid, key: publicJwk, claim }, `${JSON.stringify(publicJwk)}\n${claim}`);
    });

  addExamples(add, [
    "plugboard keys create acme --another && plugboard keys add acme",
    "A second key, to be kept elsewhere.",
  ]);
  addExamples(retire, [
    "plugboard keys retire acme z8Jm8uO3…",
    "Of two keys, the one that is not used any more.",
  ]);
  addExamples(revoke, [
    "plugboard keys revoke acme z8Jm8uO3… --from 812",
    "Stolen before place 812 of the log: what it signed from there on is blocked.",
  ]);
  addExamples(claim, [
    "plugboard keys claim acme --audience plugboard-tenant:tnt_…",
    "For a tenant that you publish private plugins for.",
  ]);

  async function open(name: string, options: Options) {
    const publisher = checkPublisher(name);
    return {
      publisher,
      registry: await openRegistry(host, options.registry),
    };
  }
}
