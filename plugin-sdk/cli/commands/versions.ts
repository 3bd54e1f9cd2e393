import type { Command } from "commander";
import type { OrderAction } from "../../trust/index.ts";
import { addExamples, type Example } from "../examples.ts";
import type { CliHost } from "../host.ts";
import { withRegistry } from "../options.ts";
import { openRegistry } from "../registry/index.ts";
import { reportOf } from "../report.ts";
import { malformedTarget, parseTarget, type Target } from "../target.ts";

interface Options {
  registry?: string;
  message?: string;
  replacement?: string;
}

/** What can be said of versions that are published: they themselves never change. */
export function addVersionCommands(program: Command, host: CliHost): void {
  function add(o: {
    name: string;
    description: string;
    argument: string;
    extend?: (command: Command) => Command;
    toAction: (target: Target, options: Options) => OrderAction;
    told: (shown: string) => string;
    examples: Example[];
  }): void {
    const command = program.command(o.name).description(o.description).argument(o.argument);
    addExamples(command, ...o.examples);
    withRegistry(o.extend?.(command) ?? command).action(
      async (named: string, options: Options, self: Command) => {
        const report = reportOf(host, self);
        const target = parseTarget(named);
        const registry = await openRegistry(host, options.registry);
        const { sendOrder } = await import("../orders/index.ts"); // Slow to load, so only where it is needed.
        const action = o.toAction(target, options);
        const { seq } = await sendOrder({ host, registry, publisher: target.publisher, action });
        report.done({ ...action, seq }, o.told(named));
      },
    );
  }

  add({
    name: "yank",
    description: "withdraw a version: ranges pass it over, and whoever names it exactly is warned",
    argument: "<publisher/name@version>",
    toAction: (target) => ({ type: "yank", ...exact(target) }),
    told: (shown) => `${shown} is yanked. Who has it keeps it.`,
    examples: [
      [
        "plugboard yank acme/weather@1.2.0",
        "A version that turned out to be wrong; it stays yanked until unyank.",
      ],
    ],
  });
  add({
    name: "unyank",
    description: "take that back",
    argument: "<publisher/name@version>",
    toAction: (target) => ({ type: "unyank", ...exact(target) }),
    told: (shown) => `${shown} is offered again.`,
    examples: [["plugboard unyank acme/weather@1.2.0", "It was right after all."]],
  });
  add({
    name: "deprecate",
    description: "say of a plugin, or of one version, that it should be used no more, and what instead",
    argument: "<publisher/name[@version]>",
    extend: (command) =>
      command
        .requiredOption("--message <text>", "why, for whoever installs it or has it")
        .option("--replacement <publisher/name>", "what to use instead"),
    toAction: ({ plugin, version }, { message = "", replacement }) => ({
      type: "deprecate",
      plugin,
      ...(version !== undefined && { version }),
      message,
      ...(replacement !== undefined && { replacement: parseTarget(replacement).plugin }),
    }),
    told: (shown) => `${shown} is deprecated.`,
    examples: [
      [
        "plugboard deprecate acme/weather --message 'No longer kept.' --replacement acme/climate",
        "All versions; with @1.2.0 that one alone.",
      ],
    ],
  });
  add({
    name: "undeprecate",
    description: "take that back",
    argument: "<publisher/name[@version]>",
    toAction: ({ plugin, version }) => ({
      type: "undeprecate",
      plugin,
      ...(version !== undefined && { version }),
    }),
    told: (shown) => `${shown} is deprecated no more.`,
    examples: [["plugboard undeprecate acme/weather", "It is kept again."]],
  });
}

function exact({ plugin, version }: Target): { plugin: string; version: string } {
  if (version === undefined) throw malformedTarget(plugin, "publisher/name@1.2.3");
  return { plugin, version };
}
