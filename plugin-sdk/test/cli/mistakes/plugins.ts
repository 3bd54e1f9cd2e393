import { manifestWith } from "../author.ts";

/** A plugin with mistakes in it: `[code, file, text]` says in which line of which file `check` has to find each: by a text
 * in it, or by its number; 0 for the file as a whole. */
export interface WrongPlugin {
  files: { [path: string]: string | object | Buffer };
  mistakes: [code: string, file: string, place: string | number][];
}

/** An index.ts with these actions, and further parts of the plugin. */
const codeOf = (actions: string, more = "", before = ""): string => `
import { action, definePlugin, entity, PluginError, trigger, Type } from "@plugboard/plugin-sdk";
${before}
const any = { title: "Any", input: Type.Object({}), output: Type.Unknown() };
export default definePlugin({
  actions: {
    ${actions}
  },
  ${more}
});
`;

const fine = codeOf("act: action({ ...any, run: () => 1 }),");
const network = { hosts: ["api.example.com"], methods: ["GET"], reason: "Reach the lamps" };
const nested = (depth: number): object => (depth === 0 ? {} : { a: nested(depth - 1) });
const inManifest = (...found: [code: string, place: string | number][]) =>
  found.map(([code, place]): [string, string, string | number] => [code, "plugin.json", place]);
const inCode = (...found: [code: string, place: string | number][]) =>
  found.map(([code, place]): [string, string, string | number] => [code, "index.ts", place]);

