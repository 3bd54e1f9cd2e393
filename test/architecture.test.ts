/**
 * The rules of docs/architecture.md that no compiler holds: imports go one way, no vendor's name stands where every
 * vendor is served, a module is known to one line only.
 */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";

const root = path.resolve(import.meta.dirname, "..");

/** Which rooms a room may import from, besides itself and packages that are not ours. First match counts. */
const mayImport: [room: RegExp, allowed: RegExp | undefined][] = [
  [/^sandbox\/worker\//, /^sandbox\/(worker\/|messages\.ts$)/],
  [/^sandbox\//, /^sandbox\//],
  [/^service-kit\//, /^service-kit\//],
  [/^plugin-sdk\/(manifest|author|index\.ts)/, /^plugin-sdk\/(manifest|author)/],
  [/^plugin-sdk\/trust\//, /^plugin-sdk\/(trust|manifest|json)\//],
  [/^plugin-sdk\/package\//, /^plugin-sdk\/(package|trust|manifest|json)\//],
  [/^plugin-sdk\//, /^(plugin-sdk|sandbox)\//],
  [/^plugins\/[^/]+\/test\//, undefined],
  [/^plugins\/([^/]+)\//, /^(plugin-sdk\/|plugins\/$1\/)/],
  [/^simulators\/([^/]+)\//, /^simulators\/$1\//],
  [/^registry\//, /^(registry|plugin-sdk|sandbox|service-kit)\//],
  [
    /^core\/modules\/([^/]+)\//,
    /^(core\/(kernel\/|modules\/$1\/|errors\.ts|tables\.ts)|plugin-sdk\/|sandbox\/|service-kit\/)/,
  ],
  [
    /^core\/kernel\//,
    /^(core\/(kernel\/|errors\.ts|tables\.ts)|plugin-sdk\/|sandbox\/|service-kit\/|registry\/client\/)/,
  ],
  [/^core\//, /^(core|registry|plugin-sdk|sandbox|service-kit)\//],
];

const sources = globSync("{sandbox,service-kit,plugin-sdk,registry,core,plugins,simulators}/**/*.ts", {
  cwd: root,
  exclude: (name) => /(^|\/)(node_modules|dist|templates)(\/|$)/.test(name),
}).filter((file) => !/(^|\/)(node_modules|dist|templates)\//.test(file));

const shipped = sources.filter((file) => !/\/(test|testing|scripts)\//.test(file));

/** The paths, from the root, of what a file imports of ours. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(root, file), "utf8");
  const specifiers = [
    ...text.matchAll(/^(?:import|export)\b[^"';]*?from "([^"]+)"|import\("([^"]+)"\)|^import "([^"]+)"/gm),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
  return specifiers.flatMap((specifier) => {
    if (specifier.startsWith(".")) return [path.join(path.dirname(file), specifier)];
    const own = /^@plugboard\/([^/]+)(\/.*)?$/.exec(specifier);
    if (!own?.[1]) return [];
    return [`${workspaceFolder(own[1])}${own[2] ?? ""}/`];
  });
}

function workspaceFolder(name: string): string {
  return name.replace(/^plugin-(?!sdk)/, "plugins/").replace(/^simulator-/, "simulators/");
}

test("there is something to check", () => {
  assert.ok(shipped.length > 100, `only ${shipped.length} files were found`);
  assert.ok(importsOf("core/create-core.ts").some((file) => file.startsWith("core/kernel/")));
});

test("imports go one way", () => {
  const wrong = shipped.flatMap((file) => {
    const rule = mayImport.find(([room]) => room.test(file));
    assert.ok(rule, `no rule says what ${file} may import`);
    const [room, allowed] = rule;
    if (!allowed) return [];
    const owner = room.exec(file)?.[1] ?? "";
    const pattern = new RegExp(allowed.source.replaceAll("$1", owner));
    return importsOf(file)
      .filter((target) => !pattern.test(target))
      .map((target) => `${file} imports ${target}`);
  });
  assert.deepEqual(wrong, []);
});

test("a folder with an index.ts is entered through it, or through the schemas of what it says over the wire", () => {
  const doors = new Set(
    sources.filter((file) => file.endsWith("/index.ts")).map((file) => path.dirname(file)),
  );
  const wrong = shipped.flatMap((file) =>
    importsOf(file)
      .filter((target) => {
        const folder = path.dirname(target);
        return (
          doors.has(folder) &&
          !["index.ts", "schemas.ts"].includes(path.basename(target)) &&
          !file.startsWith(`${folder}/`) &&
          // The workspace's own top folder is not a room that one enters: its files are.
          folder.includes("/")
        );
      })
      .map((target) => `${file} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test("no vendor's name stands in core, registry, sandbox or service-kit", () => {
  const vendors = globSync("plugins/*/plugin.json", { cwd: root }).map((file) =>
    path.basename(path.dirname(file)),
  );
  assert.ok(vendors.includes("stripe"));
  // A webhook signature scheme is a format that any vendor may use; some carry the name of who made them.
  const schemes = /"?(stripe|shopify|github|slack)"?(?=[^a-z]*(signature|scheme))/i;
  const wrong = shipped
    .filter((file) => /^(core|registry|sandbox|service-kit)\//.test(file))
    .flatMap((file) => {
      const lines = readFileSync(path.join(root, file), "utf8").split("\n");
      return lines.flatMap((line, index) => {
        const named = vendors.find((vendor) => new RegExp(`\\b${vendor}\\b`, "i").test(line));
        return named && !schemes.test(line) ? [`${file}:${index + 1} names ${named}`] : [];
      });
    });
  assert.deepEqual(wrong, []);
});

test("one file calls plugin code", () => {
  const callers = shipped.filter(
    (file) =>
      file.startsWith("core/") && /\bsandbox\.begin\(/.test(readFileSync(path.join(root, file), "utf8")),
  );
  assert.deepEqual(callers, ["core/kernel/plugins/run.ts"]);
});

test("one file of the core reads the environment and exits", () => {
  const readers = shipped.filter(
    (file) =>
      file.startsWith("core/") && /\bprocess\.(env|exit)\b/.test(readFileSync(path.join(root, file), "utf8")),
  );
  assert.deepEqual(readers, ["core/main.ts"]);
});
