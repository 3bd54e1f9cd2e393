import { askChoice, askText } from "../ask.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { checkPluginName, checkPublisher, pluginNameProblem, publisherProblem } from "../names.ts";
import { type TemplateName, templateNames, templateTitles } from "./templates.ts";

/** What is to be made: as the command line says, or as the person at the terminal answers. */
export interface Wish {
  publisher: string;
  name: string;
  /** Absent: from an OpenAPI description. */
  template: TemplateName | undefined;
  fromOpenApi: string | undefined;
}

/** What the command line says of it. */
export interface Said {
  id: string | undefined;
  publisher: string | undefined;
  template: TemplateName | undefined;
  fromOpenApi: string | undefined;
}

/**
 * Asks for what was not said, if somebody is there to answer.
 *
 * @throws {CliFailure} when something is missing that cannot be asked for
 */
export async function answerQuestions(host: CliHost, said: Said, mayAsk: boolean): Promise<Wish> {
  const [nameInId, publisherInId] = (said.id ?? "").split("/").reverse();
  const name = nameInId ? checkPluginName(nameInId) : await findName(host, mayAsk);
  const publisher = await findPublisher(host, publisherInId ?? said.publisher, mayAsk);
  if (said.fromOpenApi !== undefined || said.template !== undefined)
    return { publisher, name, template: said.template, fromOpenApi: said.fromOpenApi };
  if (!mayAsk) return { publisher, name, template: templateNames[0], fromOpenApi: undefined };
  const choice = await askChoice<TemplateName | "openapi">(host, "What does it connect to?", [
    ...templateNames.map((value) => ({ value, label: templateTitles[value] })),
    { value: "openapi", label: "an API with an OpenAPI description" },
  ]);
  if (choice !== "openapi") return { publisher, name, template: choice, fromOpenApi: undefined };
  const path = await askText(host, "Where is the description? (a file, JSON or YAML)", (value) =>
    value.trim() === "" ? "Name a file." : undefined,
  );
  return { publisher, name, template: undefined, fromOpenApi: path };
}

async function findName(host: CliHost, mayAsk: boolean): Promise<string> {
  if (mayAsk)
    return askText(
      host,
      "What is the plugin called? (lower-case letters, digits and dashes)",
      pluginNameProblem,
    );
  throw new CliFailure("usage", "Say what the plugin is called: plugboard init publisher/name.");
}

async function findPublisher(host: CliHost, given: string | undefined, mayAsk: boolean): Promise<string> {
  if (given !== undefined) return checkPublisher(given);
  if (mayAsk)
    return askText(host, "Who publishes it? (your or your company's name, in lower case)", publisherProblem);
  throw new CliFailure(
    "publisher-missing",
    "Say who publishes the plugin: publisher/name, or --publisher <publisher>.",
  );
}
