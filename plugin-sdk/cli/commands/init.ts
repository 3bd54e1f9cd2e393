import { relative, resolve } from "node:path";
import { type Command, Option } from "commander";
import { askText } from "../ask.ts";
import { CliFailure, exitCodes } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { scaffold, type Template, templates } from "../init/scaffold.ts";
import { sdkSpec } from "../init/sdk-spec.ts";
import { checkPluginName, checkPublisher, publisherProblem } from "../names.ts";
import { findSdkPackage } from "../package-root.ts";
import { createReport } from "../report.ts";

interface InitOptions {
  template: Template;
  publisher?: string;
  dir?: string;
  apiHost: string;
  sdk?: string;
  yes?: boolean;
}

export function addInitCommand(program: Command, host: CliHost): void {
  program
    .command("init")
    .description("make the folder of a new plugin, ready to build")
    .argument("<name>", "the plugin's name, or publisher/name")
    .addOption(
      new Option("--template <template>", "what to start from").choices(templates).default(templates[0]),
    )
    .option("--publisher <publisher>", "who publishes it")
    .option("--dir <directory>", "where to make it (default: a folder of its name)")
    .option("--api-host <host>", "the host of the API that it calls", "api.example.com")
    .option("--sdk <spec>", "how to depend on @plugboard/plugin-sdk (a version, file: or URL)")
    .option("--yes", "ask nothing")
    .action(async (id: string, options: InitOptions, command: Command) => {
      const report = createReport(host, command.optsWithGlobals().json === true);
      const [name, publisherInId] = id.split("/").reverse();
      const values = {
        NAME: checkPluginName(name ?? ""),
        PUBLISHER: await findPublisher(host, publisherInId ?? options.publisher, options.yes === true),
        DISPLAY_NAME: titleOf(name ?? ""),
        API_HOST: checkHost(options.apiHost),
        SDK: options.sdk ?? (await sdkSpec(host.cwd, findSdkPackage().version)),
      };
      const directory = resolve(host.cwd, options.dir ?? values.NAME);
      const files = await scaffold(options.template, directory, values);
      const shown = relative(host.cwd, directory) || ".";
      report.done(
        { id: `${values.PUBLISHER}/${values.NAME}`, directory, files },
        [
          `Made ${values.PUBLISHER}/${values.NAME} in ${shown}:`,
          ...files.map((file) => `  ${file}`),
          "Next:",
          `  cd ${shown} && npm install && npm test && npm run build`,
        ].join("\n"),
      );
    });
}

async function findPublisher(host: CliHost, given: string | undefined, askNothing: boolean): Promise<string> {
  if (given !== undefined) return checkPublisher(given);
  if (host.interactive && !askNothing)
    return askText("Who publishes it? (your or your company's name, in lower case)", publisherProblem);
  throw new CliFailure(
    "publisher-missing",
    "Say who publishes the plugin: publisher/name, or --publisher <publisher>.",
    {
      exitCode: exitCodes.usage,
    },
  );
}

function checkHost(host: string): string {
  if (/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/.test(host)) return host;
  throw new CliFailure(
    "host-malformed",
    `"${host}" is not a host; expected a name such as api.example.com.`,
    {
      exitCode: exitCodes.usage,
    },
  );
}

/** `weather-alerts` → `Weather alerts` */
function titleOf(name: string): string {
  const words = name.replaceAll("-", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
