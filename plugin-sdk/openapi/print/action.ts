import type { ActionModel } from "../model/action-model.ts";
import { commentText } from "../text.ts";
import { type Code, call, docComment, type Entry, object, print, quoted } from "./code.ts";
import {
  argumentEntry,
  pathCode,
  queryCode,
  type Read,
  readInput,
  serverOf,
  takeApart,
  type Uses,
  urlCode,
} from "./request.ts";
import { type NameOf, shapeCode } from "./shape.ts";

/** One action as code. */
export function actionCode(
  action: ActionModel,
  o: { nameOf: NameOf; uses: Uses; hasSettings: boolean },
): string {
  const { operation, identifier } = action;
  o.uses.sdk.add("action").add("Type");
  const comment = docComment(
    [
      commentText(
        `\`${operation.method} ${operation.path}\`${action.description === undefined ? "" : `: ${action.description}`}`,
      ),
      ...(action.documentation === undefined ? [] : [`See ${commentText(action.documentation)}`]),
    ],
    0,
  );
  const property = (key: string, value: Code) =>
    `  ${key}: ${print(value, { indent: 2, column: key.length + 4 })},\n`;
  return [
    comment,
    `export const ${identifier} = action({\n`,
    property("title", quoted(action.title)),
    action.description === undefined ? "" : longText("description", action.description),
    property("input", shapeCode(action.input, o.nameOf)),
    property("output", shapeCode(action.output, o.nameOf)),
    runCode(action, o),
    "});\n",
  ].join("");
}

function longText(key: string, text: string): string {
  const literal = quoted(text);
  return key.length + literal.length + 5 > 110 ? `  ${key}:\n    ${literal},\n` : `  ${key}: ${literal},\n`;
}

function runCode(action: ActionModel, o: { uses: Uses; hasSettings: boolean }): string {
  const { uses } = o;
  const { read, statements, body, query } = inputCode(action, uses);
  const hasSettings = o.hasSettings && action.server === undefined;
  const url = urlCode({
    path: pathCode(action.path, read, uses),
    ...query,
    server: serverOf(action),
    hasSettings,
    uses,
  });
  const options = optionEntries(action, read, body, uses);
  const lines = [...statements, ...sendCode(action, url, options, uses)];
  const usesInput = action.input.properties.length > 0 && lines.some((line) => /\binput\b/.test(line));
  const context = [...(usesInput ? ["input"] : []), "fetch", ...(hasSettings ? ["connection"] : [])];
  const isAsync = lines.some((line) => line.includes("await "));
  return `  ${isAsync ? "async " : ""}run({ ${context.join(", ")} }) {\n${lines.map((line) => `    ${line}\n`).join("")}  },\n`;
}

/** What stands for the parts of the request: the input's properties by name, or what is left of it. */
function inputCode(action: ActionModel, uses: Uses) {
  const inPath = action.path.flatMap((part) => (typeof part === "string" ? [] : [part.input]));
  const others = [
    ...inPath,
    ...action.query.map((one) => one.input),
    ...action.headers.map((one) => one.input),
  ];
  const bodyProperties = action.input.properties
    .map(({ name }) => name)
    .filter((name) => !others.includes(name));
  if (action.body && action.body.input === undefined && bodyProperties.length > 0) {
    const { statement, read } = takeApart(others, "body");
    const isAll = others.length === 0;
    return {
      read,
      statements: isAll ? [] : [statement],
      body: isAll ? "input" : "body",
      query: queryCode(action.query, read, uses),
    };
  }
  const isPlain = action.query.every(
    ({ name, input, as }) => (as === "plain" || as === "brackets") && name === input,
  );
  const lists = action.query.some(({ as }) => as === "brackets") ? ("indices" as const) : undefined;
  if (!action.body && action.headers.length === 0 && isPlain && action.query.length > 0) {
    const { statement, read } = takeApart(inPath, "query");
    const isAll = inPath.length === 0;
    return {
      read,
      statements: isAll ? [] : [statement],
      body: undefined,
      query: { query: isAll ? "input" : "query", lists },
    };
  }
  const body =
    action.body?.input === undefined ? (action.body ? "{}" : undefined) : readInput(action.body.input);
  return { read: readInput, statements: [], body, query: queryCode(action.query, readInput, uses) };
}

function optionEntries(action: ActionModel, read: Read, body: string | undefined, uses: Uses): Entry[] {
  const { operation, headers, accept } = action;
  const entries: Entry[] =
    operation.method === "GET" ? [] : [{ key: "method", value: quoted(operation.method) }];
  const own: Entry[] = [
    ...(accept === undefined ? [] : [{ key: "Accept", value: quoted(accept) }]),
    ...contentTypeEntries(action),
    ...headers.map((header) => argumentEntry(header, read, uses)),
  ];
  if (own.length > 0) {
    const isFixed = headers.length === 0;
    if (!isFixed) uses.api.add("headersOf");
    entries.push({ key: "headers", value: isFixed ? object(own) : call("headersOf", object(own)) });
  }
  if (action.body && body !== undefined) entries.push(...bodyEntries(action, body, uses));
  return entries;
}

/** Forms and JSON bring their own; a vendor's own kind of JSON does not. */
function contentTypeEntries({ body }: ActionModel): Entry[] {
  if (!body || body.kind === "form" || body.kind === "brackets" || body.kind === "multipart") return [];
  if (body.kind === "json" && body.contentType.toLowerCase() === "application/json") return [];
  return [{ key: "Content-Type", value: quoted(body.contentType) }];
}

function bodyEntries({ body }: ActionModel, value: string, uses: Uses): Entry[] {
  switch (body?.kind) {
    case "json":
      return [{ key: "json", value }];
    case "form":
    case "brackets":
      uses.api.add("formOf");
      return [
        {
          key: "body",
          value: call("formOf", value, ...(body.kind === "brackets" ? [quoted("indices")] : [])),
        },
      ];
    case "multipart":
      uses.api.add("multipart");
      return [{ spread: `multipart(${value})` }];
    case "bytes":
      uses.api.add("bytesOf");
      return [{ key: "body", value: call("bytesOf", value) }];
    default:
      return [value === "body" ? { key: "body" } : { key: "body", value }];
  }
}

function sendCode(action: ActionModel, url: Code, options: Entry[], uses: Uses): string[] {
  const args = (column: number, callee: string) =>
    print(call(callee, "fetch", url, ...(options.length > 0 ? [object(options)] : [])), {
      indent: 4,
      column,
    });
  const isBytes = action.body?.kind === "bytes" || action.body?.kind === "multipart";
  const send = (lead: string) => {
    if (isBytes) uses.api.add("sendBytes");
    else uses.sdk.add("sendRequest");
    return `${lead}${args(lead.length + 4, isBytes ? "sendBytes" : "sendRequest")};`;
  };
  switch (action.answer) {
    case "nothing":
      return [send("await "), "return null;"];
    case "text":
      return [send("const response = await "), "return response.text();"];
    case "bytes":
      uses.api.add("readBytes");
      return [send("const response = await "), "return readBytes(response);"];
    case "json":
      if (isBytes) {
        uses.sdk.add("readJson");
        return [send("const response = await "), "return readJson(response);"];
      }
      uses.sdk.add("requestJson");
      return [`return ${args(11, "requestJson")};`];
  }
}
