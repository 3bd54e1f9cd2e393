import {
  addRootSignature,
  type Checkpoint,
  generateSigningKey,
  type OnlineKey,
  publicPart,
  type Root,
  rootSigners,
  thumbprint,
  verifyRoot,
} from "@plugboard/plugin-sdk/trust";
import { decodeJwt, type JWK } from "jose";
import { type Command, list, needed, OperatorError, text, type Values, whole } from "./command.ts";
import { readDraft, readPrivateKey, readPublicKey, readSignedRoot, writeDraft, writeNew } from "./files.ts";
import { openRegistry, registryOptions } from "./registry.ts";

const dayMs = 24 * 3_600_000;

const key: Command = {
  usage: "root key <file>",
  summary: "Make a root key, on a machine without a network. The file is all there is of it.",
  options: {},
  words: 1,
  async run({ words: [file = ""] }) {
    const { privateJwk, publicJwk, kid } = await generateSigningKey();
    await writeNew(file, { kid, privateJwk }, 0o600);
    await writeNew(`${file}.pub`, publicJwk);
    return `Made root key ${kid} in ${file}; ${file}.pub is its public half. Keep a copy of ${file} in another place.`;
  },
};

const draft: Command = {
  usage:
    "root draft <draft> [--from <root.json>] [--add <key.pub>]… [--remove <kid>]… [--threshold <n>] " +
    "[--online <key.pub>] [--end <kid> [--until <place>] [--stolen]] [--days <n>]",
  summary:
    "Begin the root that follows the one in force: other root keys or threshold, another online key, or only more time.",
  options: {
    from: { type: "string" },
    add: { type: "string", multiple: true },
    remove: { type: "string", multiple: true },
    threshold: { type: "string" },
    online: { type: "string" },
    end: { type: "string" },
    until: { type: "string" },
    stolen: { type: "boolean" },
    days: { type: "string" },
    ...registryOptions,
  },
  words: 1,
  async run({ words: [file = ""], values, env }) {
    const from = text(values, "from");
    const signed = from ? await readSignedRoot(from) : await (await openRegistry(values, env)).getRoot();
    const previous = await verifyRoot({ signatures: signed.signatures });
    const added = await Promise.all(list(values, "add").map(readPublicKey));
    const rootKeys = [...(await without(previous.rootKeys, list(values, "remove"))), ...added];
    const days = whole(text(values, "days") ?? "365", "days", [1, 3650]);
    const threshold = text(values, "threshold");
    const now = Date.now();
    const root: Root = {
      version: previous.version + 1,
      threshold: threshold ? whole(threshold, "threshold", [1, rootKeys.length]) : previous.threshold,
      rootKeys,
      onlineKeys: await onlineKeys(previous, values, env),
      issuedAt: new Date(now).toISOString(),
      expiresAt: new Date(now + days * dayMs).toISOString(),
    };
    await writeNew(file, { root, signatures: [] });
    return `${await describe(root)}\nSign it with "root sign ${file} --key <file>" until enough have.`;
  },
};

const sign: Command = {
  usage: "root sign <draft> --key <file>",
  summary: "Sign a draft with one root key. Read what it says first: it is printed.",
  options: { key: { type: "string" } },
  words: 1,
  async run({ words: [file = ""], values }) {
    const { root, signatures } = await readDraft(file);
    const signed = await addRootSignature(root, { signatures }, await readPrivateKey(needed(values, "key")));
    await writeDraft(file, { root, ...signed });
    const own = await rootSigners(signed, root.rootKeys);
    return `${await describe(root)}\n${signed.signatures.length} signatures, ${own.size} of its own root keys; ${root.threshold} have to, and as many of the root before as that asks for.`;
  },
};

const publish: Command = {
  usage: "root publish <draft> [--registry <url>] [--token-file <file>]",
  summary: "Put a signed root in force. Root keys that the registry keeps itself sign along.",
  options: registryOptions,
  words: 1,
  async run({ words: [file = ""], values, env }) {
    const { signatures } = await readDraft(file);
    const { version } = await (await openRegistry(values, env)).publishRoot({ signatures });
    return `Root ${version} is in force.`;
  },
};

const show: Command = {
  usage: "root show [<root.json>]",
  summary: "Print the root in force, or that of a file.",
  options: registryOptions,
  words: 0,
  async run({ words: [file], values, env }) {
    const signed = file ? await readSignedRoot(file) : await (await openRegistry(values, env)).getRoot();
    return describe(await verifyRoot({ signatures: signed.signatures }));
  },
};

export const rootCommands = {
  "root key": key,
  "root draft": draft,
  "root sign": sign,
  "root publish": publish,
  "root show": show,
};

async function without(keys: JWK[], kids: string[]): Promise<JWK[]> {
  const named = await Promise.all(keys.map(thumbprint));
  const unknown = kids.find((kid) => !named.includes(kid));
  if (unknown) throw new OperatorError(`${unknown} is no root key of the root in force.`);
  return keys.filter((_, at) => !kids.includes(named[at] ?? ""));
}

/** Every key stays named; one that ends says how far it counts. */
async function onlineKeys(previous: Root, values: Values, env: NodeJS.ProcessEnv): Promise<OnlineKey[]> {
  const added = text(values, "online");
  const end = text(values, "end");
  const kids = await Promise.all(previous.onlineKeys.map(thumbprint));
  if (end !== undefined && !kids.includes(end))
    throw new OperatorError(`${end} is no online key of the root in force.`);
  const until = end === undefined ? 0 : await lastPlace(values, env);
  const keys = previous.onlineKeys.map((one, at) =>
    kids[at] === end ? { ...one, until, ...(values.stolen === true && { stolen: true as const }) } : one,
  );
  return added ? [...keys, publicPart(await readPublicKey(added))] : keys;
}

/** Up to which place in the log a key counts that ends: by default all there is. */
async function lastPlace(values: Values, env: NodeJS.ProcessEnv): Promise<number> {
  const given = text(values, "until");
  if (given !== undefined) return whole(given, "until", [0, Number.MAX_SAFE_INTEGER]);
  const checkpoint = decodeJwt<Checkpoint>(await (await openRegistry(values, env)).getCheckpoint());
  return checkpoint.seq;
}

async function describe(root: Root): Promise<string> {
  const kids = await Promise.all(root.rootKeys.map(thumbprint));
  const online = await Promise.all(
    root.onlineKeys.map(async (one) => {
      const end =
        one.until === undefined ? "signs" : `counts up to place ${one.until}${one.stolen ? ", stolen" : ""}`;
      return `  ${await thumbprint(one)} ${end}`;
    }),
  );
  return [
    `root ${root.version}, ${root.issuedAt} to ${root.expiresAt}`,
    `${root.threshold} of these root keys sign:`,
    ...kids.map((kid) => `  ${kid}`),
    "online keys:",
    ...online,
  ].join("\n");
}
