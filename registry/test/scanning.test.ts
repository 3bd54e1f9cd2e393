import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import type { PackageFile } from "@plugboard/plugin-sdk/package";
import { generateSigningKey } from "@plugboard/plugin-sdk/trust";
import type { Publication } from "@plugboard/registry/client";
import { secretToken } from "@plugboard/service-kit/crypto";
import { echoCode } from "./support/plugins.ts";
import { registerPublisher, startRegistry, type TestPublisher } from "./support/registry.ts";

let acme: TestPublisher;
let minor = 0;
const undo: (() => Promise<void> | void)[] = [];

before(async () => {
  const { client } = await startRegistry(
    { after: (step) => void undo.push(step) },
    { scanIsolation: undefined },
  );
  acme = await registerPublisher(client, "acme");
});
after(async () => {
  for (const step of undo) await step();
});

interface Package {
  code?: string;
  files?: Record<string, string | Buffer>;
  permissions?: object;
}

async function publish({ code, files = {}, permissions = {} }: Package): Promise<Publication> {
  minor += 1;
  const more: PackageFile[] = Object.entries(files).map(([path, content]) => ({
    path,
    content: Buffer.from(content),
  }));
  return acme.publish({
    name: "echo",
    version: `1.${minor}.0`,
    files: more,
    manifest: { permissions },
    ...(code !== undefined && { code: `${echoCode}${code}` }),
  });
}

const network = [{ hosts: ["api.example.com"], methods: ["GET"], reason: "Read" }];
const base62 = (length: number) =>
  randomBytes(length * 4)
    .toString("base64")
    .replaceAll(/[^A-Za-z0-9]/g, "")
    .slice(0, length);
const found = (publication: Publication) =>
  publication.problems.map(({ code, file, line }) =>
    [code, file, line].filter((part) => part !== undefined).join(":"),
  );

test("a request to a host that is declared nowhere is refused, with the line", async () => {
  const lines = echoCode.split("\n").length;
  for (const request of [
    'fetch("https://other.example.org/x")',
    `fetch(\`https://other.example.org/\${1}\`)`,
    'globalThis.fetch("https://other.example.org" + "/x")',
    'fetch("https://other.example.org")',
    'new Request("https://other.example.org/x")',
    'fetch("https://api.example.com.other.example.org/")',
    'fetch("https://api.example.com:8443/")',
  ]) {
    const publication = await publish({ permissions: { network }, code: `\nvoid (() => ${request});` });
    const expected = /"https:\/\/other.example.org" \+/.test(request)
      ? []
      : [`host-undeclared:dist/plugin.js:${lines + 1}`];
    assert.deepEqual(found(publication), expected, request);
  }
});

test("a request that goes unencrypted could never work, and is refused", async () => {
  const publication = await publish({
    permissions: { network },
    code: 'void (() => fetch("http://api.example.com/"));',
  });
  assert.deepEqual(
    publication.problems.map(({ code }) => code),
    ["request-not-https"],
  );
});

test("what is declared may be requested, also where a connection's setting is part of the host", async () => {
  const hosts = [{ hosts: ["api.example.com"], methods: ["GET"], reason: "Read" }];
  const publication = await publish({
    permissions: { network: hosts },
    code: `void ((host) => [fetch("https://api.example.com/a"), fetch(\`https://\${host}/b\`), fetch(\`https://x\${host}\`)]);`,
  });
  assert.deepEqual(
    [publication.status, publication.notes.filter(({ code }) => code !== "file-missing")],
    ["published", []],
  );
});

test("a host that is only named, and permissions that nothing uses, are noted and hinder nothing", async () => {
  const publication = await publish({
    permissions: {
      network,
      storage: { maxBytes: 1000, reason: "Cursors" },
    },
    code: 'const help = "See https://docs.example.net/errors for why.";',
  });
  assert.equal(publication.status, "published");
  const noted = publication.notes.map(({ code, pointer, file }) =>
    code === "file-missing" ? `no ${file}` : `${code} ${pointer}`,
  );
  assert.deepEqual(noted, [
    "no README.md",
    "no LICENSE",
    "host-mentioned /permissions/network",
    "permission-unused /permissions/network/0/hosts/0",
    "permission-unused /permissions/storage",
  ]);
});

