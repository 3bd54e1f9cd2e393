import { once } from "node:events";
import { relative, resolve } from "node:path";
import type { Command } from "commander";
import type { DevOptions } from "../dev/index.ts";
import { addExamples } from "../examples.ts";
import { formatProblem } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { wholeNumber } from "../options.ts";
import { toJson } from "../printable.ts";
import { reportOf } from "../report.ts";
import { keepSecret } from "../secrets.ts";

interface ServeOptions {
  port: number;
  credential?: string;
  config?: string;
  replies?: string;
}

type Told = Parameters<DevOptions["tell"]>[0];

export function addDevCommand(program: Command, host: CliHost): void {
  const dev = program.command("dev").description("work on a plugin: it is built anew and served as you save");
  addServe(dev, host);
  addCall(dev, host);
}

function addServe(dev: Command, host: CliHost): void {
  const serve = dev
    .command("serve", { isDefault: true })
    .description(
      "serve the plugin on this machine and build it anew on each change; shows what it logs and requests (serve may be left out)",
    )
    .argument("[directory]", "the plugin's directory", ".")
    .option("--port <port>", "where to listen (default: any free port)", wholeNumber(0, 65_535), 0)
    .option(
      "--credential <file>",
      "what requests are authenticated with: a JSON file that you alone can read (or PLUGBOARD_DEV_CREDENTIAL)",
    )
    .option("--config <file>", "the connection's settings, as JSON")
    .option("--replies <file>", "answer requests from this JSON file instead of the network")
    .action(async (named: string, options: ServeOptions, command: Command) => {
      const report = reportOf(host, command);
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      const { formatRequest, runDev } = await import("../dev/index.ts"); // Slow to load, so only where it is needed.
      const path = (given: string | undefined) => given && resolve(host.cwd, given);
      const running = await runDev({
        directory: resolve(host.cwd, named),
        env: host.env,
        port: options.port,
        credential: path(options.credential),
        config: path(options.config),
        replies: path(options.replies),
        keepSecret: (secret) => void keepSecret(host, secret),
        tell(event) {
          // A line for each: what goes on has no end that a single document could have.
          if (json) host.stdout.write(`${toJson(event)}\n`);
          else for (const line of describe(event, formatRequest)) report.note(line);
        },
      });
      await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
      await running.close();
    });
  addExamples(
    serve,
    ["plugboard dev", "Serves the plugin of this folder, and builds it anew as you save."],
    ["plugboard dev --replies replies.json", "Without a network: requests are answered from a file."],
  );
}

function addCall(dev: Command, host: CliHost): void {
  const call = dev
    .command("call")
    .description("call the plugin that plugboard dev serves, from another terminal")
    .argument(
      "<target>",
      "an action; an entity's operation, such as customer.list; trigger:<name>, hook:<name>, webhook:normalize",
    )
    .option("--input <json>", "the input as JSON; @<file> reads a file, - reads standard input", "{}")
    .option("--dir <directory>", "the plugin's directory", ".")
    .action(async (target: string, { input, dir }: { input: string; dir: string }, command: Command) => {
      const report = reportOf(host, command);
      const { callDevServer, readInput } = await import("../dev/index.ts");
      const directory = resolve(host.cwd, dir);
      const answered = await callDevServer(directory, target, await readInput(host, input));
      report.done(answered, toJson(answered.output ?? null, 2));
    });
  addExamples(
    call,
    [`plugboard dev call get-item --input '{"id":"1"}'`, "Runs an action of what is served."],
    ["plugboard dev call customer.list --input @page.json", "An entity's operation, with input from a file."],
  );
}

function describe(
  event: Told,
  formatRequest: (request: Extract<Told, { type: "request" }>["request"]) => string,
): string[] {
  switch (event.type) {
    case "ready":
      return [
        `Listening at ${event.url}. Call it from another terminal: plugboard dev call <action> --input '{…}'`,
      ];
    case "changed":
      return [`Changed: ${event.paths.map((path) => relative(".", path)).join(", ")}`];
    case "loaded":
      return [
        `Serving ${event.plugin} ${event.version}, built in ${event.tookMs} ms.`,
        ...event.warnings.map((problem) => `warning: ${formatProblem(problem)}`),
      ];
    case "refused":
      return [
        `error: ${event.message}${event.serving ? " The version before goes on serving." : ""}`,
        ...event.problems.map((problem) => `  ${formatProblem(problem)}`),
      ];
    case "request":
      return [formatRequest(event.request)];
    case "event":
      return [`event ${event.event.type} ${toJson(event.event.data)}`];
    case "log": {
      const { level, message, fields } = event.line;
      return [`${level} ${message}${fields === undefined ? "" : ` ${toJson(fields)}`}`];
    }
  }
}
