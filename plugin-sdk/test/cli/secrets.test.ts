/** What is secret is sent where it belongs, and shown nowhere: also where somebody else repeats it. */
import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "../../cli/index.ts";
import { createProgram } from "../../cli/program.ts";
import { consentDigest } from "../../manifest/index.ts";
import { createAuthor } from "./author.ts";
import { startRegistry } from "./local-registry.ts";

const token = "pba_0123456789abcdefghijklmnopqrstuvwxyz";
const account = { id: "acc_1", displayName: "Ada", createdAt: "2026-11-01T00:00:00Z" };
const whoami = "GET /registry/v1/account";

test("a token is kept for one registry, and goes to no other", async (t) => {
  const author = await createAuthor(t);
  const own = await startRegistry(t, { [whoami]: [{ status: 200, body: account }] });
  const other = await startRegistry(t, { [whoami]: [{ status: 200, body: account }] });

  const login = await author.run(
    ["login", "--with-token", "--registry", own.url],
    {},
    { stdin: `${token}\n` },
  );
  assert.equal(login.code, 0, login.stderr);
  await author.run(["whoami", "--registry", `${own.url}/registry/v1/`]);
  await author.run(["whoami", "--registry", other.url]);

  assert.deepEqual(
    own.requests.map(({ authorization }) => authorization),
    [`Bearer ${token}`, `Bearer ${token}`],
  );
  assert.deepEqual(
    other.requests.map(({ authorization }) => authorization),
    [undefined],
  );
});

test("what is public is asked for without a token", async (t) => {
  const author = await createAuthor(t);
  const registry = await startRegistry(t, {});
  await author.run(["search", "x", "--registry", registry.url], { PLUGBOARD_ACCOUNT_TOKEN: token });
  await author.run(["info", "acme/x", "--registry", registry.url], { PLUGBOARD_ACCOUNT_TOKEN: token });
  assert.deepEqual(
    registry.requests.map(({ authorization }) => authorization),
    [undefined, undefined],
  );
});

test("a redirect is not followed: a token would go along", async (t) => {
  const author = await createAuthor(t);
  const thief = await startRegistry(t, { [whoami]: [{ status: 200, body: account }] });
  const registry = await startRegistry(t, {
    [whoami]: [{ status: 307, body: {}, headers: { Location: `${thief.url}/registry/v1/account` } }],
  });
  const outcome = await author.run(["whoami", "--registry", registry.url], {
    PLUGBOARD_ACCOUNT_TOKEN: token,
  });
  assert.deepEqual([outcome.code, thief.requests.length], [exitCodes.network, 0]);
});

test("a registry or host that repeats a secret does not get it onto the screen", async (t) => {
  const author = await createAuthor(t);
  const said = {
    status: 403,
    body: { code: "forbidden", detail: `Bearer ${token} is not allowed`, hint: token },
  };
  const service = await startRegistry(t, {
    [whoami]: [said],
    "GET /api/v1/installs?limit=100": [said],
  });
  for (const args of [
    ["whoami", "--registry", service.url],
    ["installs", "--host", service.url],
  ]) {
    for (const json of [[], ["--json"]]) {
      const env = { PLUGBOARD_ACCOUNT_TOKEN: token, PLUGBOARD_API_KEY: token };
      const { code, stdout, stderr } = await author.run([...args, ...json], env);
      assert.equal(code, exitCodes.auth);
      assert.ok(!`${stdout}${stderr}`.includes(token), stdout + stderr);
      assert.match(stdout + stderr, /Bearer \[secret\] is not allowed/);
    }
  }
});

