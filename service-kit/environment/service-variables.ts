import path from "node:path";
import { optional, withDefault } from "./read-environment.ts";

const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** The variables that every service of Plugboard reads. */
export const serviceVariables = {
  PORT: withDefault(8080, "a port number from 0 to 65535 (0 takes a free one)", parsePort),
  HOST: withDefault(
    "127.0.0.1",
    "an address or a host name to listen on, such as 127.0.0.1 or 0.0.0.0",
    parseHost,
  ),
  PLUGBOARD_TRUST_PROXY: withDefault(0, "a whole number from 0 to 10", wholeNumber(0, 10)),
  PLUGBOARD_DATA_DIR: withDefault(path.resolve("data"), "the path of a folder", (text) => path.resolve(text)),
  DATABASE_URL: optional("a URL such as postgres://user:password@host:5432/database", parseDatabaseUrl),
  PLUGBOARD_DATABASE_CONNECTIONS: optional("a whole number from 2 to 1000", wholeNumber(2, 1_000)),
  PLUGBOARD_DATABASE_TIMEOUT_MS: optional(
    "a whole number of milliseconds from 1000 to 3600000",
    wholeNumber(1_000, 3_600_000),
  ),
  PLUGBOARD_MASTER_KEY: optional(
    "32 bytes in base64, as `openssl rand -base64 32` makes them (to rotate: several, parted by commas, the current first)",
    parseMasterKey,
  ),
  LOG_LEVEL: withDefault<LogLevel>("info", `one of ${logLevels.join(", ")}`, parseLogLevel),
};

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new RangeError("no port");
  return Number(text);
}

function parseHost(text: string): string {
  if (!/^[\w.:%-]+$/.test(text)) throw new TypeError("no host");
  return text;
}

function parseDatabaseUrl(text: string): string {
  const { protocol } = new URL(text);
  if (protocol !== "postgres:" && protocol !== "postgresql:") throw new TypeError("no PostgreSQL URL");
  return text;
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,15}$/.test(text) || value < min || value > max) throw new RangeError("out of range");
    return value;
  };
}

/** What is said about the connections to PostgreSQL, as `openDatabase` takes it. */
export function databaseTuning(values: {
  PLUGBOARD_DATABASE_CONNECTIONS: number | undefined;
  PLUGBOARD_DATABASE_TIMEOUT_MS: number | undefined;
}): { maxConnections?: number; statementTimeoutMs?: number } {
  const { PLUGBOARD_DATABASE_CONNECTIONS: connections, PLUGBOARD_DATABASE_TIMEOUT_MS: timeoutMs } = values;
  return {
    ...(connections !== undefined && { maxConnections: connections }),
    ...(timeoutMs !== undefined && { statementTimeoutMs: timeoutMs }),
  };
}

function parseMasterKey(text: string): string {
  if (!/^([A-Za-z0-9+/]{43}=)(,[A-Za-z0-9+/]{43}=)*$/.test(text)) throw new TypeError("no 32 bytes");
  return text;
}

function parseLogLevel(text: string): LogLevel {
  const level = logLevels.find((known) => known === text.toLowerCase());
  if (!level) throw new TypeError("no level");
  return level;
}