export const wrongPlugins: { [what: string]: WrongPlugin } = {
  "a manifest that is not JSON": {
    files: { "plugin.json": '{\n  "id": "acme/lamp"\n  "version": "1.0.0"\n}\n', "index.ts": fine },
    mistakes: inManifest(["json-malformed", '"version"']),
  },
  "fields of the manifest that have not their form": {
    files: {
      "plugin.json": {
        ...manifestWith({
          id: "Lamp",
          version: "v1",
          displayName: 5,
          description: "long ".repeat(500),
          license: undefined,
          engines: { plugboard: "latest" },
          main: "/plugin.js",
          pricing: { model: "gratis" },
          keywords: Array.from({ length: 40 }, (_, index) => `word${index}`),
          surprise: true,
          permissions: {
            network: [{ hosts: [], methods: ["GET", "GET"], reason: "" }],
            storage: { maxBytes: 0, reason: "Counts" },
          },
          requests: { retries: { most: 1000 } },
        }),
      },
      "index.ts": fine,
    },
    mistakes: inManifest(
      ["wrong-format", '"id"'],
      ["version-invalid", '"version"'],
      ["wrong-type", '"displayName"'],
      ["too-long", '"description"'],
      ["missing", "{"],
      ["engines-invalid", '"plugboard"'],
      ["main-invalid", '"main"'],
      ["not-allowed", '"model"'],
      ["too-many", '"keywords"'],
      ["unknown-field", '"surprise"'],
      ["too-few", '"hosts"'],
      ["duplicate-item", '"methods"'],
      ["too-short", '"reason": ""'],
      ["too-small", '"maxBytes"'],
      ["too-large", '"most"'],
    ),
  },
  "a manifest that asks for what nobody may have, or says it in another way than it must": {
    files: {
      "plugin.json": manifestWith({
        displayName: "L\u0430mp\u202e",
        connection: {
          config: {
            type: "object",
            properties: { region: { type: "string" }, code: { type: "string", pattern: "(a+)+\\1" } },
          },
        },
        permissions: {
          network: [
            { ...network, hosts: ["*.example.com"] },
            { ...network, hosts: ["{region}.example.com"] },
            { ...network, paths: ["v1//lamps"] },
            { ...network, credential: false },
          ],
          events: { publish: ["plugboard.lamp"], reason: "Tells\nstorage: none" },
        },
        requests: {
          limits: [{ type: "concurrency", hosts: ["other.example.com"], requests: 1 }],
          retries: { delayMs: 60_000, maxDelayMs: 1_000, replies: [{ statuses: [503], nothingDone: true }] },
        },
        pricing: { model: "subscription", price: { amount: 100, currency: "XXY" }, interval: "month" },
        webhooks: {
          signature: {
            scheme: "hmac",
            header: "x-signature",
            algorithm: "sha256",
            encoding: "hex",
            template: "{header:x-time}",
          },
          acknowledge: { contentType: "application/json", body: "ok" },
          handshake: { method: "GET", challenge: "/challenge", proof: "none", reply: { type: "text" } },
        },
      }),
      "index.ts": fine,
    },
    mistakes: inManifest(
      ["text-deceptive", '"displayName"'],
      ["text-multiline", '"Tells'],
      ["pattern-refused", '"pattern"'],
      ["host-invalid", '"*.example.com"'],
      ["placeholder-invalid", '"{region}.example.com"'],
      ["path-invalid", '"v1//lamps"'],
      ["credential-ambiguous", 45],
      ["event-reserved", '"plugboard.lamp"'],
      ["request-host-unknown", '"other.example.com"'],
      ["request-delay-invalid", '"delayMs"'],
      ["request-reply-invalid", '"statuses"'],
      ["pricing-invalid", '"currency"'],
      ["webhook-template-invalid", '"template"'],
      ["webhook-acknowledge-invalid", '"ok"'],
      ["webhook-handshake-invalid", '"/challenge"'],
    ),
  },
  "declarations of how to authenticate that no host can perform": {
    files: {
      "plugin.json": manifestWith({
        auth: [
          { type: "apiKey", in: "header", name: "Content-Length", format: "Bearer key" },
          { type: "bearer", test: { request: "GET https://elsewhere.example.com/me" } },
          { type: "bearer", title: "Again" },
          {
            type: "oauth2",
            grant: "client_credentials",
            tokenUrl: "https://login.example.com/{realm}",
            tokenParams: { client_id: "mine" },
            requireIss: true,
            assertion: { audience: "https://login.example.com" },
          },
        ],
      }),
      "index.ts": fine,
    },
    mistakes: inManifest(
      ["auth-name-invalid", '"name": "Content-Length"'],
      ["auth-format-invalid", '"format"'],
      ["auth-test-invalid", '"request"'],
      ["auth-duplicate", 37],
      ["auth-url-invalid", '"tokenUrl"'],
      ["auth-parameter-invalid", '"client_id"'],
      ["auth-issuer-missing", '"requireIss"'],
      ["auth-assertion-invalid", '"assertion"'],
      ["auth-setting-invalid", 41],
    ),
  },
  "a range of hosts that leaves all of them out": {
    files: { "plugin.json": manifestWith({ engines: { plugboard: "^7.0.0" } }), "index.ts": fine },
    mistakes: inManifest(["engine-range", '"plugboard"']),
  },
  "names that are none": {
    files: {
      "plugin.json": manifestWith(),
      "index.ts": codeOf(
        `Blink: action({ ...any, run: () => 1 }),
    twice: action({ ...any, run: () => 1 }),
    twice: action({ ...any, run: () => 2 }),`,
        "hooks: {\n    instal() {},\n  },",
      ),
    },
    mistakes: inCode(["wrong-format", "Blink:"], ["name-twice", "run: () => 2"], ["not-allowed", "instal()"]),
  },
  "what the code offers in a way that cannot be offered": {
    files: {
      "plugin.json": manifestWith({ permissions: { hooks: { names: ["action.afterRun"], reason: "x" } } }),
      "index.ts": codeOf(
        `list: action({ ...any, input: Type.Array(Type.String()), run: () => 1 }),
    far: action({ ...any, output: Type.Unsafe({ $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/a" } } }), run: () => 1 }),
    odd: action({ ...any, output: Type.Unsafe({ type: "object", colour: "red" }), run: () => 1 }),
    unlike: action({ ...any, output: Type.Unsafe({ type: 5 }), run: () => 1 }),
    unique: action({ ...any, output: Type.Array(Type.Unknown(), { uniqueItems: true }), run: () => 1 }),`,
        `triggers: {
    paid: trigger({ title: "Paid", kind: "webhook", events: ["lamp.paid"], output: Type.Unknown() }),
    burned: trigger({ title: "Burned", kind: "polling", output: Type.Unknown(), dedupeKey: () => "1", poll: () => ({ items: [], cursor: null }) }),
  },
  entities: {
    keyless: entity({ title: "A", schema: Type.Object({ id: Type.String() }), key: "number", get: () => ({ id: "1" }) }),
    dated: entity({ title: "B", schema: Type.Object({ id: Type.String() }), key: "id", updatedAt: "when", list: () => ({ items: [], nextCursor: null }) }),
    closed: entity({ title: "C", schema: Type.Object({ id: Type.String() }), key: "id", create: () => ({ id: "1" }) }),
    unused: entity({ title: "D", schema: Type.Object({ id: Type.String() }), key: "id", input: Type.Object({}), list: () => ({ items: [], nextCursor: null }) }),
    sifted: entity({ title: "E", schema: Type.Object({ id: Type.String() }), key: "id", filter: Type.Object({ id: Type.String() }), get: () => ({ id: "1" }) }),
    heaped: entity({ title: "F", schema: Type.Object({ id: Type.String() }), key: "id", get: () => ({ id: "1" }), batch: { most: 2, remove: () => [] } }),
  },
  hooks: {
    "action.beforeRun": () => null,
  },
  webhooks: { normalize: () => [] },`,
      ),
    },
    mistakes: [
      ...inCode(
        ["schema-not-object", "list: action"],
        ["schema-refused", "far: action"],
        ["unknown-field", "odd: action"],
        ["not-allowed", "unlike: action"],
        ["unique-items-refused", "unique: action"],
        ["event-not-declared", "paid: trigger"],
        ["operation-not-permitted", "burned: trigger"],
        ["entity-key-invalid", "keyless: entity"],
        ["entity-updated-at-invalid", "dated: entity"],
        ["entity-input-missing", "closed: entity"],
        ["entity-input-unused", "unused: entity"],
        ["entity-filter-invalid", "sifted: entity"],
        ["entity-batch-invalid", "heaped: entity"],
        ["hook-not-declared", '"action.beforeRun"'],
      ),
      ...inManifest(["hook-not-used", '"action.afterRun"'], ["webhooks-not-declared", "{"]),
    ],
  },
  "a trigger of webhooks that nothing makes events of": {
    files: {
      "plugin.json": manifestWith({ permissions: { events: { publish: ["lamp.*"], reason: "Tells" } } }),
      "index.ts": codeOf(
        "",
        `triggers: {
    paid: trigger({ title: "Paid", kind: "webhook", events: ["lamp.paid"], output: Type.Unknown() }),
  },`,
      ),
    },
    mistakes: inCode(["normalize-missing", "paid: trigger"]),
  },
  "settings of connections that plugin.json does not have": {
    files: {
      "plugin.json": manifestWith({}),
      "index.ts": codeOf(
        `act: action({ ...any, connection: { config: Type.Object({ shop: Type.String() }) }, run: ({ connection }) => connection.config.shop }),`,
      ),
    },
    mistakes: inCode(["config-differs", "act: action"]),
  },
  "code that no host runs, or that would do something else there": {
    files: {
      "plugin.json": manifestWith({ permissions: { network: [network] } }),
      "index.ts": codeOf(
        `act: action({ ...any, async run({ storage, fetch }) {
      await fetch("https://elsewhere.example.org/");
      await fetch("http://api.example.com/");
      console.log("https://docs.example.org/ has more");
      if (await storage.get("a")) throw new PluginError("no-such-code", "x");
      Error.prototype.extra = 1;
      process.exit();
      if (typeof storage === "strng") return 2;
      return new Function("return 1")();
    } }),`,
        "",
        'import "./old.cjs";',
      ),
      "old.cjs": "\nmodule.exports = function () {\n  return arguments.callee;\n};\n",
    },
    mistakes: [
      ...inCode(
        ["permission-missing", "run({ storage"],
        ["host-undeclared", "elsewhere.example.org"],
        ["request-not-https", "http://api"],
        ["host-mentioned", "docs.example.org"],
        ["error-code-unknown", "no-such-code"],
        ["shared-changed", "Error.prototype"],
        ["name-missing", "process.exit"],
        ["code-from-text", "new Function"],
        ["suspect-code", "strng"],
      ),
      ["strict-mode", "old.cjs", "arguments.callee"],
    ],
  },
  "imports of what a plugin cannot have": {
    files: {
      "plugin.json": manifestWith(),
      "index.ts": codeOf("", "", 'import "node:fs";\nimport "not-installed";\nimport "./not-there.ts";'),
    },
    mistakes: inCode(
      ["import-of-node", "node:fs"],
      ["import-unresolved", "not-installed"],
      ["import-unresolved", "not-there"],
    ),
  },
  "text that is no code": {
    files: { "plugin.json": manifestWith(), "index.ts": codeOf("", "", "const = 1;") },
    mistakes: inCode(["syntax", "const = 1"]),
  },
  "an await where there is no call": {
    files: { "plugin.json": manifestWith(), "index.ts": codeOf("", "", "await fetch('https://a.example');") },
    mistakes: inCode(["await-at-top", "await fetch"]),
  },
  "an address of the module": {
    files: { "plugin.json": manifestWith(), "index.ts": codeOf("", "", "console.log(import.meta.url);") },
    mistakes: inCode(["import-meta", "import.meta"]),
  },
  "code that makes code": {
    files: { "plugin.json": manifestWith(), "index.ts": codeOf("", "", 'eval("1");') },
    mistakes: inCode(["code-refused", "eval"]),
  },
  "code that fails as it loads": {
    files: { "plugin.json": manifestWith(), "index.ts": codeOf("", "", 'throw new Error("broken");') },
    mistakes: inCode(["load-failed", "broken"]),
  },
  "an entry without a plugin in it": {
    files: { "plugin.json": manifestWith(), "index.ts": "export const plugin = {};\n" },
    mistakes: inCode(["default-export-missing", "export const"]),
  },
  "an entry that is not there": {
    files: { "plugin.json": manifestWith(), "package.json": { source: "src/lamp.ts" } },
    mistakes: [["entry-missing", "package.json", '"source"']],
  },
  "values that are too much to look at": {
    files: {
      "plugin.json": manifestWith({ connection: { config: nested(70) } }),
      "index.ts": fine,
    },
    mistakes: inManifest(["too-deep", 88]),
  },
  "files that do not belong into a package, or are not what they must be": {
    files: {
      "plugin.json": manifestWith({
        permissions: { storage: { maxBytes: 1024, reason: "Counts" } },
      }),
      "index.ts": fine,
      "README.md":
        "# Lamp\n\nghp_aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xYz\npassword = 'q8Zr2LmX9vB4nT7cW1yK5d'\n",
      "CHANGELOG.md": Buffer.from([0x7f, 0x45, 0x4c, 0x46]),
      "icon.png": "no picture",
      "icon.svg": "<svg/>",
    },
    mistakes: [
      ["secret-found", "README.md", "ghp_"],
      ["secret-suspected", "README.md", "password"],
      ["file-foreign", "CHANGELOG.md", 0],
      ["listing-file", "icon.png", 0],
      ["file-not-packed", "icon.svg", 0],
      ["file-missing", "LICENSE", 0],
      ["permission-unused", "plugin.json", '"storage"'],
    ],
  },
};
