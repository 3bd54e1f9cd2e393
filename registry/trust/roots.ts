import {
  activeKeys,
  addRootSignature,
  canonicalJson,
  type OnlineKey,
  publicPart,
  type Root,
  type SignedRoot,
  TrustError,
  thumbprint,
  verifyRoot,
} from "@plugboard/plugin-sdk/trust";
import type { MasterKey } from "@plugboard/service-kit/crypto";
import { decodeProtectedHeader, type JWK } from "jose";
import { registryError } from "../errors.ts";
import { appendToLog, lockLog } from "../log/index.ts";
import { updateRecord } from "../plugin-index/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";
import { reissue } from "./reissue.ts";
import { makeSealedKey, openSealedKey } from "./sealed-keys.ts";

/** Where the registry keeps its root keys itself it renews its root in time; else its operator has to. */
const rootLifetimeMs = 365 * 24 * 3_600_000;
const renewBeforeMs = rootLifetimeMs / 2;

export interface RootContext {
  db: RegistryDatabase;
  masterKey: MasterKey;
  now: () => Date;
}

/** The root in force. @throws if there is none yet */
export async function currentRoot(db: RegistryDatabase): Promise<{ root: Root; signed: SignedRoot }> {
  const row = await queries.findLatestRoot(db);
  if (!row) throw new Error("The registry has no root: start() makes it.");
  const signed = { signatures: row.signatures };
  return { root: await verifyRoot(signed), signed };
}

/**
 * Makes root 1, with a root key of the registry's own, where there is no root yet. What an earlier Plugboard published
 * is entered in the log as it stands.
 */
export async function makeFirstRoot({ db, masterKey, now }: RootContext): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    // Of processes that start together one makes it, and the others find it.
    await lockLog(transaction);
    if (await queries.findLatestRoot(transaction)) return;
    const rootKey = await makeSealedKey(masterKey, "registry-root-key");
    await queries.insertRootKey(transaction, rootKey.row);
    const online = await openFirstOnlineKey(transaction, masterKey);
    const root: Root = {
      version: 1,
      threshold: 1,
      rootKeys: [rootKey.publicJwk],
      onlineKeys: [publicPart(online)],
      ...lifetime(now()),
    };
    // By the online key too: hosts that pinned it before there was a root believe the first root for that.
    const signed = await addRootSignature(root, await addRootSignature(root, { signatures: [] }, rootKey), {
      privateJwk: online,
    });
    await recordRoot(transaction, now, root, signed);
    await enterEarlier(transaction, now);
  });
}

/** @returns the private half of the key that has signed until now, or of a new one */
async function openFirstOnlineKey(transaction: RegistryDatabase, masterKey: MasterKey): Promise<JWK> {
  const [existing] = await queries.listSigningKeys(transaction);
  if (existing) return openSealedKey(masterKey, "registry-signing-key", existing);
  const made = await makeSealedKey(masterKey, "registry-signing-key");
  await queries.insertSigningKey(transaction, made.row);
  return made.privateJwk;
}

async function enterEarlier(transaction: RegistryDatabase, now: () => Date): Promise<void> {
  for (const { plugin, version, statement_jws } of await queries.listUnattributed(transaction)) {
    await queries.attribute(transaction, { plugin, version }, decodeProtectedHeader(statement_jws).kid ?? "");
  }
  for (const { jws } of await queries.listDelegationsFrom(transaction, 0)) {
    await appendToLog(transaction, now, "delegation", async () => jws);
  }
  for (const { plugin, registry_jws } of await queries.listVersionsFrom(transaction, 0)) {
    await appendToLog(transaction, now, "release", async () => registry_jws);
    await updateRecord(transaction, plugin);
  }
}

/**
 * Takes a root that follows the one in force. What a stolen key signed after the place up to which it counts is signed
 * anew, so that nothing that this registry published is lost.
 *
 * @param o.addOwn sign with the root keys that this registry keeps itself, where they count
 * @throws `root-refused`, with what does not hold
 */
export async function publishRoot(
  transaction: RegistryDatabase,
  context: Omit<RootContext, "db">,
  signed: SignedRoot,
  o: { addOwn: boolean },
): Promise<Root> {
  const { masterKey, now } = context;
  await lockLog(transaction);
  const { root: previous } = await currentRoot(transaction);
  try {
    const complete = o.addOwn ? await addOwnSignatures(transaction, masterKey, previous, signed) : signed;
    const root = await verifyRoot(complete, previous);
    if (Date.parse(root.expiresAt) <= now().getTime()) throw refused("It has expired already.");
    await requireAllNamed(previous.onlineKeys, root.onlineKeys);
    await requireSigner(transaction, root);
    await recordRoot(transaction, now, root, complete);
    await queries.deleteRootKeysBut(transaction, await Promise.all(root.rootKeys.map(thumbprint)));
    const ended = root.onlineKeys.filter(({ until }) => until !== undefined);
    await queries.deleteSigningKeys(transaction, await Promise.all(ended.map(thumbprint)));
    await reissue(transaction, context, { previous, root });
    return root;
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    throw registryError("root-refused", error.message, {}, { cause: error });
  }
}

