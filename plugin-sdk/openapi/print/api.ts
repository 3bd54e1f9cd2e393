import type { Server } from "../model/servers.ts";
import { quoted } from "./code.ts";
import { importLine } from "./named-schemas.ts";

/** The plugin's api.ts: where the API is, and how this plugin's requests are written. Only what is used is in it. */
export function apiFile(server: Server, uses: ReadonlySet<string>): string {
  const has = (name: string) => uses.has(name);
  const settings = server.url.filter((part) => typeof part !== "string");
  const parts: string[] = [];
  const sdk = new Set<string>();
  const types = new Set<string>();
  if (has("urlOf")) {
    sdk.add("withQuery");
    types.add("FormOptions").add("FormValue");
    if (settings.length > 0) types.add("Connection");
    parts.push(urlPart(server));
  }
  if (has("path")) {
    sdk.add("InvalidInputError");
    parts.push(pathPart);
  }
  if (has("formOf")) {
    sdk.add("form");
    types.add("FormOptions").add("FormValue");
    parts.push(formPart);
  }
  if (has("headersOf")) parts.push(headersPart);
  if (has("joined")) parts.push(joinedPart);
  if (has("multipart")) parts.push(multipartPart);
  if (has("multipart") || has("bytesOf")) parts.push(bytesPart);
  if (has("sendBytes")) {
    sdk.add("vendorError");
    parts.push(sendBytesPart);
  }
  if (has("readBytes")) parts.push(readBytesPart);
  const imports = importLine([...sdk, ...[...types].map((name) => `type ${name}`)], "@plugboard/plugin-sdk");
  const head = imports === "" ? "" : `${imports}\n`;
  return `${head}${parts.join("\n")}`;
}

function urlPart(server: Server): string {
  const fixed = server.url.every((part) => typeof part === "string");
  if (fixed)
    return `const apiUrl = ${quoted(server.url.join(""))};

/** A URL of the API with its query; lists are written item by item: \`a=1&a=2\`. What is undefined is left out. */
export function urlOf(path: string, query: object = {}, options: UrlOptions = {}): string {
  const { lists = "repeat", server = apiUrl } = options;
  return withQuery(server + path, query as { [name: string]: FormValue }, { lists });
}

interface UrlOptions extends FormOptions {
  /** For operations that are not where the others are. */
  server?: string;
}
`;
  const url = server.url
    .map((part) =>
      typeof part === "string"
        ? part.replace(/[`\\]|\$(?=\{)/g, "\\$&")
        : `\${setting(connection, ${quoted(part.setting)})}`,
    )
    .join("");
  return `/** A URL of the API with its query; lists are written item by item: \`a=1&a=2\`. What is undefined is left out. */
export function urlOf(
  connection: Connection,
  path: string,
  query: object = {},
  { lists = "repeat" }: FormOptions = {},
): string {
  return withQuery(apiUrl(connection) + path, query as { [name: string]: FormValue }, { lists });
}

/** Where the API is depends on the connection's settings. */
function apiUrl(connection: Connection): string {
  return \`${url}\`;
}

function setting({ config }: Connection, name: string): string {
  return encodeURIComponent(String(config[name]));
}
`;
}

const pathPart = `/**
 * A path with values put in, each within its segment: no value leads elsewhere. A list makes a segment of each item.
 *
 * @throws InvalidInputError for a value that a path cannot have
 */
export function path(texts: TemplateStringsArray, ...values: (Value | Value[])[]): string {
  const segments = values.map((value) => [value].flat().map(segment).join("/"));
  return texts.map((text, index) => text + (segments[index] ?? "")).join("");
}

type Value = string | number | boolean;

function segment(value: Value): string {
  const text = String(value);
  if (text === "" || /^\\.\\.?$/.test(text))
    throw new InvalidInputError(\`\${JSON.stringify(text)} cannot be part of a path; expected another value.\`);
  return encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%40", "@");
}
`;

const formPart = `/** The body of a form; what is undefined is left out. */
export function formOf(fields: object, lists: FormOptions["lists"] = "repeat"): URLSearchParams {
  return form(fields as { [name: string]: FormValue }, { lists });
}
`;

const headersPart = `/** Headers, as far as they have a value. */
export function headersOf(headers: { [name: string]: unknown }): { [name: string]: string } {
  const present = Object.entries(headers).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(present.map(([name, value]) => [name, String(value)]));
}
`;

const joinedPart = `/** The items of a list, or the names and values of an object, with a separator between them. */
export function joined(value: unknown, separator = ","): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.join(separator);
  return typeof value === "object" ? Object.entries(value).flat().join(separator) : String(value);
}
`;

const multipartPart = `/** A form with files in it: \`{ filename, contentType, base64 }\`. All other values are text, or JSON. */
export function multipart(fields: object): { headers: { [name: string]: string }; body: Uint8Array } {
  const boundary = \`plugboard-\${crypto.randomUUID()}\`;
  const parts = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [value].flat().map((one) => ({ name, one })))
    .flatMap(({ name, one }) => [utf8(\`--\${boundary}\\r\\n\`), ...partOf(name, one)]);
  const end = utf8(\`--\${boundary}--\\r\\n\`);
  const body = new Uint8Array(parts.reduce((sum, part) => sum + part.length, end.length));
  let at = 0;
  for (const part of [...parts, end]) {
    body.set(part, at);
    at += part.length;
  }
  return { headers: { "Content-Type": \`multipart/form-data; boundary=\${boundary}\` }, body };
}

function partOf(name: string, value: unknown): Uint8Array[] {
  const head = \`Content-Disposition: form-data; name="\${quoted(name)}"\`;
  if (isFile(value)) {
    const type = \`filename="\${quoted(value.filename)}"\\r\\nContent-Type: \${value.contentType}\`;
    return [utf8(\`\${head}; \${type}\\r\\n\\r\\n\`), bytesOf(value.base64), utf8("\\r\\n")];
  }
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return [utf8(\`\${head}\\r\\n\\r\\n\${text}\\r\\n\`)];
}

function isFile(value: unknown): value is { filename: string; contentType: string; base64: string } {
  return typeof value === "object" && value !== null && "base64" in value && "filename" in value;
}

/** A name cannot end the line, or the quotes that it stands in (HTML, "multipart/form-data encoding algorithm"). */
function quoted(name: string): string {
  return name.replaceAll("\\r", "%0D").replaceAll("\\n", "%0A").replaceAll('"', "%22");
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
`;

const bytesPart = `export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
`;

const sendBytesPart = `/** As \`sendRequest\` of the SDK, with bytes for a body. */
export async function sendBytes(
  fetch: typeof globalThis.fetch,
  url: string,
  { headers, ...init }: { method?: string; headers?: { [name: string]: string }; body: Uint8Array },
): Promise<Response> {
  const response = await fetch(url, {
    ...init,
    body: init.body as Uint8Array<ArrayBuffer>,
    headers: { Accept: "application/json", ...headers },
  });
  if (!response.ok) throw await vendorError(response);
  return response;
}
`;

const readBytesPart = `/** An answer that is no text. */
export async function readBytes(response: Response): Promise<{ contentType: string; base64: string }> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  const contentType = response.headers.get("content-type") ?? "application/octet-stream";
  return { contentType, base64: btoa(text) };
}
`;
