import assert from "node:assert/strict";
import { chmodSync, openSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "../../cli/index.ts";
import { type Author, createAuthor } from "./author.ts";

const passphrase = "correct horse battery";
const locked = { PLUGBOARD_KEY_PASSPHRASE: passphrase };

function profileOf(author: Author): string {
  return join(author.folder, "..", "home", "profile.json");
}

test("a key is kept in a file that only its owner may read, and listed without its secret", async (t) => {
  const author = await createAuthor(t);

  const created = (await author.run(["keys", "create", "acme", "--no-passphrase", "--json"])).json();
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

test("a key is locked unless its owner says otherwise, and opens with its passphrase only", async (t) => {
  const author = await createAuthor(t);
  const unlocked = await author.run(["keys", "create", "acme"]);
  assert.deepEqual(
    [unlocked.code, /Set PLUGBOARD_KEY_PASSPHRASE/.test(unlocked.stderr)],
    [exitCodes.auth, true],
  );
  const short = await author.run(["keys", "create", "acme"], { PLUGBOARD_KEY_PASSPHRASE: "short" });
  assert.deepEqual([short.code, /too short/.test(short.stderr)], [exitCodes.usage, true]);

  const { kid } = (await author.run(["keys", "create", "acme", "--json"], locked)).json();
  const exported = (env = {}) => author.run(["keys", "export", "acme", "key.json", "--plain"], env);

  assert.match((await exported()).stderr, /locked with a passphrase. Set PLUGBOARD_KEY_PASSPHRASE/);
  const wrong = await exported({ PLUGBOARD_KEY_PASSPHRASE: "battery staple" });
  assert.deepEqual([wrong.code, /passphrase does not open/.test(wrong.stderr)], [exitCodes.auth, true]);
  assert.equal((await exported(locked)).code, 0);
  const { d } = JSON.parse(await readFile(join(author.folder, "key.json"), "utf8"));
  assert.equal((await stat(join(author.folder, "key.json"))).mode & 0o777, 0o600);
  const profile = JSON.parse(await readFile(profileOf(author), "utf8"));
  assert.ok(!JSON.stringify(profile).includes(d));
  const { format, kdf, cipher } = profile.keys[0].privateKey;
  assert.deepEqual(
    [profile.keys[0].kid, format, kdf.name, cipher.name],
    [kid, "plugboard-key/1", "scrypt", "aes-256-gcm"],
  );
});

test("the passphrase can come through a file descriptor", async (t) => {
  const author = await createAuthor(t);
  await writeFile(join(author.folder, "passphrase"), `${passphrase}\n`);
  const descriptor = () => String(openSync(join(author.folder, "passphrase"), "r"));

  await author.run(["keys", "create", "acme"], locked);
  const claimed = await author.run(["keys", "claim", "acme"], { PLUGBOARD_KEY_PASSPHRASE_FD: descriptor() });
  assert.equal(claimed.code, 0, claimed.stderr);
  const closed = await author.run(["keys", "create", "zeta"], { PLUGBOARD_KEY_PASSPHRASE_FD: "987" });
  assert.match(closed.stderr, /no passphrase can be read; expected the number of an open file descriptor/);
});

test("a passphrase is replaced, and the one before opens the key no more", async (t) => {
  const author = await createAuthor(t);
  await author.run(["keys", "create", "acme"], locked);
  const replaced = { PLUGBOARD_KEY_PASSPHRASE: "another passphrase" };

  const changed = await author.run(["keys", "passphrase", "acme"], {
    ...locked,
    PLUGBOARD_NEW_KEY_PASSPHRASE: replaced.PLUGBOARD_KEY_PASSPHRASE,
  });

  assert.equal(changed.code, 0, changed.stderr);
  assert.match(
    (await author.run(["keys", "export", "acme", "a", "--plain"], locked)).stderr,
    /does not open/,
  );
  assert.equal((await author.run(["keys", "export", "acme", "a", "--plain"], replaced)).code, 0);
});

test("what an earlier version kept without a passphrase is still read, warned of, and locked on request", async (t) => {
  const author = await createAuthor(t);
  const { profile } = (await author.run(["keys", "create", "acme", "--no-passphrase", "--json"])).json();
  const before = JSON.parse(await readFile(profile, "utf8"));
  delete before.keys[0].privateKey.byChoice;
  await writeFile(profile, JSON.stringify(before));

  const used = await author.run(["keys", "claim", "acme", "--json"]);
  assert.match(
    used.stderr,
    /warning: the key for acme is kept without a passphrase; "plugboard keys passphrase/,
  );
  assert.ok(used.json().claim);
  await author.run(["keys", "passphrase", "acme"], { PLUGBOARD_NEW_KEY_PASSPHRASE: passphrase });

  assert.equal((await author.run(["keys", "claim", "acme"])).code, exitCodes.auth);
});

test("what was locked before the form had a name is still opened", async (t) => {
  const author = await createAuthor(t);
  const { profile } = (await author.run(["keys", "create", "acme", "--json"], locked)).json();
  const before = JSON.parse(await readFile(profile, "utf8"));
  delete before.keys[0].privateKey.format;
  await writeFile(profile, JSON.stringify(before));
  assert.equal((await author.run(["keys", "claim", "acme"], locked)).code, 0);

  before.keys[0].privateKey.format = "plugboard-key/2";
  await writeFile(profile, JSON.stringify(before));
  assert.match(
    (await author.run(["keys", "claim", "acme"], locked)).stderr,
    /in a form that is not known here/,
  );
});

test("a key goes to another machine, locked, and signs there", async (t) => {
  const [here, there] = [await createAuthor(t), await createAuthor(t)];
  const { kid } = (await here.run(["keys", "create", "acme", "--json"], locked)).json();
  const file = join(here.folder, "acme.key.json");
  assert.equal((await here.run(["keys", "export", "acme", file], locked)).code, 0);

  const wrong = await there.run(["keys", "import", file], { PLUGBOARD_KEY_PASSPHRASE: "battery staple" });
  assert.match(wrong.stderr, /passphrase does not open/);
  const imported = await there.run(["keys", "import", file, "--json"], locked);
  assert.equal(imported.json().kid, kid);
  assert.equal((await there.run(["keys", "import", file], locked)).code, exitCodes.conflict);

  await here.run(["keys", "export", "acme", "bare.json", "--plain"], locked);
  const bare = await readFile(join(here.folder, "bare.json"), "utf8");
  const third = await createAuthor(t);
  assert.match((await third.run(["keys", "import", "-"], locked, { stdin: bare })).stderr, /Add --publisher/);
  const piped = await third.run(["keys", "import", "-", "--publisher", "acme"], locked, { stdin: bare });
  assert.deepEqual([piped.code, piped.stdout.includes(kid)], [0, true]);
});

test("what is imported has to be a key, whole and of its own public half", async (t) => {
  const author = await createAuthor(t);
  await author.run(["keys", "create", "acme", "--no-passphrase"]);
  await author.run(["keys", "create", "zeta", "--no-passphrase"]);
  await author.run(["keys", "export", "acme", "acme.json", "--plain"]);
  await author.run(["keys", "export", "zeta", "zeta.json", "--plain"]);
  await author.run(["keys", "export", "zeta", "locked.json"], locked);
  const read = async (name: string) => JSON.parse(await readFile(join(author.folder, name), "utf8"));
  const [acme, zeta, file] = [await read("acme.json"), await read("zeta.json"), await read("locked.json")];
  const costly = { ...file, privateKey: { ...file.privateKey, kdf: { ...file.privateKey.kdf, N: 2 ** 30 } } };
  const other = await createAuthor(t);
  for (const content of [
    "{",
    JSON.stringify({ ...acme, d: zeta.d }),
    JSON.stringify({ kty: "oct", k: "hush-hush-hush" }),
    JSON.stringify({ ...file, kid: "another" }),
    JSON.stringify(costly),
  ]) {
    await other.write({ "key.json": content });
    const outcome = await other.run(["keys", "import", "key.json", "--publisher", "zeta"], locked);
    assert.ok(outcome.code > 0, content);
    assert.ok(!outcome.stderr.includes("hush-hush-hush") && !outcome.stderr.includes(zeta.d));
  }
  assert.deepEqual((await other.run(["keys", "list", "--json"])).json().items, []);
});

test("a second key for a publisher is made only when it is asked for", async (t) => {
  const author = await createAuthor(t);
  const create = (...args: string[]) => author.run(["keys", "create", ...args, "--no-passphrase"]);
  const { kid } = (await create("acme", "--json")).json();

  const refused = await create("acme");
  const other = await create("zeta");
  const another = await create("acme", "--another");

  assert.equal(refused.code, exitCodes.conflict);
  assert.ok(refused.stderr.includes(`There is a key for acme already: ${kid}.`), refused.stderr);
  assert.deepEqual([other.code, another.code], [0, 0]);
});

test("a claim is for whom it was made", async (t) => {
  const author = await createAuthor(t);
  await author.run(["keys", "create", "acme", "--no-passphrase"]);
  const audienceOf = async (...options: string[]) => {
    const { claim } = (await author.run(["keys", "claim", "acme", "--json", ...options])).json();
    return JSON.parse(Buffer.from(claim.split(".")[1], "base64url").toString()).audience;
  };
  assert.equal(await audienceOf(), "plugboard-registry");
  assert.equal(await audienceOf("--audience", "plugboard-tenant:tnt_a"), "plugboard-tenant:tnt_a");
});

test("a secret is never written over a file, and unknown keys are named", async (t) => {
  const author = await createAuthor(t);
  await author.run(["keys", "create", "acme", "--no-passphrase"]);
  await author.write({ "taken.json": "mine" });

  const taken = await author.run(["keys", "export", "acme", "taken.json", "--plain"]);
  assert.match(taken.stderr, /does not exist yet/);
  const unknown = await author.run(["keys", "show", "nobody"]);
  assert.deepEqual(
    [unknown.code, /There is no key "nobody"/.test(unknown.stderr)],
    [exitCodes.notFound, true],
  );
  assert.equal((await author.run(["keys", "create", "No Name"])).code, exitCodes.usage);
});

test("a profile that others may read, or that is not one, is named and not used", async (t) => {
  const author = await createAuthor(t);
  await author.run(["keys", "create", "acme", "--no-passphrase"]);
  const path = profileOf(author);

  chmodSync(path, 0o640);
  const exposed = await author.run(["keys", "claim", "acme"]);
  assert.deepEqual([exposed.code, /mode 0640 .*chmod 600/.test(exposed.stderr)], [exitCodes.failed, true]);

  chmodSync(path, 0o600);
  for (const [content, why] of [
    ['{ "keys": [ "hush-hush" ', /profile\.json is not JSON\. Repair/],
    ['{ "keys": "hush-hush" }', /is not a profile/],
  ] as const) {
    await writeFile(path, content);
    const outcome = await author.run(["keys", "create", "acme", "--no-passphrase"]);
    assert.deepEqual([outcome.code, why.test(outcome.stderr)], [exitCodes.failed, true], outcome.stderr);
    assert.ok(!outcome.stderr.includes("hush-hush"));
    assert.equal(await readFile(path, "utf8"), content);
  }
});