async function recordRoot(
  transaction: RegistryDatabase,
  now: () => Date,
  { version }: Root,
  { signatures }: SignedRoot,
): Promise<void> {
  await queries.insertRoot(transaction, version, JSON.stringify(signatures));
  await appendToLog(transaction, now, "root", async () => canonicalJson({ signatures }));
}

async function addOwnSignatures(
  transaction: RegistryDatabase,
  masterKey: MasterKey,
  previous: Root,
  signed: SignedRoot,
): Promise<SignedRoot> {
  const root = payloadOf(signed);
  // What it is signed over is no root: its own verification says so.
  if (!root) return signed;
  const kids = await Promise.all(previous.rootKeys.map(thumbprint));
  let complete = signed;
  for (const row of await queries.listRootKeys(transaction)) {
    if (!kids.includes(row.kid)) continue;
    const privateJwk = openSealedKey(masterKey, "registry-root-key", row);
    complete = await addRootSignature(root, complete, { privateJwk });
  }
  return complete;
}

function payloadOf({ signatures: [first = ""] }: SignedRoot): Root | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(first.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof value === "object" && value !== null ? (value as Root) : undefined;
  } catch {
    return undefined;
  }
}

/** A key that is named no more would take everything with it that it ever signed. */
async function requireAllNamed(before: OnlineKey[], after: OnlineKey[]): Promise<void> {
  const named = await Promise.all(after.map(thumbprint));
  for (const key of before) {
    const kid = await thumbprint(key);
    if (!named.includes(kid)) {
      throw refused(
        `It does not name the online key ${kid}. Name every key of the root before, with "until" if it is retired.`,
      );
    }
  }
}

async function requireSigner(transaction: RegistryDatabase, root: Root): Promise<void> {
  const held = (await queries.listSigningKeys(transaction)).map(({ kid }) => kid);
  const active = await Promise.all(activeKeys(root.onlineKeys).map(thumbprint));
  if (active.some((kid) => held.includes(kid))) return;
  throw refused(
    "It names no online key in use that this registry holds, so nothing could be signed any more.",
  );
}

/** Puts a new online key in the place of those in use. @throws `root-keys-offline` */
export async function rotateOnlineKey(
  transaction: RegistryDatabase,
  context: Omit<RootContext, "db">,
  o: { stolen: boolean; until?: number | undefined },
): Promise<Root> {
  const { masterKey, now } = context;
  const end = await lockLog(transaction);
  const { root: previous } = await currentRoot(transaction);
  const made = await makeSealedKey(masterKey, "registry-signing-key");
  await queries.insertSigningKey(transaction, made.row);
  const until = Math.min(o.until ?? end.seq, end.seq);
  const ended = previous.onlineKeys.map((key) =>
    key.until === undefined ? { ...key, until, ...(o.stolen && { stolen: true as const }) } : key,
  );
  return succeed(transaction, context, previous, {
    ...previous,
    onlineKeys: [...ended, made.publicJwk],
    ...lifetime(now()),
  });
}

/** Gives the root another year in time, where this registry has the keys to. @returns whether it did */
export async function renewRoot(context: RootContext): Promise<boolean> {
  const { db, now } = context;
  const isNear = ({ expiresAt }: Root) => Date.parse(expiresAt) - now().getTime() < renewBeforeMs;
  if (!isNear((await currentRoot(db)).root)) return false;
  return db.transaction().execute(async (transaction) => {
    await lockLog(transaction);
    const { root: previous } = await currentRoot(transaction);
    if (!isNear(previous) || !(await hasRootKeys(transaction, previous))) return false;
    await succeed(transaction, context, previous, { ...previous, ...lifetime(now()) });
    return true;
  });
}

/** Signs the next root with the registry's own root keys. */
async function succeed(
  transaction: RegistryDatabase,
  context: Omit<RootContext, "db">,
  previous: Root,
  next: Root,
): Promise<Root> {
  if (!(await hasRootKeys(transaction, previous))) {
    throw registryError(
      "root-keys-offline",
      "This registry does not keep enough of its root keys itself. Sign a new root with them: `npm run registry -- root`.",
    );
  }
  const root = { ...next, version: previous.version + 1 };
  let signed: SignedRoot = { signatures: [] };
  for (const row of await queries.listRootKeys(transaction)) {
    signed = await addRootSignature(root, signed, {
      privateJwk: openSealedKey(context.masterKey, "registry-root-key", row),
    });
  }
  return publishRoot(transaction, context, signed, { addOwn: false });
}

async function hasRootKeys(db: RegistryDatabase, root: Root): Promise<boolean> {
  const named = await Promise.all(root.rootKeys.map(thumbprint));
  const held = (await queries.listRootKeys(db)).filter(({ kid }) => named.includes(kid));
  return held.length >= root.threshold;
}

function lifetime(from: Date) {
  return { issuedAt: from.toISOString(), expiresAt: new Date(from.getTime() + rootLifetimeMs).toISOString() };
}

function refused(why: string): TrustError {
  return new TrustError("root-invalid", why);
}
