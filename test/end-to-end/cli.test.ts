/** The real command, against a real host with its registry: what authors, tenants and operators do all day. */
import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { exitCodes } from "@plugboard/plugin-sdk/cli";
import { openBundle } from "../../registry/bundle/index.ts";
import { createCliUser } from "../support/cli.ts";
import { startTestHost } from "../support/host.ts";
import { packTestPlugin, type TestPlugin } from "../support/plugin.ts";
import { startTamperingProxy } from "../support/registry.ts";

const reason = "Remember what was lit";

const lamp = (version: string, maxBytes: number, changes: Partial<TestPlugin> = {}): TestPlugin => ({
  id: "acme/lamp",
  version,
  actions: { light: { run: "return 1;" } },
  permissions: { storage: { maxBytes, reason } },
  ...changes,
});

test("an author publishes and a tenant installs, from the command line alone", async (t) => {
  const host = await startTestHost(t);
  const tenant = await host.tenant();
  const passphrase = "correct horse battery staple";
  const user = await createCliUser(t, {
    PLUGBOARD_REGISTRY_URL: host.address,
    PLUGBOARD_HOST_URL: host.address,
  });
  const { run, done } = user;
  const unlocked = { env: { PLUGBOARD_KEY_PASSPHRASE: passphrase } };
  const fileOf = (name: string) => path.join(user.folder, name);
  const pack = async (name: string, plugin: TestPlugin) =>
    writeFile(fileOf(name), await packTestPlugin(plugin));
  const secrets = [passphrase, tenant.key];

  await t.test("an account and a key are made, and nothing of them is printed", async () => {
    const { account } = await done(["login", "--create", "Ada"], { inProcess: true });
    await done(["keys", "create", "acme"], unlocked);
    const whoami = await done(["whoami"]);
    assert.deepEqual([whoami.account.id, whoami.publishers, whoami.from], [account.id, ["acme"], "profile"]);

    const file = fileOf("home/profile.json");
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const profile = JSON.parse(await readFile(file, "utf8"));
    assert.match(profile.logins[0].secret, /^pba_/);
    secrets.push(profile.logins[0].secret);
  });

  await t.test("what was sent in is not sent again: the same command goes on", async () => {
    await pack("lamp-1.tgz", lamp("1.0.0", 1024));
    const unregistered = await run(["publish", "lamp-1.tgz"], unlocked);
    assert.deepEqual(
      [unregistered.code, /Add --register/.test(unregistered.stderr)],
      [exitCodes.notFound, true],
    );

    const sent = await done(["publish", "lamp-1.tgz", "--register", "--no-wait"], unlocked);
    const published = await done(["publish", "lamp-1.tgz"], { inProcess: true });
    assert.deepEqual([published.id, published.status], [sent.id, "published"]);
    assert.equal((await done(["publications", "show", sent.id])).status, "published");

    // Its note is lost, as the answer to an upload may be.
    await writeFile(fileOf("lamp-1.tgz.publication.json"), "{}");
    assert.equal((await done(["publish", "lamp-1.tgz"])).status, "published");
    await pack("other.tgz", lamp("1.0.0", 2048));
    assert.equal((await run(["publish", "other.tgz"], unlocked)).code, exitCodes.conflict);
  });

  await t.test("a rejection tells every problem", async () => {
    const schema = { type: "object" };
    const contributes = { actions: { ghost: { title: "Ghost", input: schema, output: schema } } };
    await pack("bad.tgz", lamp("9.0.0", 1024, { manifest: { contributes } }));
    const { code, stdout } = await run(["publish", "bad.tgz", "--json"], unlocked);
    const { error } = JSON.parse(stdout);
    assert.deepEqual([code, error.code], [exitCodes.failed, "rejected"]);
    assert.ok(error.problems.length >= 2, stdout);
    assert.ok(error.problems.every(({ message, code }: Record<string, string>) => message && code));
    assert.match((await run(["publications", "show", error.publication])).stdout, /rejected\n {2}problem: /);
  });

  await t.test("a CI publishes with a key of its environment, and a token for nothing else", async () => {
    await done(["members", "claim", "acme"], unlocked);
    await done(["members", "require-token", "acme", "on"]);
    await done([
      "tokens",
      "create",
      "ci",
      "--scope",
      "publish",
      "--publisher",
      "acme",
      "--output",
      "ci.token",
    ]);
    await run(["keys", "export", "acme", "ci.key", "--plain"], unlocked);
    const [token, key] = await Promise.all(
      ["ci.token", "ci.key"].map((file) => readFile(fileOf(file), "utf8")),
    );
    assert.equal((await stat(fileOf("ci.token"))).mode & 0o777, 0o600);
    secrets.push(String(token).trim(), JSON.parse(String(key)).d);

    await pack("lamp-2.tgz", lamp("1.1.0", 4096));
    const ci = { PLUGBOARD_HOME: fileOf("ci"), PLUGBOARD_SIGNING_KEY: String(key) };
    const refused = await run(["publish", "lamp-2.tgz"], { env: ci });
    assert.deepEqual([refused.code, /PLUGBOARD_ACCOUNT_TOKEN/.test(refused.stderr)], [exitCodes.auth, true]);
    const signedIn = { ...ci, PLUGBOARD_ACCOUNT_TOKEN: String(token).trim() };
    assert.equal((await done(["publish", "lamp-2.tgz"], { env: signedIn })).status, "published");
    assert.equal((await run(["members", "list", "acme"], { env: signedIn })).code, exitCodes.auth);
    const { items: sent } = await done(["publications", "list", "acme", "--status", "published"]);
    assert.deepEqual(
      sent.map(({ version }: { version: string }) => version),
      ["1.1.0", "1.0.0"],
    );
    const { items: audit } = await done(["members", "audit", "acme"]);
    assert.ok(audit.length > 0);

    const { items } = await done(["tokens", "list"]);
    const made = items.find(({ name }: { name: string }) => name === "ci");
    await done(["tokens", "revoke", made.id]);
    assert.equal((await run(["whoami"], { env: signedIn })).code, exitCodes.auth);
  });

  await t.test("plugins are found, and told about as they are", async () => {
    const found = await done(["search", "lamp", "--permission", "storage", "--facets"]);
    assert.deepEqual([found.items[0].id, found.items[0].version], ["acme/lamp", "1.1.0"]);
    assert.ok(found.facets.permission.length > 0);
    assert.deepEqual((await done(["search", "lamp", "--permission", "binary"])).items, []);

    assert.equal((await done(["info", "acme/lamp@~1.0.0"])).release.version, "1.0.0");
    const prose = await run(["info", "acme/lamp"]);
    for (const told of [/^acme\/lamp 1\.1\.0/, /actions +light/, /storage: up to 4 KiB/])
      assert.match(prose.stdout, told);
    for (const missing of ["acme/ghost", "acme/lamp@^7.0.0"])
      assert.equal((await run(["info", missing])).code, exitCodes.notFound);
  });

  await t.test(
    "plugins go into one file, which a registry elsewhere believes; what was tampered with does not",
    async () => {
      const { body: root } = await host.anonymous.get("/registry/v1/root");
      await writeFile(fileOf("root.json"), JSON.stringify(root));
      const bundle = ["bundle", "acme/lamp@^1.0.0", "--trust", "root.json", "--output"];
      const made = await done([...bundle, "lamp.bundle"]);
      const opened = await openBundle(made.file, { seen: { root }, stalenessMs: 0, now: new Date() });
      const read = [];
      for await (const { release } of opened.releases()) read.push(release.manifest.version);
      assert.deepEqual([read, made.releases.length], [["1.0.0", "1.1.0"], 2]);
      assert.equal((await run([...bundle, "lamp.bundle"])).code, exitCodes.conflict);

      const proxy = await startTamperingProxy(t, host.address);
      proxy.tamper = (url, body) => (url.endsWith("/1.1.0/tarball") ? body.fill(0, 20, 30) : body);
      const tampered = await run([...bundle, "bad.bundle", "--registry", proxy.address]);
      assert.deepEqual(
        [tampered.code, /1\.1\.0 is not what/.test(tampered.stderr)],
        [exitCodes.failed, true],
      );
      await assert.rejects(stat(fileOf("bad.bundle")));
    },
  );

  await t.test("a tenant installs with exactly the consent that it gives", async () => {
    const noKey = await run(["installs"]);
    assert.deepEqual([noKey.code, /There is no API key/.test(noKey.stderr)], [exitCodes.auth, true]);
    const stdin = `${tenant.key}\n`;
    await done(["login", "--host", host.address, "--with-token"], { stdin, inProcess: true });

    const asked = await run(["install", "acme/lamp@1.0.0", "--json"], { inProcess: true });
    const { error } = JSON.parse(asked.stdout);
    assert.deepEqual([asked.code, error.code], [exitCodes.conflict, "consent-required"]);
    assert.match(error.message, /storage: up to 1 KiB {2}\(Remember what was lit\)/);
    const other = await run(["install", "acme/lamp@1.0.0", "--consent", "0".repeat(64)]);
    assert.equal(other.code, exitCodes.conflict);
    assert.deepEqual((await done(["installs"])).items, []);

    const proxy = await startTamperingProxy(t, host.address);
    proxy.tamper = (_, body) => Buffer.from(body.toString("utf8").replaceAll("1024", "1000"));
    const env = { PLUGBOARD_API_KEY: tenant.key };
    const lied = await run(["install", "acme/lamp@1.0.0", "--host", proxy.address, "--json"], { env });
    assert.equal(
      JSON.parse(lied.stdout).error.code,
      "consent-unclear",
      "other permissions than are agreed to",
    );

    const { consent } = (await done(["info", "acme/lamp@1.0.0"])).release;
    assert.equal(consent, error.consent);
    const installed = await done(["install", "acme/lamp@1.0.0", "--consent", consent]);
    assert.equal(installed.version, "1.0.0");
  });

  await t.test("the publisher answers a review, and takes the answer back", async () => {
    const review = { rating: 2, title: "Dim", body: "It could be brighter." };
    await tenant.api.post("/api/v1/marketplace/plugins/acme/lamp/reviews", review);
    const reviews = async () => (await done(["reviews", "list", "acme/lamp"])).items;
    const [{ id }] = await reviews();

    // The owners ask for a token besides the signature: the profile has it.
    await done(["reviews", "reply", "acme/lamp", id, "--message", "Mended."], unlocked);
    assert.equal((await reviews())[0].reply.body, "Mended.");
    await done(["reviews", "reply", "acme/lamp", id, "--withdraw"], unlocked);
    assert.equal((await reviews())[0].reply, null);
    assert.equal((await run(["reviews", "reply", "acme/lamp", id], unlocked)).code, exitCodes.usage);
  });

  await t.test(
    "an upgrade that asks for more is asked for, and what was stored goes only with a yes",
    async () => {
      const asked = await run(["upgrade", "acme/lamp", "--json"]);
      const { error } = JSON.parse(asked.stdout);
      assert.equal(asked.code, exitCodes.conflict);
      assert.deepEqual(
        error.added.map(({ value }: { value: string }) => value),
        ["up to 4 KiB"],
      );
      const moved = await done(["upgrade", "acme/lamp", "--consent", error.consent, "--channel", "minor"]);
      assert.deepEqual([moved.from, moved.version, moved.channel], ["1.0.0", "1.1.0", "minor"]);
      assert.equal((await done(["upgrade", "acme/lamp"])).version, "1.1.0");

      assert.equal((await run(["uninstall", "acme/lamp"])).code, exitCodes.conflict);
      assert.equal((await done(["installs"])).items.length, 1);
      await done(["uninstall", "acme/lamp", "--yes"]);
      assert.equal((await run(["uninstall", "acme/lamp", "--yes"])).code, exitCodes.notFound);
    },
  );

  await t.test("the publisher withdraws, advises against, and is handed over", async () => {
    await done(["yank", "acme/lamp@1.1.0"], unlocked);
    assert.equal((await done(["info", "acme/lamp"])).release.version, "1.0.0");
    await done(["deprecate", "acme/lamp", "--message", "Gone.", "--replacement", "acme/bulb"], unlocked);
    assert.match((await run(["info", "acme/lamp"])).stdout, /deprecated: Gone\. Use acme\/bulb instead\./);

    const other = await createCliUser(t, { PLUGBOARD_REGISTRY_URL: host.address });
    const { account } = await other.done(["login", "--create", "Grace"]);
    const offer = await done(["transfer", "offer", "acme", account.id]);
    await other.done(["keys", "create", "acme", "--no-passphrase"]);
    await other.done(["transfer", "accept", offer.id]);
    assert.deepEqual(
      (await other.done(["members", "list", "acme"])).items.map(
        ({ accountId }: Record<string, string>) => accountId,
      ),
      [account.id],
    );
    assert.equal((await run(["yank", "acme/lamp@1.0.0"], unlocked)).code, exitCodes.auth);
  });

  await t.test("nothing secret was printed, or stood on a command line", () => {
    const printed = user.transcript();
    assert.equal(secrets.length, 5);
    for (const secret of secrets) assert.ok(!printed.includes(secret));
    assert.ok(!/pb[ak]_[\w-]{30}/.test(printed));
  });

  await t.test("a token is ended when it is logged out with --revoke", async () => {
    assert.equal((await run(["logout", "--revoke"])).code, exitCodes.conflict);
    await done(["logout", "--revoke", "--yes"]);
    assert.equal((await run(["whoami"])).code, exitCodes.auth);
    const kept = secrets.find((secret) => secret.startsWith("pba_")) ?? "";
    assert.equal((await run(["whoami"], { env: { PLUGBOARD_ACCOUNT_TOKEN: kept } })).code, exitCodes.auth);
  });
});
