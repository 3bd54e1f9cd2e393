import assert from "node:assert/strict";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { JWK } from "jose";

import { exitCodes } from "../../cli/index.ts";
import { type Claim, statementTypes, verifyStatement } from "../../trust/index.ts";
import { type Author, createAuthor, manifestWith, pluginSaying } from "./author.ts";
import { type RegistryReply, startRegistry } from "./local-registry.ts";

const publication = (status: string, problems: object[] = []) => ({
  id: "pub_1",
  status,
  plugin: "acme/lamp",
  version: "1.0.0",
  problems,
});
const known: RegistryReply = { status: 200, body: { publisher: "acme", verified: false, keys: ["k"] } };
const unknown: RegistryReply = { status: 404, body: { code: "publisher-not-found", detail: "Nobody." } };
const accepted: RegistryReply = { status: 202, body: publication("validating") };

async function builtAuthor(author: Author): Promise<{ publicJwk: JWK }> {
  await author.write({ "plugin.json": manifestWith(), "index.ts": pluginSaying("1") });
  assert.equal((await author.run(["build"])).code, 0);
  return (await author.run(["keys", "create", "acme", "--no-passphrase", "--json"])).json();
}

test("publish signs, uploads statement and package, and waits until the registry has decided", async (t) => {
  const author = await createAuthor(t);
  await builtAuthor(author);
  const registry = await startRegistry(t, {
    "GET /registry/v1/publishers/acme": [known],
    "POST /registry/v1/plugins": [accepted],
    "GET /registry/v1/publications/pub_1": [accepted, { status: 200, body: publication("published") }],
  });

  const receipt = join(author.folder, "dist", "lamp-1.0.0.tgz.publication.json");
  await author.write({ "precious.txt": "mine" });
  await symlink(join(author.folder, "precious.txt"), receipt);

  const outcome = await author.run(["publish", "--registry", registry.url, "--json"]);

  assert.equal(outcome.code, 0, outcome.stdout + outcome.stderr);
  assert.equal(outcome.json().status, "published");
  assert.equal(await readFile(join(author.folder, "precious.txt"), "utf8"), "mine");
  assert.equal(JSON.parse(await readFile(receipt, "utf8")).publication, "pub_1");
  const form = registry.requests.find(({ method }) => method === "POST")?.form;
  assert.deepEqual([...(form?.keys() ?? [])], ["statement", "tarball"]);
  const tarball = form?.get("tarball");
  assert.ok(tarball instanceof File);
  assert.equal(tarball.type, "application/gzip");
  const file = join(author.folder, "dist", "lamp-1.0.0.tgz");
  assert.ok((await readFile(file)).equals(Buffer.from(await tarball.arrayBuffer())));
  assert.equal(form?.get("statement"), (await readFile(`${file}.jws`, "utf8")).trim());
});

test("a name that nobody has is claimed only when the author agrees, with proof of the key", async (t) => {
  const author = await createAuthor(t);
  const { publicJwk } = await builtAuthor(author);
  const registry = await startRegistry(t, {
    "GET /registry/v1/publishers/acme": [unknown],
    "POST /registry/v1/publishers": [{ status: 201, body: { publisher: "acme", kid: "k" } }],
    "POST /registry/v1/plugins": [{ status: 202, body: publication("published") }],
  });

  const refused = await author.run(["publish", "--registry", registry.url]);
  assert.equal(refused.code, exitCodes.notFound);
  assert.match(refused.stderr, /Add --register to claim the name/);
  assert.ok(registry.requests.every(({ method }) => method === "GET"));

  const outcome = await author.run(["publish", "--register"], { PLUGBOARD_REGISTRY_URL: registry.url });
  assert.equal(outcome.code, 0, outcome.stderr);
  const claimed = registry.requests.find(({ path }) => path === "/registry/v1/publishers")?.json;
  assert.deepEqual(claimed?.key, publicJwk);
  const claim = await verifyStatement<Claim>(statementTypes.claim, String(claimed?.claim), [publicJwk]);
  assert.equal(claim.publisher, "acme");
  assert.equal(claim.audience, "plugboard-registry");
});

test("a rejected publication fails with the registry's problems", async (t) => {
  const author = await createAuthor(t);
  await builtAuthor(author);
  const problems = [{ code: "name-too-similar", pointer: "/id", message: "Too close to acme/lamps." }];
  const registry = await startRegistry(t, {
    "GET /registry/v1/publishers/acme": [known],
    "POST /registry/v1/plugins": [{ status: 202, body: publication("rejected", problems) }],
  });

  const outcome = await author.run(["publish", "--registry", registry.url]);

  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /rejected acme\/lamp 1\.0\.0\. .*\n {2}\/id: Too close to acme\/lamps\./);
});

test("an immediate refusal is told with the registry's code", async (t) => {
  const author = await createAuthor(t);
  await builtAuthor(author);
  const registry = await startRegistry(t, {
    "GET /registry/v1/publishers/acme": [known],
    "POST /registry/v1/plugins": [
      { status: 409, body: { code: "version-exists", detail: "acme/lamp 1.0.0 was published before." } },
    ],
  });

  const outcome = await author.run(["publish", "--registry", registry.url, "--json"]);

  assert.equal(outcome.code, exitCodes.conflict);
  assert.equal(outcome.json().error.code, "version-exists");
  assert.match(outcome.json().error.message, /was published before/);
});

test("a verdict that does not come in time is a failure that says where to look", async (t) => {
  const author = await createAuthor(t);
  await builtAuthor(author);
  const registry = await startRegistry(t, {
    "GET /registry/v1/publishers/acme": [known],
    "POST /registry/v1/plugins": [accepted],
    "GET /registry/v1/publications/pub_1": [{ status: 200, body: publication("validating") }],
  });

  const outcome = await author.run(["publish", "--registry", registry.url, "--timeout", "0.01"]);

  assert.equal(outcome.code, exitCodes.pending);
  assert.match(outcome.stderr, /plugboard publications show pub_1/);
});

test("a package that changed after it was signed is not sent", async (t) => {
  const author = await createAuthor(t);
  await builtAuthor(author);
  await author.run(["sign"]);
  await author.write({ "index.ts": pluginSaying("2") });
  await author.run(["build"]);
  const registry = await startRegistry(t, {});

  const outcome = await author.run(["publish", "--registry", registry.url]);

  assert.match(outcome.stderr, /Run "plugboard sign" again/);
  assert.deepEqual(registry.requests, []);
});

test("no registry, a malformed one and one that is not there are told apart", async (t) => {
  const author = await createAuthor(t);
  await builtAuthor(author);
  const gone = await startRegistry(t, {});

  const none = await author.run(["publish"]);
  assert.deepEqual([none.code, /No registry is named/.test(none.stderr)], [2, true]);
  const malformed = await author.run(["publish", "--registry", "plugboard"]);
  assert.deepEqual(
    [malformed.code, /"plugboard" is not a registry's address/.test(malformed.stderr)],
    [2, true],
  );
  const page = await author.run(["publish", "--registry", `${gone.url}/elsewhere`]);
  assert.deepEqual([page.code, /There is no registry at/.test(page.stderr)], [exitCodes.notFound, true]);
  const profile = join(author.folder, "..", "home", "profile.json");
  const { keys } = JSON.parse(await readFile(profile, "utf8"));
  await writeFile(profile, JSON.stringify({ keys, registryUrl: "http://127.0.0.1:9" }));
  const unreachable = await author.run(["publish"]);
  assert.deepEqual(
    [unreachable.code, /127\.0\.0\.1:9 cannot be reached/.test(unreachable.stderr)],
    [exitCodes.network, true],
  );
});
