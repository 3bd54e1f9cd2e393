import type { Json } from "../../manifest/index.ts";
import { DescriptionError } from "../description-error.ts";
import { camelCase } from "../names.ts";
import type { Notes } from "../notes.ts";
import { below } from "../pointer.ts";
import { plainText } from "../text.ts";
import { at, type Fields, fieldsAt, listAt, textAt, textsAt } from "../value.ts";

/** Where the API is: the parts of its URL, some of them settings of a connection. */
export interface Server {
  /** As network permissions write hosts: `{shop}.example.com`; more than one where a setting chooses among them. */
  hosts: string[];
  /** The URL without the slash at its end: texts, and between them the settings. */
  url: (string | { setting: string })[];
  /** The path of the URL, with `*` for each segment that has a setting in it; no slash at its end. */
  pathPattern: string;
  /** JSON Schemas of the settings, by name. */
  settings: Map<string, { [keyword: string]: Json }>;
}

const label = "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$";

/**
 * The server that `servers` names first: the others are noted.
 *
 * @param override a URL that goes before it, or what a relative one is relative to
 * @throws {DescriptionError} when it says no full URL, or none that a plugin may reach
 */
export function readServer(
  of: Fields,
  pointer: string,
  o: { notes: Notes; override?: string | undefined },
): Server {
  const servers = listAt(of, "servers");
  const [first] = servers;
  const at0 = below(pointer, "servers", 0);
  if (servers.length > 1)
    o.notes.add(
      "decide",
      below(pointer, "servers"),
      `There are ${servers.length} servers; the first one is called. Name another with --server.`,
    );
  const written = textAt(first, "url") ?? "/";
  const url = o.override !== undefined && isAbsolute(o.override) ? absolute(written, o.override) : written;
  if (!isAbsolute(url))
    throw new DescriptionError(
      "description-server-unknown",
      `The description does not say where the API is (its server is ${JSON.stringify(written.slice(0, 100))}). Say it with --server https://api.example.com/v1.`,
    );
  if (/^http:/i.test(url))
    o.notes.add("decide", at0, "The server is an http URL; plugins speak https alone, so https it is.");
  return parseServer(url, fieldsAt(first, "variables"), at0, o.notes);
}

const isAbsolute = (url: string): boolean => /^https?:\/\/[^/]/i.test(url);

/** A full URL that is given stands for the server; where that is relative, it may be what it is relative to. */
function absolute(written: string, override: string): string {
  const isHostOnly = /^https?:\/\/[^/]+\/?$/i.test(override);
  return isHostOnly && written.startsWith("/") ? override.replace(/\/$/, "") + written : override;
}

function parseServer(url: string, variables: Fields, pointer: string, notes: Notes): Server {
  const [, hostText = "", rest = ""] = /^https?:\/\/([^/?#]*)([^?#]*)/i.exec(url) ?? [];
  const settings: Server["settings"] = new Map();

  function variable(name: string, isLabel: boolean): { values: string[] } | { setting: string } {
    const schema = fieldsAt(variables, name);
    const values = textsAt(schema, "enum");
    const preset = String(at(schema, "default") ?? "");
    const setting = camelCase(name, "setting");
    const description = plainText(textAt(schema, "description"), 240);
    const about = {
      ...(description !== undefined && { description }),
      ...(preset !== "" && { default: preset }),
    };
    if (values.length === 1) return { values };
    if (values.length > 1) {
      settings.set(setting, { type: "string", ...about, enum: values });
      return isLabel ? { values } : { setting };
    }
    if (!isLabel || preset.includes(".") || !/^[A-Za-z0-9-]*$/.test(preset)) {
      if (isLabel) {
        notes.add(
          "decide",
          pointer,
          `The server's variable "${name.slice(0, 60)}" stands for more than one label of a host; its default is taken. Name another server with --server.`,
        );
        return { values: [preset] };
      }
      settings.set(setting, { type: "string", ...about, minLength: 1, maxLength: 200 });
      return { setting };
    }
    settings.set(setting, { type: "string", ...about, pattern: label });
    return { setting };
  }

  const { hosts, parts } = readHosts(hostText, variable);
  const path = readPath(rest.replace(/\/+$/, ""), variable);
  return {
    hosts,
    url: joinTexts(["https://", ...parts, ...path.parts]),
    pathPattern: path.pattern,
    settings,
  };
}

type Variable = (name: string, isLabel: boolean) => { values: string[] } | { setting: string };

/** A setting may be a whole label of a host; where it is a part of one, each host that it can make is named. */
function readHosts(text: string, variable: Variable) {
  const parts: Server["url"] = [];
  let hosts = [""];
  const append = (all: string[]) => {
    hosts = hosts.flatMap((host) => all.map((one) => host + one)).slice(0, 100);
  };
  for (const piece of text.toLowerCase() === text ? text.split(/(\{[^{}]*\})/) : lowerCased(text)) {
    const name = /^\{(.*)\}$/.exec(piece)?.[1];
    if (name === undefined) {
      append([piece]);
      parts.push(piece);
      continue;
    }
    const known = variable(name, true);
    if ("values" in known) {
      append(known.values);
      const setting = camelCase(name, "setting");
      parts.push(known.values.length === 1 ? (known.values[0] ?? "") : { setting });
    } else {
      append([`{${known.setting}}`]);
      parts.push(known);
    }
  }
  return { hosts: hosts.map((host) => host.replace(/:443$/, "")), parts };
}

/** Hosts are written in lower case; the names of variables are kept. */
function lowerCased(text: string): string[] {
  return text.split(/(\{[^{}]*\})/).map((piece) => (piece.startsWith("{") ? piece : piece.toLowerCase()));
}

function readPath(text: string, variable: Variable) {
  const parts: Server["url"] = [];
  for (const piece of text.split(/(\{[^{}]*\})/)) {
    const name = /^\{(.*)\}$/.exec(piece)?.[1];
    const known = name === undefined ? { values: [piece] } : variable(name, false);
    parts.push("values" in known ? (known.values[0] ?? "") : known);
  }
  const whole = parts.map((part) => (typeof part === "string" ? part : "*")).join("");
  const pattern = whole
    .split("/")
    .map((segment) => (segment.includes("*") ? "*" : segment))
    .join("/");
  return { parts, pattern };
}

function joinTexts(parts: Server["url"]): Server["url"] {
  const joined: Server["url"] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined.splice(-1, 1, last + part);
    else if (part !== "") joined.push(part);
  }
  return joined;
}
