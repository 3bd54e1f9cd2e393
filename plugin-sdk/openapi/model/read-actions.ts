import { camelCase, createNamer, isTakenName, titleOf } from "../names.ts";
import type { Property } from "../schema/index.ts";
import { firstParagraph, plainText } from "../text.ts";
import { at, type Fields, listAt, textAt } from "../value.ts";
import type { ActionModel } from "./action-model.ts";
import { documentationOf, readAnswer } from "./answer.ts";
import { readBody } from "./body.ts";
import type { Modelling } from "./modelling.ts";
import { actionNameOf, type Operation } from "./operations.ts";
import { readParameters } from "./parameters.ts";
import { readServer, type Server } from "./servers.ts";

/** An action and what else is known of its answer. */
export interface ReadAction extends ActionModel {
  answerHeaders: string[];
}

/** Makes actions of operations, in their order. What cannot be called is noted and left out. */
export function readActions(operations: Operation[], main: Server, modelling: Modelling): ReadAction[] {
  const nameOnce = createNamer("-");
  const identifyOnce = createNamer("", isTakenName);
  return operations.flatMap((operation) => {
    const parts = readParts(operation, modelling);
    if (!parts) return [];
    const name = nameOnce(actionNameOf(operation));
    const { schema } = operation;
    return [
      {
        name,
        identifier: identifyOnce(camelCase(name, "call")),
        group: operation.group,
        title: plainText(textAt(schema, "summary"), 100) ?? titleOf(name),
        description: plainText(firstParagraph(textAt(schema, "description")), 400),
        documentation: documentationOf(schema),
        operation,
        server: ownServer(operation, main, modelling),
        ...parts,
      },
    ];
  });
}

function readParts(operation: Operation, modelling: Modelling) {
  const parameters = readParameters(operation, modelling);
  if (!parameters) return leftOut("It cannot be called without what a plugin cannot send.");
  const body = readBody(operation, parameters.properties, modelling);
  if (body === "unusable") return leftOut("It cannot be called without a body that plugins cannot write.");
  const answer = readAnswer(operation, modelling);
  if (!answer) return undefined;
  const properties = [...parameters.properties, ...(body?.properties ?? [])];
  const { output, answer: kind, accept, headers: answerHeaders } = answer;
  const input = modelling.schemas.fit(
    { kind: "object", properties, options: {} },
    "input",
    operation.pointer,
  );
  const { query, headers, path, pathPattern } = parameters;
  return {
    input: input.kind === "object" ? input : withoutShapes(properties),
    output,
    path,
    pathPattern,
    query,
    headers,
    accept,
    body: body?.body,
    answer: kind,
    answerHeaders,
  };

  function leftOut(reason: string): undefined {
    modelling.notes.add("left-out", operation.pointer, reason);
    return undefined;
  }
}

/** The input of an operation that has too many parameters to say of each what it is. */
function withoutShapes(properties: Property[]): ActionModel["input"] {
  return {
    kind: "object",
    properties: properties
      .filter(({ isOptional }) => !isOptional)
      .map((one) => ({ ...one, shape: { kind: "any", options: {} } })),
    further: true,
    options: {},
  };
}

/** An operation, or a path, may be called elsewhere; settings are those of the main server. */
function ownServer(
  { schema, shared, pointer }: Operation,
  main: Server,
  { notes }: Modelling,
): Server | undefined {
  const owner: Fields | undefined = [schema, shared].find((one) => listAt(one, "servers").length > 0);
  if (!owner || at(owner, "servers") === undefined) return undefined;
  const silent = { add() {}, list: () => [] };
  const base = main.url.every((part) => typeof part === "string") ? main.url.join("") : undefined;
  try {
    const url = textAt(listAt(owner, "servers")[0], "url") ?? "";
    const server = readServer(owner, pointer, {
      notes: silent,
      override: url.startsWith("/") ? origin(base) : undefined,
    });
    if (JSON.stringify(server.url) === JSON.stringify(main.url)) return undefined;
    if (server.settings.size === 0) return server;
    notes.add(
      "decide",
      pointer,
      "It has a server of its own that depends on settings; the plugin's own server is called.",
    );
  } catch {
    notes.add(
      "decide",
      pointer,
      "It has a server of its own that is not a full URL; the plugin's own server is called.",
    );
  }
  return undefined;
}

function origin(url: string | undefined): string | undefined {
  return url === undefined ? undefined : new URL(url).origin;
}
