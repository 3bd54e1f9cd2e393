import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type PublisherStatement, statementTypes, verifyStatement } from "../../trust/index.ts";
import { type Author, createAuthor, manifestWith, pluginSaying } from "./author.ts";

async function built(author: Author): Promise<void> {
  await author.write({ "plugin.json": manifestWith(), "index.ts": pluginSaying("1") });
  const outcome = await author.run(["build"]);
  assert.equal(outcome.code, 0, outcome.stderr);
}

test("sign writes the publisher's statement over what was built", async (t) => {
  const author = await createAuthor(t);
  await built(author);
  const { publicJwk } = (await author.run(["keys", "create", "acme", "--no-passphrase", "--json"])).json();

  const signed = (await author.run(["sign", "--json"])).json();

  const jws = (await readFile(join(author.folder, "dist", "lamp-1.0.0.tgz.jws"), "utf8")).trim();
  const statement = await verifyStatement<PublisherStatement>(statementTypes.publisher, jws, [publicJwk]);
  assert.equal(statement.id, "acme/lamp");
  assert.equal(statement.sha512, signed.sha512);
});

test("in CI the key comes from the environment, as JSON or base64 of it", async (t) => {
  const author = await createAuthor(t);
  await built(author);
  const { kid } = (await author.run(["keys", "create", "acme", "--no-passphrase", "--json"])).json();
  await author.run(["keys", "export", "acme", "key.json", "--plain"]);
  const key = await readFile(join(author.folder, "key.json"), "utf8");
  const elsewhere = { PLUGBOARD_HOME: join(author.folder, "ci-home") };

  for (const value of [key, Buffer.from(key).toString("base64")]) {
    const outcome = await author.run(["sign", "--json"], { ...elsewhere, PLUGBOARD_SIGNING_KEY: value });
    assert.equal(outcome.json().kid, kid);
  }
  const earlier = await author.run(["sign", "--json"], { ...elsewhere, PLUGBOARD_PUBLISHER_KEY: key });
  assert.equal(earlier.json().kid, kid, "the variable's earlier name");
});

test("a malformed key in the environment is refused and not repeated", async (t) => {
  const author = await createAuthor(t);
  await built(author);

  const outcome = await author.run(["sign"], { PLUGBOARD_SIGNING_KEY: '{"kty":"oct","k":"hush"}' });

  assert.equal(outcome.code, 2);
  assert.match(outcome.stderr, /PLUGBOARD_SIGNING_KEY is not a private Ed25519 key/);
  assert.ok(!outcome.stderr.includes("hush"));
});

test("a version that was raised but not built is not taken for the old one", async (t) => {
  const author = await createAuthor(t);
  await built(author);
  await author.run(["keys", "create", "acme", "--no-passphrase"]);
  await author.write({ "plugin.json": manifestWith({ version: "1.0.1" }) });

  const outcome = await author.run(["sign"]);

  assert.equal(outcome.code, 1);
  assert.match(
    outcome.stderr,
    /says acme\/lamp 1\.0\.1, but what was built last is acme\/lamp 1\.0\.0\. Run/,
  );
});

test("without a key, a build, or a sound package, sign says what to do", async (t) => {
  const author = await createAuthor(t);
  assert.match((await author.run(["sign"])).stderr, /Run "plugboard build"/);

  await built(author);
  assert.match((await author.run(["sign"])).stderr, /Make one with "plugboard keys create acme"/);

  await writeFile(join(author.folder, "broken.tgz"), "not a tarball");
  assert.match((await author.run(["sign", "broken.tgz"])).stderr, /broken\.tgz: /);
});
