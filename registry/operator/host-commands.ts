import { type Command, needed } from "./command.ts";
import { openRegistry, registryOptions } from "./registry.ts";

const add: Command = {
  usage: "host add <name>",
  summary: "Let a host in, under a name of its own. Prints its token, this once.",
  options: registryOptions,
  words: 1,
  async run({ words: [name = ""], values, env }) {
    const { token, id } = await (await openRegistry(values, env)).addHost(name);
    return handOver(name, { token, id });
  },
};

const list: Command = {
  usage: "host list",
  summary: "The hosts that are let in, and the beginnings of their tokens.",
  options: registryOptions,
  words: 0,
  async run({ values, env }) {
    const hosts = await (await openRegistry(values, env)).listHosts();
    return hosts.flatMap(({ name, tokens }) => [name, ...tokens.map(describe)]).join("\n");
  },
};

const addToken: Command = {
  usage: "host token <name>",
  summary: "Give a host a further token, to change to; those before count until they are revoked.",
  options: registryOptions,
  words: 1,
  async run({ words: [name = ""], values, env }) {
    return handOver(name, await (await openRegistry(values, env)).addHostToken(name));
  },
};

const revokeToken: Command = {
  usage: "host revoke-token <name> <token id>",
  summary: "Let nobody in with a token any more. Its tenants stay the host's.",
  options: registryOptions,
  words: 2,
  async run({ words: [name = "", id = ""], values, env }) {
    await (await openRegistry(values, env)).revokeHostToken(name, id);
    return `${id} lets nobody in any more.`;
  },
};

const show: Command = {
  usage: "tenant show <tenant id>",
  summary: "Which host speaks for a tenant, and how that came.",
  options: registryOptions,
  words: 1,
  async run({ words: [tenantId = ""], values, env }) {
    const { host, since, moves } = await (await openRegistry(values, env)).getTenantHost(tenantId);
    const lines = moves.map(
      ({ at, from, to, reason }) => `  ${at}  ${from ?? "nobody's"} → ${to}: ${JSON.stringify(reason)}`,
    );
    return [`${tenantId} is of ${host} since ${since}`, ...lines].join("\n");
  },
};

const move: Command = {
  usage: "tenant move <tenant id> --to <host> --reason <text>",
  summary: "Have another host speak for a tenant. The one before may not any more.",
  options: { to: { type: "string" }, reason: { type: "string" }, ...registryOptions },
  words: 1,
  async run({ words: [tenantId = ""], values, env }) {
    const wish = { host: needed(values, "to"), reason: needed(values, "reason") };
    const { host } = await (await openRegistry(values, env)).moveTenant(tenantId, wish);
    return `${tenantId} is of ${host} now.`;
  },
};

export const hostCommands = {
  "host add": add,
  "host list": list,
  "host token": addToken,
  "host revoke-token": revokeToken,
  "tenant show": show,
  "tenant move": move,
};

function handOver(name: string, { token, id }: { token: string; id: string }): string {
  return `PLUGBOARD_REGISTRY_TOKEN=${token}\n${id}, for the host ${name}. It is not shown again.`;
}

function describe(token: {
  id: string;
  prefix: string;
  createdAt: string;
  revokedAt: string | null;
}): string {
  const state = token.revokedAt === null ? "" : `, revoked ${token.revokedAt}`;
  return `  ${token.id}  ${token.prefix}…, made ${token.createdAt}${state}`;
}
