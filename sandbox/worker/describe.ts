import { definition, isObject, member, ownMember } from "./exports.ts";

const described = {
  actions: ["title", "description", "input", "output"],
  triggers: [
    "title",
    "description",
    "kind",
    "events",
    "intervalSeconds",
    "unauthorizedCodes",
    "config",
    "output",
  ],
  entities: ["title", "description", "schema", "key", "updatedAt", "input", "filter"],
} as const;

/** What can be done with an entity's records, in the order in which it is told. */
const operations = ["list", "get", "create", "update", "upsert", "remove", "changesSince"];
/** Those of which many can be done at once. */
const batchOperations = ["create", "update", "upsert", "remove"];

/** What describe() tells: plain data picked from the exports. What a plugin has none of is not there, but for actions and hooks. */
export function describeExports(exports: unknown): unknown {
  const plugin = definition(exports);
  if (!isObject(plugin))
    throw new TypeError(
      "The plugin's code did not set module.exports.default to what definePlugin() returns.",
    );
  const shape: Record<string, unknown> = { actions: pick(plugin, "actions") };
  const triggers = pick(plugin, "triggers");
  if (Object.keys(triggers).length > 0) shape.triggers = triggers;
  const entities = pick(plugin, "entities", describeOperations);
  if (Object.keys(entities).length > 0) shape.entities = entities;
  if (typeof ownMember(member(plugin, "webhooks"), "normalize") === "function")
    shape.webhooks = { normalize: true };
  shape.hooks = describeHooks(member(plugin, "hooks"));
  const configs = describeConfigs(plugin);
  if (Object.keys(configs).length > 0) shape.configs = configs;
  return shape;
}

type Offers = Record<string, Record<string, unknown>>;

function pick(
  plugin: object,
  group: keyof typeof described,
  more: (offer: unknown) => object = () => ({}),
): Offers {
  const offers: Offers = { __proto__: null as never };
  const declared = member(plugin, group);
  for (const name of isObject(declared) ? Object.keys(declared) : []) {
    const offer = ownMember(declared, name);
    const given = described[group].map((key) => [key, member(offer, key)] as const);
    offers[name] = {
      ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
      ...more(offer),
    };
  }
  return offers;
}

/** What the code says of the settings of its connections, by where it says so: `actions/create-customer`. */
function describeConfigs(plugin: object): Record<string, unknown> {
  const configs: Record<string, unknown> = { __proto__: null as never };
  for (const group of Object.keys(described)) {
    const declared = member(plugin, group);
    for (const name of isObject(declared) ? Object.keys(declared) : []) {
      const config = member(member(ownMember(declared, name), "connection"), "config");
      if (config !== undefined) configs[`${group}/${name}`] = config;
    }
  }
  return configs;
}

function describeOperations(entity: unknown): object {
  const batch = ownMember(entity, "batch");
  return {
    operations: functionsOf(entity, operations),
    ...(isObject(batch) && {
      batch: { most: ownMember(batch, "most"), operations: functionsOf(batch, batchOperations) },
    }),
  };
}

const functionsOf = (owner: unknown, names: string[]): string[] =>
  names.filter((name) => typeof ownMember(owner, name) === "function");

/** A hook is a function, or an object with `run` that may also say when, among other plugins, it is run. */
function describeHooks(declared: unknown): unknown[] {
  return (isObject(declared) ? Object.keys(declared) : []).map((name) => {
    const order = member(ownMember(declared, name), "order");
    return order === undefined ? { name } : { name, order };
  });
}
