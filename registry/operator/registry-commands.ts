import { thumbprint } from "@plugboard/plugin-sdk/trust";
import { type Command, needed, OperatorError, text, whole } from "./command.ts";
import { readPublicKey, writeNew } from "./files.ts";
import { openRegistry, registryOptions } from "./registry.ts";

const place: [number, number] = [0, Number.MAX_SAFE_INTEGER];

const make: Command = {
  usage: "online-key make <file.pub>",
  summary: "Have the registry make an online key, for the next root to name. The private half stays there.",
  options: registryOptions,
  words: 1,
  async run({ words: [file = ""], values, env }) {
    const key = await (await openRegistry(values, env)).makeOnlineKey();
    await writeNew(file, key);
    return `Made online key ${await thumbprint(key)}; ${file} is its public half, for "root draft --online".`;
  },
};

const rotate: Command = {
  usage: "online-key rotate [--stolen] [--until <place>]",
  summary: "The same in one step, for a registry that keeps its root keys itself.",
  options: { stolen: { type: "boolean" }, until: { type: "string" }, ...registryOptions },
  words: 0,
  async run({ values, env }) {
    const until = text(values, "until");
    const { version } = await (await openRegistry(values, env)).rotateOnlineKey({
      stolen: values.stolen === true,
      ...(until !== undefined && { until: whole(until, "until", place) }),
    });
    return `Root ${version} is in force, and names the new online key.`;
  },
};

const block: Command = {
  usage: "block <publisher/name@version> --reason <text>",
  summary: "Have hosts stop a version.",
  options: { reason: { type: "string" }, ...registryOptions },
  words: 1,
  async run({ words: [name = ""], values, env }) {
    const { plugin, version } = release(name);
    await (await openRegistry(values, env)).blockVersion(plugin, version, needed(values, "reason"));
    return `${plugin} ${version} is blocked. Hosts stop it when they next look.`;
  },
};

const unblock: Command = {
  usage: "unblock <publisher/name@version>",
  summary: "Let hosts run a version again.",
  options: registryOptions,
  words: 1,
  async run({ words: [name = ""], values, env }) {
    const { plugin, version } = release(name);
    await (await openRegistry(values, env)).unblockVersion(plugin, version);
    return `${plugin} ${version} is blocked no more.`;
  },
};

const revoke: Command = {
  usage: "publisher-key revoke <publisher> <kid> [--from <place>]",
  summary: "Revoke a publisher's key for it, from a place in the log; said again, the last word counts.",
  options: { from: { type: "string" }, ...registryOptions },
  words: 2,
  async run({ words: [publisher = "", kid = ""], values, env }) {
    const from = text(values, "from");
    const registry = await openRegistry(values, env);
    await registry.revokePublisherKey(
      publisher,
      kid,
      from === undefined ? undefined : whole(from, "from", place),
    );
    return `${kid} signs no more for ${publisher}. What it signed from there on is blocked.`;
  },
};

const give: Command = {
  usage: "publisher-key give <publisher> <key.pub> --claim <jws>",
  summary: 'Give a publisher that has lost its keys another. It makes the claim with "plugboard keys claim".',
  options: { claim: { type: "string" }, ...registryOptions },
  words: 2,
  async run({ words: [publisher = "", file = ""], values, env }) {
    const key = await readPublicKey(file);
    const registry = await openRegistry(values, env);
    const { kid } = await registry.givePublisherKey(publisher, { key, claim: needed(values, "claim") });
    return `${publisher} signs with ${kid} now.`;
  },
};

const admit: Command = {
  usage: "publisher admit <name> --reason <text>",
  summary: "Let whoever claims it first have a name that is near to a better-known publisher's.",
  options: { reason: { type: "string" }, ...registryOptions },
  words: 1,
  async run({ words: [name = ""], values, env }) {
    await (await openRegistry(values, env)).admitPublisherName(name, needed(values, "reason"));
    return `${name} can be claimed.`;
  },
};

export const registryCommands = {
  "online-key make": make,
  "online-key rotate": rotate,
  block,
  unblock,
  "publisher-key revoke": revoke,
  "publisher-key give": give,
  "publisher admit": admit,
};

function release(name: string): { plugin: string; version: string } {
  const [, plugin, version] = /^([^@]+)@([^@]+)$/.exec(name) ?? [];
  if (plugin && version) return { plugin, version };
  throw new OperatorError(`"${name}" names no version; expected publisher/name@1.2.3.`);
}
