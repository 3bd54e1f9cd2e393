import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "../../cli/index.ts";
import { createAuthor } from "./author.ts";

test("a key is kept in a file that only its owner may read, and listed without its secret", async (t) => {
  const author = await createAuthor(t);

  const created = (await author.run(["keys", "create", "acme", "--json"])).json();
  const listed = await author.run(["keys", "list", "--json"]);
  const shown = await author.run(["keys", "show", "acme", "--json"]);

  assert.equal((await stat(created.profile)).mode & 0o777, 0o600);
  assert.deepEqual(
    listed
      .json()
      .items.map(({ publisher, kid, locked }: Record<string, unknown>) => ({ publisher, kid, locked })),
    [{ publisher: "acme", kid: created.kid, locked: false }],
  );
  assert.deepEqual(shown.json().publicJwk, created.publicJwk);
  const secret = JSON.parse(await readFile(created.profile, "utf8")).keys[0].privateKey.jwk.d;
  assert.equal(typeof secret, "string");
  assert.ok(!`${JSON.stringify(created)}${listed.stdout}${shown.stdout}`.includes(secret));
});

test("with a passphrase the key is sealed at rest, and opens with that passphrase only", async (t) => {
  const author = await createAuthor(t);
  const secretFile = join(author.folder, "key.json");
  const show = (passphrase?: string) =>
    author.run(
      ["keys", "show", "acme", "--secret-file", secretFile],
      passphrase ? { PLUGBOARD_KEY_PASSPHRASE: passphrase } : {},
    );
  await author.run(["keys", "create", "acme"], { PLUGBOARD_KEY_PASSPHRASE: "correct horse" });

  assert.match((await show()).stderr, /locked with a passphrase. Set PLUGBOARD_KEY_PASSPHRASE/);
  assert.match((await show("battery staple")).stderr, /passphrase does not open/);
  assert.equal((await show("correct horse")).code, 0);

  const { d } = JSON.parse(await readFile(secretFile, "utf8"));
  const profile = await readFile(join(author.folder, "..", "home", "profile.json"), "utf8");
  assert.equal((await stat(secretFile)).mode & 0o777, 0o600);
  assert.ok(!profile.includes(d));
});

test("a second key for a publisher is made only when it is asked for", async (t) => {
  const author = await createAuthor(t);
  const { kid } = (await author.run(["keys", "create", "acme", "--json"])).json();

  const refused = await author.run(["keys", "create", "acme"]);
  const other = await author.run(["keys", "create", "zeta"]);
  const another = await author.run(["keys", "create", "acme", "--another"]);

  assert.equal(refused.code, exitCodes.conflict);
  assert.ok(refused.stderr.includes(`There is a key for acme already: ${kid}.`), refused.stderr);
  assert.deepEqual([other.code, another.code], [0, 0]);
});

test("a claim is for whom it was made", async (t) => {
  const author = await createAuthor(t);
  await author.run(["keys", "create", "acme"]);
  const audienceOf = async (...options: string[]) => {
    const { claim } = (await author.run(["keys", "claim", "acme", "--json", ...options])).json();
    return JSON.parse(Buffer.from(claim.split(".")[1], "base64url").toString()).audience;
  };
  assert.equal(await audienceOf(), "plugboard-registry");
  assert.equal(await audienceOf("--audience", "plugboard-tenant:tnt_a"), "plugboard-tenant:tnt_a");
});

test("a secret file is never written over another, and unknown keys are named", async (t) => {
  const author = await createAuthor(t);
  await author.run(["keys", "create", "acme"]);
  await author.write({ "taken.json": "mine" });

  assert.match(
    (await author.run(["keys", "show", "acme", "--secret-file", "taken.json"])).stderr,
    /does not exist yet/,
  );
  assert.match((await author.run(["keys", "show", "nobody"])).stderr, /There is no key "nobody"/);
  assert.equal((await author.run(["keys", "create", "No Name"])).code, 2);
});

test("a profile that is not JSON is named, not replaced", async (t) => {
  const author = await createAuthor(t);
  await author.write({ "../home/profile.json": "{" });

  const outcome = await author.run(["keys", "create", "acme"]);

  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /profile\.json is not JSON/);
});
