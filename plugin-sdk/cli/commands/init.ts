import { relative, resolve } from "node:path";
import { type Command, Option } from "commander";
import { addExamples } from "../examples.ts";
import { CliFailure, exitCodes } from "../failure.ts";
import type { CliHost } from "../host.ts";
import {
  answerQuestions,
  openApiProject,
  sdkSpec,
  type TemplateName,
  templateNames,
  templateProject,
  writeProject,
} from "../init/index.ts";
import { wholeNumber } from "../options.ts";
import { findSdkPackage } from "../package-root.ts";
import { type Report, reportOf } from "../report.ts";

interface InitOptions {
  template?: TemplateName;
  fromOpenapi?: string;
  tag: string[];
  path: string[];
  operation: string[];
  maxActions?: number;
  server?: string;
  auth?: string;
  publisher?: string;
  dir?: string;
  apiHost: string;
  sdk?: string;
  yes?: boolean;
}

const several = (value: string, before: string[]) => [...before, value];

export function addInitCommand(program: Command, host: CliHost): void {
  const init = program
    .command("init")
    .description("make the folder of a new plugin, ready to build")
    .argument("[name]", "the plugin's name, or publisher/name")
    .addOption(
      new Option("--template <template>", "what to start from")
        .choices(templateNames)
        .conflicts("fromOpenapi"),
    )
    .option("--from-openapi <file>", "make it of an OpenAPI 3 description, JSON or YAML")
    .option("--tag <tag>", "of the description: the operations with this tag; may be repeated", several, [])
    .option(
      "--path <glob>",
      'of the description: the operations below a path, such as "/users/**"; may be repeated',
      several,
      [],
    )
    .option(
      "--operation <id>",
      'of the description: one operation, by its id or as "GET /users/{id}"; may be repeated',
      several,
      [],
    )
    .option(
      "--max-actions <number>",
      "of the description: take so many operations (default 250)",
      wholeNumber(1, 1000),
    )
    .option("--server <url>", "of the description: the API's URL, where it has none or another one is meant")
    .option(
      "--auth <kind>",
      "of the description: bearer, basic, header:<name> or query:<name>, where it does not say",
    )
    .option("--publisher <publisher>", "who publishes it")
    .option("--dir <directory>", "where to make it (default: a folder of its name)")
    .option("--api-host <host>", "the host of the API that a template calls", "api.example.com")
    .option("--sdk <spec>", "how to depend on @plugboard/plugin-sdk (a version, file: or URL)")
    .option("--yes", "ask nothing")
    .action(async (id: string | undefined, options: InitOptions, command: Command) => {
      const report = reportOf(host, command);
      const { template, fromOpenapi: fromOpenApi, publisher } = options;
      const mayAsk = host.interactive && options.yes !== true;
      const wish = await answerQuestions(host, { id, publisher, template, fromOpenApi }, mayAsk);
      const directory = resolve(host.cwd, options.dir ?? wish.name);
      const values = {
        NAME: wish.name,
        PUBLISHER: wish.publisher,
        DISPLAY_NAME: titleOf(wish.name),
        API_HOST: checkHost(options.apiHost),
        SDK: options.sdk ?? (await sdkSpec(host.cwd, findSdkPackage().version)),
      };
      const files = await templateProject(wish.template, values);
      const made =
        wish.fromOpenApi === undefined
          ? undefined
          : await fromDescription(wish.fromOpenApi, options, values, host, report);
      const written = await writeProject(directory, [...files, ...(made?.files ?? [])]);
      const shown = relative(host.cwd, directory) || ".";
      report.done(
        {
          id: `${wish.publisher}/${wish.name}`,
          directory,
          files: written,
          ...(made && { actions: made.actions, entities: made.entities, notes: made.notes }),
        },
        [
          `Made ${wish.publisher}/${wish.name} in ${shown}:`,
          ...written.map((file) => `  ${file}`),
          ...(made?.lines ?? []),
          "Next:",
          `  cd ${shown} && npm install && npm test && npm run build`,
        ].join("\n"),
      );
    });
  addExamples(
    init,
    ["plugboard init acme/weather", "a plugin for a REST API with an API key, in the folder weather"],
    ["plugboard init acme/shop --template webhooks", "one that reads what an API sends"],
    [
      "plugboard init acme/billing --from-openapi openapi.yaml --tag invoices",
      "actions and entities made of a description",
    ],
  );
}

/** What is made of a description, and what to tell about it. */
async function fromDescription(
  path: string,
  options: InitOptions,
  { PUBLISHER, NAME, DISPLAY_NAME }: { PUBLISHER: string; NAME: string; DISPLAY_NAME: string },
  host: CliHost,
  report: Report,
) {
  const { groupNotes } = await import("../../openapi/index.ts");
  const progress = report.progress("Reading the description");
  const { tag: tags, path: paths, operation: operations, maxActions, server, auth } = options;
  const plugin = await openApiProject({
    path: resolve(host.cwd, path),
    id: `${PUBLISHER}/${NAME}`,
    displayName: DISPLAY_NAME,
    tags,
    paths,
    operations,
    maxActions,
    server,
    auth,
  }).finally(progress.end);
  const { files, actions, entities, notes } = plugin;
  const groups = groupNotes(notes);
  return {
    files,
    actions,
    entities,
    notes,
    lines: [
      `It has ${actions.length} actions and ${entities.length} entities.`,
      ...(groups.length === 0
        ? []
        : ["What was not taken over as it is (all of it, with places, is in README.md):"]),
      ...groups
        .slice(0, 20)
        .map(
          ({ kind, reason, pointers }) =>
            `  ${kind}: ${reason} (${pointers[0]}${pointers.length > 1 ? `, and ${pointers.length - 1} more` : ""})`,
        ),
    ],
  };
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
