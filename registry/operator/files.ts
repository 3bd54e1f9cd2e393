import { readFile, writeFile } from "node:fs/promises";
import { publicPart, type Root, type SignedRoot, thumbprint } from "@plugboard/plugin-sdk/trust";
import type { JWK } from "jose";
import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import { OperatorError } from "./command.ts";

const Signatures = Type.Array(Type.String(), { maxItems: 60 });

/** A root on its way from key to key: what is to be signed, and who has. */
const Draft = Type.Object({ root: Type.Unsafe<Root>({ type: "object" }), signatures: Signatures });
export type Draft = Static<typeof Draft>;

const RootFile = Type.Object({ signatures: Signatures });
const PrivateKey = Type.Object({ privateJwk: Type.Object({ d: Type.String() }) });

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    const why = error instanceof SyntaxError ? "is not JSON" : "cannot be read";
    throw new OperatorError(`${file} ${why}.`);
  }
}

/** Never over what is there: it may be the only copy of a key. */
export async function writeNew(file: string, content: object, mode = 0o644): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(content, null, 2)}\n`, { flag: "wx", mode, flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new OperatorError(`${file} is there already, and is not written over.`);
  }
}

export async function readDraft(file: string): Promise<Draft> {
  const read = await readJson(file);
  if (Check(Draft, read)) return read;
  throw new OperatorError(`${file} is no draft of a root; make one with "root draft".`);
}

export async function writeDraft(file: string, draft: Draft): Promise<void> {
  await writeFile(file, `${JSON.stringify(draft, null, 2)}\n`, { flush: true });
}

export async function readSignedRoot(file: string): Promise<SignedRoot> {
  const read = await readJson(file);
  if (Check(RootFile, read)) return { signatures: read.signatures };
  throw new OperatorError(`${file} is no root; expected what GET /registry/v1/root answers.`);
}

/** A key file of "root key", which holds both halves. */
export async function readPrivateKey(file: string): Promise<{ privateJwk: JWK; kid: string }> {
  const read = await readJson(file);
  if (!Check(PrivateKey, read)) throw new OperatorError(`${file} is no private key of "root key".`);
  const privateJwk: JWK = { ...publicKey(read.privateJwk, file), d: read.privateJwk.d };
  return { privateJwk, kid: await thumbprint(privateJwk) };
}

/** Of a key file or of a public key alone. */
export async function readPublicKey(file: string): Promise<JWK> {
  const read = await readJson(file);
  const key = typeof read === "object" && read !== null && "privateJwk" in read ? read.privateJwk : read;
  return publicKey(key, file);
}

function publicKey(value: unknown, file: string): JWK {
  try {
    return publicPart(value as JWK);
  } catch {
    throw new OperatorError(`${file} holds no Ed25519 key.`);
  }
}
