import { readFileSync } from "node:fs";
import { checkRequests, type RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import type { Isolation } from "@plugboard/sandbox";
import { type TSchema, Type } from "typebox";
import { Errors } from "typebox/value";
import type { Limit } from "./limit.ts";
import { type LimitName, limitNames, limitTable } from "./table.ts";

/** What an operator sets for plugins. Of several entries that fit a plugin, the most specific counts, limit by limit. */
export interface PluginSettingsFile {
  defaults?: PluginSettingsEntry;
  /** By plugin (`acme/shop`), or for all of a publisher (`acme/*`). */
  plugins?: { [pattern: string]: PluginSettingsEntry };
}

export interface PluginSettingsEntry {
  isolation?: Isolation;
  limits?: Partial<Record<LimitName, number>>;
  /** How its requests are paced, repeated and kept, over what its manifest declares. */
  requests?: RequestsDeclaration;
}

/** Something is wrong with the file of settings. The message is one line: where, and what is allowed there. */
export class PluginSettingsError extends Error {
  override readonly name = "PluginSettingsError";
}

const pluginPattern = /^[a-z][a-z0-9-]{1,38}\/([a-z][a-z0-9-]{0,63}|\*)$/;

const closed = (description: string) => ({ additionalProperties: false, description });

const entrySchema = (scopes: Limit["scope"][]) =>
  Type.Object(
    {
      isolation: Type.Optional(
        Type.Union([Type.Literal("thread"), Type.Literal("process")], {
          description: '"thread" or "process"',
        }),
      ),
      limits: Type.Optional(limitsSchema(scopes)),
      requests: Type.Optional(Type.Object({}, { additionalProperties: true })),
    },
    closed("an object with isolation, limits and requests"),
  );

function limitsSchema(scopes: Limit["scope"][]): TSchema {
  const names = limitNames.filter((name) => scopes.includes(limitTable[name].scope));
  return Type.Object(
    Object.fromEntries(names.map((name) => [name, Type.Optional(limitSchema(limitTable[name]))])),
    closed("an object of limits, those of docs/limits.md"),
  );
}

function limitSchema({ min, max, unit }: Limit): TSchema {
  const what = unit === "count" ? "a whole number" : `a whole number of ${unit}`;
  return Type.Integer({ minimum: min, maximum: max, description: `${what} from ${min} to ${max}` });
}

const fileSchema = Type.Object(
  {
    defaults: Type.Optional(entrySchema(["plugin", "host"])),
    plugins: Type.Optional(
      Type.Record(Type.String(), entrySchema(["plugin"]), {
        description: 'an object of plugins: "publisher/name", or "publisher/*" for all of a publisher',
      }),
    ),
  },
  closed("an object with defaults and plugins"),
);

/** @throws PluginSettingsError */
export function readPluginSettings(file: string): PluginSettingsFile {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    throw new PluginSettingsError(`${file} cannot be read (${code})`);
  }
  try {
    return checkPluginSettings(JSON.parse(content));
  } catch (error) {
    if (!(error instanceof PluginSettingsError || error instanceof SyntaxError)) throw error;
    throw new PluginSettingsError(`${file}: ${error.message.replaceAll(/\s+/g, " ")}`);
  }
}

/** @throws PluginSettingsError */
function checkPluginSettings(value: unknown): PluginSettingsFile {
  const [wrong] = Errors(fileSchema, value);
  if (wrong) throw new PluginSettingsError(explain(wrong));
  const settings = value as PluginSettingsFile;
  for (const pattern of Object.keys(settings.plugins ?? {})) {
    if (!pluginPattern.test(pattern))
      throw new PluginSettingsError(
        `/plugins/${escapePointer(pattern)} must be "publisher/name", or "publisher/*" for all of a publisher`,
      );
  }
  const entries = { defaults: settings.defaults, ...settings.plugins };
  for (const [name, entry] of Object.entries(entries)) {
    const [problem] = entry?.requests === undefined ? [] : checkRequests(entry.requests);
    const place = name === "defaults" ? "/defaults" : `/plugins/${escapePointer(name)}`;
    if (problem) throw new PluginSettingsError(`${place}${problem.pointer}: ${problem.message}`);
  }
  return settings;
}

type Wrong = ReturnType<typeof Errors>[number];

/** Names the place, and what may stand there, which the schema says of itself. */
function explain({ keyword, instancePath, schemaPath }: Wrong): string {
  const place = instancePath === "" ? "the whole" : instancePath;
  const parts = schemaPath.split("/").slice(1);
  if (keyword !== "boolean") return `${place} must be ${describe(parts)}`;
  const name = instancePath.slice(instancePath.lastIndexOf("/") + 1);
  if (Object.hasOwn(limitTable, name))
    return `${place} is a limit of the whole host; set it under /defaults/limits`;
  return `${place} is not known there; it must be ${describe(parts.slice(0, -1))}`;
}

/** The description of the innermost part of the schema on this way that has one. */
function describe(parts: string[]): string {
  const onTheWay: unknown[] = [fileSchema];
  for (const part of parts) onTheWay.push(memberOf(onTheWay.at(-1), part));
  const described = onTheWay.map((schema) => memberOf(schema, "description"));
  return String(described.findLast((description) => typeof description === "string"));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function escapePointer(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