test("what a host says does not steer the terminal where something is asked, and agreed to", async (t) => {
  const author = await createAuthor(t);
  const steering = `1.0.0\u001b[2J\u001b[1A\r\nacme/lamp\u202e asks\u200b for nothing ${token}`;
  const installed = { id: "ins_1", plugin: "acme/lamp", version: steering, status: "active" };
  const host = await startRegistry(t, {
    "GET /api/v1/installs?limit=100": [{ status: 200, body: { items: [installed], nextCursor: null } }],
  });
  const env = { PLUGBOARD_API_KEY: "pbk_0123456789abcdefghijkl" };
  const { code, asked } = await author.run(["uninstall", "acme/lamp", "--host", host.url], env, {
    answers: "n",
  });
  assert.equal(code, exitCodes.cancelled);
  assert.match(
    asked,
    /Uninstall acme\/lamp 1\.0\.0\ufffd\[2J\ufffd\[1A acme\/lamp\ufffd asks\ufffd for nothing \[secret\], with/,
  );
  assert.ok(!asked.includes(token) && !asked.includes("\u001b[2J"), JSON.stringify(asked));
});

test("a consent is asked for to the plugin that was named, in a version, and to nothing else", async (t) => {
  const author = await createAuthor(t);
  const permissions = { storage: { maxBytes: 1024, reason: "Remember\nacme/lamp asks for nothing" } };
  const ask = async (plugin: string, version: string) => {
    const consent = consentDigest({ id: plugin, permissions });
    const body = { code: "consent-required", detail: "Agree.", plugin, version, permissions, consent };
    const host = await startRegistry(t, { "POST /api/v1/installs": [{ status: 409, body }] });
    const env = { PLUGBOARD_API_KEY: "pbk_0123456789abcdefghijkl" };
    return author.run(["install", "acme/lamp", "--host", host.url], env, { answers: "n" });
  };
  for (const [plugin, version] of [
    ["acme/other", "1.0.0"],
    ["acme/lamp\u001b[2J", "1.0.0"],
    ["acme/lamp", "1.0.0\u001b[2J"],
    ["acme/lamp", "1.0.0\nacme/lamp 1.0.0"],
    ["acme/lamp", "v1.0.0"],
  ] as const) {
    const { asked, stderr } = await ask(plugin, version);
    assert.deepEqual([asked, /than what it shows/.test(stderr)], ["", true], plugin + version);
  }
  const { asked, stderr, code } = await ask("acme/lamp", "1.0.0");
  assert.equal(code, exitCodes.cancelled);
  assert.match(asked, /Agree to this for acme\/lamp 1\.0\.0\?/);
  // A reason is within its line, and writes none of its own.
  assert.doesNotMatch(stderr, /\nacme\/lamp asks for nothing/);
});

test("no token or API key is sent in clear, but within this machine or where somebody said so", async (t) => {
  const author = await createAuthor(t);
  const far = ["whoami", "--registry", "http://registry.invalid"];
  const env = { PLUGBOARD_ACCOUNT_TOKEN: token };

  const refused = await author.run(far, env);
  assert.deepEqual([refused.code, /is not https/.test(refused.stderr)], [exitCodes.usage, true]);
  assert.equal((await author.run(far, { ...env, PLUGBOARD_INSECURE_HTTP: "1" })).code, exitCodes.network);
  const host = await author.run(["installs", "--host", "http://host.invalid"], { PLUGBOARD_API_KEY: token });
  assert.match(host.stderr, /is not https/);
  const inAddress = await author.run(["search", "--registry", "https://ada:hush-hush@registry.invalid"]);
  assert.deepEqual([inAddress.code, inAddress.stderr.includes("hush-hush")], [exitCodes.usage, false]);
});

test("no command takes a secret as an argument or option, and one that is given by mistake is not repeated", async (t) => {
  const author = await createAuthor(t);
  const nowhere = { write: () => {} };
  const program = createProgram(
    { env: {}, cwd: ".", stdout: nowhere, stderr: nowhere, interactive: false },
    false,
  );
  const options = [
    program,
    ...program.commands,
    ...program.commands.flatMap(({ commands }) => commands),
  ].flatMap((command) => command.options);
  const suspicious = options.filter(
    ({ long, required, optional }) =>
      (required || optional) && /token|secret|pass|api-key|private/.test(long ?? ""),
  );
  assert.deepEqual(
    suspicious.map(({ flags }) => flags),
    [],
  );

  for (const secret of [token, "correct horse battery"]) {
    for (const args of [
      ["login", secret],
      ["keys", "create", "acme", secret],
      ["login", `--token=${secret}`],
    ]) {
      const { code, stdout, stderr } = await author.run([...args, "--json"]);
      assert.deepEqual([code, stdout.includes(secret)], [exitCodes.usage, false], stdout + stderr);
    }
  }
  for (const args of [[token], ["keys", "show", token]]) {
    const { code, stderr } = await author.run(args);
    assert.deepEqual([code > 0, stderr.includes(token)], [true, false], stderr);
  }
  for (const args of [
    ["login", token],
    ["login", `--token=${token}`],
    ["login", "--with-token", token],
    ["whoami", "--token", token],
  ]) {
    for (const json of [[], ["--json"]]) {
      const { code, stdout, stderr } = await author.run([...args, ...json]);
      assert.equal(code, exitCodes.usage, args.join(" "));
      assert.ok(!`${stdout}${stderr}`.includes(token), stdout + stderr);
    }
  }
});

test("a file with a key that others may read is warned of", async (t) => {
  const author = await createAuthor(t);
  const env = { PLUGBOARD_KEY_PASSPHRASE: "correct horse battery" };
  await author.run(["keys", "create", "acme"], env);
  await author.run(["keys", "export", "acme", "key.json"], env);
  await chmod(join(author.folder, "key.json"), 0o644);
  const other = await createAuthor(t);
  const imported = await other.run(["keys", "import", join(author.folder, "key.json")], env);
  assert.match(imported.stderr, /warning: other users of this machine may read/);
});
