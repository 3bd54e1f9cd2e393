import type { JWK } from "jose";
import { TrustError } from "./errors.ts";
import { thumbprint } from "./keys.ts";
import { signStatement } from "./sign-statement.ts";
import { type Root, statementTypes } from "./statements.ts";
import { verifyWithKey } from "./verify-statement.ts";

/** The form of root.json: compact JWS of type root, all over the same payload, one per key that signed. */
export interface SignedRoot {
  signatures: string[];
}

/** Nobody has more keys than 20 old and 20 new ones; online keys may sign the first root too. */
const maxSignatures = 60;

/** Adds a signature by one more key. */
export async function addRootSignature(
  root: Root,
  signed: SignedRoot,
  key: { privateJwk: JWK },
): Promise<SignedRoot> {
  const jws = await signStatement(statementTypes.root, root, key);
  return { signatures: [...signed.signatures.filter((other) => other !== jws), jws] };
}

/**
 * Verifies a root: signed by the threshold of its own root keys and, where one was trusted before, following that one by
 * exactly one version and signed by its threshold too. Whether it has expired is for the caller to judge: the roots
 * between an old one and the newest may have.
 *
 * @param previous the root that was trusted until now
 * @throws TrustError `root-invalid`, with what does not hold
 */
export async function verifyRoot(signed: SignedRoot, previous?: Root): Promise<Root> {
  const root = await readRoot(signed, previous?.rootKeys ?? []);
  if (previous && root.version !== previous.version + 1) {
    throw invalid(`It has version ${root.version}; version ${previous.version + 1} comes next.`);
  }
  await requireDistinct([...root.rootKeys, ...root.onlineKeys]);
  if (root.threshold > root.rootKeys.length) {
    throw invalid(`It asks for ${root.threshold} signatures of ${root.rootKeys.length} keys.`);
  }
  await requireThreshold(signed, root, "its own");
  if (previous) await requireThreshold(signed, previous, `root ${previous.version}'s`);
  return root;
}

/** @returns the thumbprints of those of the keys that signed, each once. All signatures must be over one payload. */
export async function rootSigners(signed: SignedRoot, keys: JWK[]): Promise<Set<string>> {
  const signers = new Set<string>();
  for (const jws of signed.signatures) {
    const found = await verifyWithKey<Root>(statementTypes.root, jws, keys).catch((error) => {
      // Signatures of others may stand beside: those of the root before, or after.
      if (error instanceof TrustError && error.code === "key-unknown") return undefined;
      throw error;
    });
    if (found) signers.add(found.kid);
  }
  return signers;
}

async function requireThreshold(signed: SignedRoot, by: Root, whose: string): Promise<void> {
  const { size } = await rootSigners(signed, by.rootKeys);
  if (size >= by.threshold) return;
  throw invalid(`It is signed by ${size} of ${whose} root keys; ${by.threshold} have to.`);
}

/** What the signatures are over, before any is believed to be enough. */
async function readRoot({ signatures }: SignedRoot, more: JWK[]): Promise<Root> {
  const [first] = signatures;
  if (first === undefined || signatures.length > maxSignatures) {
    throw invalid(`It has ${signatures.length} signatures; expected 1 to ${maxSignatures}.`);
  }
  const payload = first.split(".")[1];
  if (signatures.some((jws) => jws.split(".")[1] !== payload)) {
    throw invalid("Its signatures are not over one and the same payload.");
  }
  const named = peekKeys(payload);
  for (const jws of signatures) {
    const found = await verifyWithKey<Root>(statementTypes.root, jws, [...named, ...more]).catch((error) => {
      if (error instanceof TrustError && error.code === "key-unknown") return undefined;
      throw error;
    });
    if (found) return found.payload;
  }
  throw invalid("None of its root keys has signed it.");
}

/** The keys that a root says are its own, to verify with them that it says so at all. */
function peekKeys(payload = ""): JWK[] {
  try {
    const { rootKeys } = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    if (!Array.isArray(rootKeys)) return [];
    return rootKeys.filter(
      (key) =>
        typeof key?.x === "string" &&
        /^[\w-]{42}[AEIMQUYcgkosw048]$/.test(key.x) &&
        key.crv === "Ed25519" &&
        key.kty === "OKP",
    );
  } catch {
    return [];
  }
}

/** One key counts once, however often it is named; and one that lies on a server every day is no root key. */
async function requireDistinct(keys: JWK[]): Promise<void> {
  const kids = await Promise.all(keys.map(thumbprint));
  if (new Set(kids).size < kids.length) throw invalid("It names a key twice.");
}

function invalid(why: string): TrustError {
  return new TrustError("root-invalid", `The root is not valid: ${why}`);
}
