import { readFileSync } from "node:fs";
import path from "node:path";
import type { SignedRoot } from "@plugboard/plugin-sdk/trust";
import { parseReviewSettings } from "@plugboard/registry";
import type { Isolation } from "@plugboard/sandbox";
import {
  databaseTuning,
  EnvironmentError,
  optional,
  readEnvironment,
  serviceVariables,
  wholeNumber,
  withDefault,
} from "@plugboard/service-kit/environment";
import { Check } from "typebox/value";
import { parseEgressRewrite } from "./kernel/capabilities/index.ts";
import { PluginSettingsError, type PluginSettingsFile, readPluginSettings } from "./kernel/limits/index.ts";
import { SignedRootFile } from "./kernel/plugins/index.ts";

const variables = {
  ...serviceVariables,
  PLUGBOARD_ADMIN_KEY: optional("1 to 512 visible ASCII characters", parseAdminKey),
  PLUGBOARD_REGISTRY_URL: optional(
    "the URL of a registry, such as https://registry.example.com",
    parseRegistryUrl,
  ),
  PLUGBOARD_REGISTRY_TOKEN: optional(
    "the host token that the registry knows, 16 to 512 visible ASCII characters",
    parseHostToken,
  ),
  PLUGBOARD_REGISTRY_ROOT: optional("the path of a JSON file", (text) => path.resolve(text)),
  PLUGBOARD_TRUST_STALENESS: withDefault(0, "a duration from 0 to 366d, such as 12h or 30d", parseDuration),
  PLUGBOARD_TRUST_REFRESH: withDefault(60_000, "a duration from 1s to 1d, such as 30s or 5m", parseRefresh),
  PLUGBOARD_ISOLATION: optional<Isolation>("thread or process", parseIsolation),
  PLUGBOARD_PLUGIN_SETTINGS: optional("the path of a JSON file", (text) => path.resolve(text)),
  PLUGBOARD_ENTITLEMENT_GRACE_HOURS: optional("a whole number of hours, up to 8760", parseGraceHours),
  PLUGBOARD_BUNDLED_PLUGINS: withDefault(true, "true or false", parseSwitch),
  PLUGBOARD_UPGRADES_PER_MINUTE: withDefault(60, "a whole number from 0 to 10000", wholeNumber(0, 10_000)),
  PLUGBOARD_REVIEWS: optional(
    'a JSON object of review settings, such as {"priorWeight":20}',
    parseReviewSettings,
  ),
  PLUGBOARD_EVENT_DAYS: optional("a whole number of days from 1 to 3650", wholeNumber(1, 3_650)),
  PLUGBOARD_PUBLIC_URL: optional(
    "the https URL that browsers reach this host at, such as https://plugboard.example.com (http on a loopback address)",
    parsePublicUrl,
  ),
  PLUGBOARD_OAUTH_RETURN_URLS: optional(
    "origins parted by commas, such as https://app.example.com",
    parseReturnOrigins,
  ),
  PLUGBOARD_EGRESS_HTTP2: withDefault(true, "true or false", parseSwitch),
  PLUGBOARD_EGRESS_REWRITE: optional(
    'a JSON object from host to local URL, such as {"api.example.com":"http://127.0.0.1:4010"}',
    parseEgressRewrite,
  ),
};

/** Long enough for a weekend without anybody who pays invoices. */
const defaultGraceHours = 72;

export type CoreConfig = ReturnType<typeof readConfig>;

