import { createHash, createSecretKey, type KeyObject, randomBytes } from "node:crypto";
import { join } from "node:path";
import { CryptoError } from "./errors.ts";
import { open, seal } from "./seal.ts";
import { readOrCreateSecretFile } from "./secret-file.ts";

const masterKeyBytes = 32;

/** The key that wraps data keys, and the earlier ones that may still have wrapped some. */
export interface MasterKey {
  /** Of the current one: the start of a digest of the key, safe to show. */
  readonly id: string;
  /** By id, the current one among them. KeyObjects: their bytes do not show when logged. */
  readonly keys: ReadonlyMap<string, KeyObject>;
}

/**
 * Loads the master key: from `masterKey` (base64 of 32 bytes; to rotate, several parted by commas, the
 * current one first), else from `<dataDir>/master-key` (mode 0600), which is made at first use.
 *
 * @throws CryptoError `master-key-invalid` or `secret-file-invalid`, with what to do about it.
 */
export async function loadMasterKey(o: {
  masterKey?: string | undefined;
  dataDir: string;
}): Promise<MasterKey> {
  const path = join(o.dataDir, "master-key");
  const given = o.masterKey?.trim();
  const source = given ? "the configured master key (PLUGBOARD_MASTER_KEY)" : path;
  const text =
    given || (await readOrCreateSecretFile(path, () => randomBytes(masterKeyBytes).toString("base64")));

  const keys = text.split(",").map((part) => parseKey(part.trim(), source));
  const [current] = keys;
  if (!current) throw invalid(source);
  return { id: current.id, keys: new Map(keys.map(({ id, key }) => [id, key])) };
}

/** Wraps a data key under the current master key: `v1.<master key id>.<base64url>`, to be stored as text. */
export function wrapKey(master: MasterKey, dataKey: Buffer): string {
  return `${wrappedPrefix(master)}${seal(keyOf(master, master.id), dataKey, wrapPurpose).toString("base64url")}`;
}

/**
 * Unwraps what `wrapKey` made, also under an earlier master key that is still at hand.
 *
 * @throws CryptoError `master-key-unknown` names the key that is missing; `sealed-invalid` if it was changed.
 */
export function unwrapKey(master: MasterKey, wrapped: string): Buffer {
  const [version, id, body, ...rest] = wrapped.split(".");
  if (version !== "v1" || !id || !body || rest.length > 0) {
    throw new CryptoError(
      "sealed-invalid",
      "This is not a wrapped data key: expected v1.<key id>.<base64url>.",
    );
  }
  return open(keyOf(master, id), Buffer.from(body, "base64url"), wrapPurpose);
}

/** What all begins with that `wrapKey` makes with the current master key. A rotation has to wrap the rest anew. */
export function wrappedPrefix({ id }: MasterKey): string {
  return `v1.${id}.`;
}

const wrapPurpose = "data-key";

function keyOf(master: MasterKey, id: string): KeyObject {
  const key = master.keys.get(id);
  if (!key) {
    throw new CryptoError(
      "master-key-unknown",
      `The data key was wrapped by master key ${id}, and only ${[...master.keys.keys()].join(", ")} is at hand. ` +
        "Start with the master key this data was written under.",
    );
  }
  return key;
}

function parseKey(text: string, source: string): { id: string; key: KeyObject } {
  const bytes = /^[A-Za-z0-9+/_-]+={0,2}$/.test(text) ? Buffer.from(text, "base64") : Buffer.alloc(0);
  if (bytes.length !== masterKeyBytes) throw invalid(source);
  const id = createHash("sha256").update("plugboard-master-key-id").update(bytes).digest("hex").slice(0, 12);
  return { id, key: createSecretKey(bytes) };
}

function invalid(source: string): CryptoError {
  return new CryptoError(
    "master-key-invalid",
    `${source} is not base64 of ${masterKeyBytes} bytes. Make one with: openssl rand -base64 ${masterKeyBytes}`,
  );
}
