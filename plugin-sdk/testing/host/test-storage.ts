import { randomUUID } from "node:crypto";
import { type Capability, CapabilityError, type Json, type Payload } from "@plugboard/sandbox";
import { checkJson, checkText, listOf, membersOf, refusalOf } from "./arguments.ts";
import { hostLimits } from "./limits.ts";

/** The storage of one install, in memory, as a host keeps it in its database. */
export interface TestStorage {
  functions: { [name: string]: Capability };
  /** What is stored now, by key. */
  content(): { [key: string]: Json };
  /** Runs work whose writes are dropped when it fails, as those of an install or upgrade hook are. */
  staged<Result>(work: () => Promise<Result>): Promise<Result>;
}

interface Entry {
  /** JSON, so that nothing that is handed out can change what is stored. */
  text: string;
  version: string;
}

const maxKeyLength = 256;
const maxVersionLength = 64;
const defaultPage = 100;
const maxPage = 1_000;
const refuse = refusalOf("storage-invalid-argument");

export function createTestStorage(o: {
  /** Asked for anew each time: a plugin that is worked on may ask for more. */
  maxBytes(): number;
  content?: { [key: string]: Json } | undefined;
}): TestStorage {
  let entries = new Map<string, Entry>(
    Object.entries(o.content ?? {}).map(([key, value]) => [
      key,
      { text: JSON.stringify(value), version: randomUUID() },
    ]),
  );
  const usedBytes = () => [...entries].reduce((sum, [key, { text }]) => sum + bytesOf(key, text), 0);

  function set(key: string, text: string, ifVersion: Payload | undefined): Json {
    const held = entries.get(key);
    if (ifVersion !== undefined && (held?.version ?? null) !== ifVersion) throw conflict(key);
    const grown = bytesOf(key, text) - (held ? bytesOf(key, held.text) : 0);
    const used = usedBytes();
    if (grown > 0 && used + grown > o.maxBytes())
      throw new CapabilityError(
        "storage-quota-exceeded",
        `The install may store ${o.maxBytes()} bytes, keys and values together; it stores ${used}. Delete something first.`,
      );
    if (!held && entries.size >= hostLimits.storageKeys)
      throw new CapabilityError(
        "storage-too-many-keys",
        `The install may store ${hostLimits.storageKeys} keys. Delete some first.`,
      );
    const version = randomUUID();
    entries.set(key, { text, version });
    return { version };
  }

  function list({ prefix = "", limit = defaultPage, after }: ReturnType<typeof membersOf>): Json {
    if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1 || limit > maxPage)
      throw refuse(`The limit is a whole number from 1 to ${maxPage}.`);
    const begin = checkText(prefix, "The prefix", maxKeyLength, refuse);
    const last =
      after === undefined || after === null ? undefined : checkText(after, '"after"', maxKeyLength, refuse);
    const found = [...entries.keys()]
      .filter((key) => key.startsWith(begin) && (last === undefined || byBytes(key, last) > 0))
      .sort(byBytes);
    const keys = found.slice(0, limit);
    return { keys, next: found.length > keys.length ? (keys.at(-1) ?? null) : null };
  }

  return {
    functions: {
      "storage.get": async (payload) => {
        const [key] = listOf(payload, 1, refuse);
        const entry = entries.get(checkKey(key));
        return entry && JSON.parse(entry.text);
      },
      "storage.entry": async (payload) => {
        const [key] = listOf(payload, 1, refuse);
        const entry = entries.get(checkKey(key));
        return entry && { value: JSON.parse(entry.text), version: entry.version };
      },
      "storage.set": async (payload) => {
        const [key, value, options] = listOf(payload, 3, refuse);
        const { ifVersion } = membersOf(options, ["ifVersion"], refuse);
        if (ifVersion !== null) checkVersion(ifVersion);
        return set(checkKey(key), checkValue(value), ifVersion);
      },
      "storage.delete": async (payload) => {
        const [key, options] = listOf(payload, 2, refuse);
        const checked = checkKey(key);
        const { ifVersion } = membersOf(options, ["ifVersion"], refuse);
        checkVersion(ifVersion);
        const held = entries.get(checked);
        if (ifVersion !== undefined && held?.version !== ifVersion) throw conflict(checked);
        return entries.delete(checked);
      },
      "storage.list": async (payload) => {
        const [options] = listOf(payload, 1, refuse);
        return list(membersOf(options, ["prefix", "limit", "after"], refuse));
      },
      "storage.usage": async (payload) => {
        listOf(payload, 0, refuse);
        return { bytes: usedBytes(), maxBytes: o.maxBytes() };
      },
    },
    content: () => Object.fromEntries([...entries].map(([key, { text }]) => [key, JSON.parse(text)])),
    async staged(work) {
      const before = new Map(entries);
      try {
        return await work();
      } catch (error) {
        entries = before;
        throw error;
      }
    },
  };
}

function checkKey(key: Payload | undefined): string {
  const text = checkText(key, "The key", maxKeyLength, refuse);
  if (text === "") throw refuse(`A key has 1 to ${maxKeyLength} characters, not 0.`);
  if (/\p{Cc}/u.test(text)) throw refuse("The key must not have control characters in it.");
  return text;
}

function checkValue(value: Payload | undefined): string {
  const text = JSON.stringify(checkJson(value, "The value", refuse));
  const bytes = Buffer.byteLength(text);
  if (bytes <= hostLimits.storageValueBytes) return text;
  throw new CapabilityError(
    "storage-value-too-large",
    `A value may take ${hostLimits.storageValueBytes} bytes as JSON; this one takes ${bytes}.`,
  );
}

function checkVersion(version: Payload | undefined): void {
  if (version === undefined) return;
  if (typeof version !== "string" || version.length > maxVersionLength || !/^[\x21-\x7e]+$/.test(version))
    throw refuse('"ifVersion" must be a version that storage.entry or storage.set has given.');
}

const bytesOf = (key: string, text: string): number => Buffer.byteLength(key) + Buffer.byteLength(text);

/** As the host's database sorts. */
const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

function conflict(key: string): CapabilityError {
  return new CapabilityError("storage-conflict", `"${key}" was changed since; read it again.`);
}