/** Reads what the core is told from outside. @throws {EnvironmentError} one line that names the variable */
export function readConfig(env: NodeJS.ProcessEnv) {
  const values = readEnvironment(env, variables);
  return {
    port: values.PORT,
    host: values.HOST,
    trustProxy: values.PLUGBOARD_TRUST_PROXY,
    dataDir: values.PLUGBOARD_DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    ...databaseTuning(values),
    masterKey: values.PLUGBOARD_MASTER_KEY,
    adminKey: values.PLUGBOARD_ADMIN_KEY,
    registryUrl: values.PLUGBOARD_REGISTRY_URL,
    registryToken: values.PLUGBOARD_REGISTRY_TOKEN,
    trust: {
      stalenessMs: values.PLUGBOARD_TRUST_STALENESS,
      refreshMs: values.PLUGBOARD_TRUST_REFRESH,
      root: readRoot(values.PLUGBOARD_REGISTRY_ROOT),
    },
    isolation: values.PLUGBOARD_ISOLATION,
    pluginSettings: readSettings(values.PLUGBOARD_PLUGIN_SETTINGS),
    entitlementGraceHours: values.PLUGBOARD_ENTITLEMENT_GRACE_HOURS ?? defaultGraceHours,
    bundledPlugins: values.PLUGBOARD_BUNDLED_PLUGINS,
    upgradesPerMinute: values.PLUGBOARD_UPGRADES_PER_MINUTE,
    reviews: values.PLUGBOARD_REVIEWS,
    ...(values.PLUGBOARD_EVENT_DAYS !== undefined && { eventDays: values.PLUGBOARD_EVENT_DAYS }),
    ...(values.PLUGBOARD_PUBLIC_URL !== undefined && { publicUrl: values.PLUGBOARD_PUBLIC_URL }),
    oauthReturnOrigins: values.PLUGBOARD_OAUTH_RETURN_URLS ?? [],
    egressHttp2: values.PLUGBOARD_EGRESS_HTTP2,
    egressRewrite: values.PLUGBOARD_EGRESS_REWRITE ?? {},
    logLevel: values.LOG_LEVEL,
  };
}

function readSettings(file: string | undefined): PluginSettingsFile {
  if (file === undefined) return {};
  try {
    return readPluginSettings(file);
  } catch (error) {
    if (!(error instanceof PluginSettingsError)) throw error;
    throw new EnvironmentError(`PLUGBOARD_PLUGIN_SETTINGS: ${error.message}.`);
  }
}

function readRoot(file: string | undefined): SignedRoot | undefined {
  if (file === undefined) return undefined;
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new EnvironmentError(`PLUGBOARD_REGISTRY_ROOT: ${file} cannot be read as JSON.`);
  }
  if (Check(SignedRootFile, read)) return { signatures: read.signatures };
  throw new EnvironmentError(
    `PLUGBOARD_REGISTRY_ROOT: ${file} is no root; expected { "signatures": […] }, as GET /registry/v1/root gives it.`,
  );
}

function parseSwitch(text: string): boolean {
  if (text !== "true" && text !== "false") throw new TypeError("neither true nor false");
  return text === "true";
}

const msOfUnit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseDuration(text: string): number {
  const [, amount = "", unit = ""] = /^(\d{1,6})(s|m|h|d)$/.exec(text) ?? [];
  const ms = text === "0" ? 0 : Number(amount || Number.NaN) * msOfUnit[unit as keyof typeof msOfUnit];
  if (!(ms >= 0 && ms <= 366 * msOfUnit.d)) throw new RangeError("no duration");
  return ms;
}

function parseRefresh(text: string): number {
  const ms = parseDuration(text);
  if (ms < 1000 || ms > msOfUnit.d) throw new RangeError("no interval");
  return ms;
}

function parseAdminKey(text: string): string {
  if (!/^[\x21-\x7e]{1,512}$/.test(text)) throw new TypeError("no key");
  return text;
}

function parseHostToken(text: string): string {
  if (!/^[\x21-\x7e]{16,512}$/.test(text)) throw new TypeError("no token");
  return text;
}

function parseIsolation(text: string): Isolation {
  if (text !== "thread" && text !== "process") throw new TypeError("no isolation");
  return text;
}

function parseRegistryUrl(text: string): string {
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new TypeError("no web URL");
  return url.href.replace(/\/$/, "");
}

function parseGraceHours(text: string): number {
  const hours = Number(text);
  if (!/^\d{1,4}$/.test(text) || hours > 8760) throw new TypeError("no hours");
  return hours;
}

function parsePublicUrl(text: string): string {
  const url = browserUrl(text);
  if (url.search !== "" || url.hash !== "") throw new TypeError("more than a place");
  return url.href.replace(/\/$/, "");
}

function parseReturnOrigins(text: string): string[] {
  return text.split(",").map((part) => browserUrl(part.trim()).origin);
}

/** A code, or a person who has just connected an account, does not travel in clear. */
function browserUrl(text: string): URL {
  const url = new URL(text);
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && isLoopback);
  if (!isSafe || url.username !== "" || url.password !== "") throw new TypeError("no place for browsers");
  return url;
}
