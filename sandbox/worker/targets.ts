/** Reads the plugin's exports: what definePlugin returned. Everything read here is the plugin's own. */

type Run = (argument: unknown) => unknown;

export function findTarget(exports: unknown, kind: string, name: string): Run | undefined {
  const group = member(definition(exports), `${kind}s`);
  const found = ownMember(group, name);
  if (typeof found === "function") return found as Run;
  const run = member(found, "run");
  return typeof run === "function" ? (argument) => Reflect.apply(run, found, [argument]) : undefined;
}

/** What describe() tells: plain data picked from the exports. */
export function describeExports(exports: unknown): unknown {
  const plugin = definition(exports);
  if (typeof plugin !== "object" || plugin === null)
    throw new TypeError(
      "The plugin's code did not set module.exports.default to what definePlugin() returns.",
    );
  const actions: Record<string, unknown> = { __proto__: null };
  const declared = member(plugin, "actions");
  for (const name of isObject(declared) ? Object.keys(declared) : []) {
    const action = ownMember(declared, name);
    const [title, description, input, output] = ["title", "description", "input", "output"].map((key) =>
      member(action, key),
    );
    actions[name] = { title, description, input, output };
  }
  return { actions, hooks: describeHooks(member(plugin, "hooks")) };
}

/** A hook is a function, or an object with `run` that may also say when, among other plugins, it is run. */
function describeHooks(declared: unknown): unknown[] {
  return (isObject(declared) ? Object.keys(declared) : []).map((name) => {
    const order = member(ownMember(declared, name), "order");
    return order === undefined ? { name } : { name, order };
  });
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const definition = (exports: unknown): unknown => member(exports, "default") ?? exports;

const member = (value: unknown, key: string): unknown =>
  isObject(value) ? (value as Record<string, unknown>)[key] : undefined;

const ownMember = (value: unknown, key: string): unknown =>
  isObject(value) && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