test("keys of every form are found in every file, told by file and line, and never repeated", async () => {
  const { privateJwk } = await generateSigningKey();
  const secrets = {
    [`gh${"p_"}${base62(36)}`]: "certain",
    [`xo${"xb-"}23984754863-2348975623103-${base62(24)}`]: "certain",
    [`AK${"IA"}${base62(16).toUpperCase()}`]: "none: half of a key",
    [`sk${"_live_"}${base62(24)}`]: "certain",
    [secretToken("pbk_").token]: "certain",
    [JSON.stringify(privateJwk)]: "certain",
    [`-----BEGIN ${"PRIVATE"} KEY-----\\n${base62(64)}\\n-----END`]: "certain",
    [`const password = "${base62(32)}";`]: "suspected",
  };
  for (const [secret, expected] of Object.entries(secrets)) {
    const publication = await publish({ files: { "NOTES.md": `# Notes\n\nIt is ${secret} .\n` } });
    const code = { certain: "secret-found", suspected: "secret-suspected" }[expected];
    assert.deepEqual(
      found(publication),
      code ? [`${code}:NOTES.md:3`] : [],
      `${secret.slice(0, 12)} is ${expected}`,
    );
    const status = { certain: "rejected", suspected: "quarantined" }[expected] ?? "published";
    assert.equal(publication.status, status, secret.slice(0, 12));
    assert.ok(!JSON.stringify(publication).includes(secret.slice(12, 30)));
  }
});

test("a secret is found in what is no text, and what only looks random there is not taken for one", async () => {
  const key = `gh${"p_"}${base62(36)}`;
  const picture = Buffer.concat([Buffer.from([0x89, 0x50, 0, 0, 1]), Buffer.from(`${key}\n`)]);
  const files = {
    "notes.txt": Buffer.from(`\ufeffIt is ${key} .\n`, "utf16le"),
    "picture.dat": picture,
    "noise.dat": Buffer.concat([Buffer.from([0]), Buffer.from(`password = "${base62(32)}"\n`)]),
  };
  assert.deepEqual(found(await publish({ files })).sort(), [
    "secret-found:notes.txt:1",
    "secret-found:picture.dat:1",
  ]);
});

test("a comment does not talk the registry out of a secret", async () => {
  const files = { "NOTES.md": `<!-- secretlint-disable -->\ngh${"p_"}${base62(36)}\n` };
  assert.deepEqual(found(await publish({ files })), ["secret-found:NOTES.md:2"]);
});

test("what says of itself that it is an example is none", async () => {
  const readme = [
    "export API_KEY=your-api-key-goes-here-1234567890",
    "https://user:password@example.com/",
    `gh${"p_"}${"x".repeat(36)}`,
    'const clientSecret = "EXAMPLE-1a2b3c4d5e6f7g8h9i0j";',
    'const passwordLabel = "label.settings.password.title";',
    'const tokenUrl = "https://login.example.com/oauth2/v2.0/token1";',
    `-----BEGIN ${"PRIVATE"} KEY-----`,
  ].join("\n");
  const { status, problems } = await publish({ files: { "README.md": readme } });
  assert.deepEqual([status, problems], ["published", []]);
});

test("files that hold secrets by their name, programs and archives have no place in a package", async () => {
  const publication = await publish({
    files: {
      ".env": "A=1",
      ".env.example": "A=",
      "keys/id_ed25519": "x",
      "run.bin": Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]),
      "more.tgz": Buffer.from([0x1f, 0x8b, 8, 0]),
    },
  });
  assert.equal(publication.status, "rejected");
  assert.deepEqual(found(publication).sort(), [
    "file-foreign:more.tgz",
    "file-foreign:run.bin",
    "secret-file:.env",
    "secret-file:keys/id_ed25519",
  ]);
});

test("code that would exhaust the scanner is refused, and the registry goes on", async () => {
  const hungry = "const all = []; for (;;) all.push(new Array(1e6).fill(all.length));";
  const deep = `const x = ${"[".repeat(100_000)}${"]".repeat(100_000)};`;
  for (const code of [hungry, deep]) {
    const publication = await publish({ code });
    assert.equal(publication.status, "rejected", code.slice(0, 30));
    assert.ok(publication.problems.every(({ message }) => message.length > 20));
  }
  assert.equal((await publish({})).status, "published");
});

test("everything that is wrong is reported at once, whoever found it", async () => {
  const publication = await acme.publish({
    name: "echo",
    version: "9.0.0",
    manifest: { engines: { plugboard: "^2.0.0" }, contributes: {} },
    code: `${echoCode}void (() => fetch("https://other.example.org/"));`,
    files: [{ path: ".npmrc", content: Buffer.from("x") }],
  });
  assert.deepEqual(
    publication.problems.map(({ code }) => code),
    ["engine-range", "contributes-mismatch", "host-undeclared", "secret-file"],
  );
});
