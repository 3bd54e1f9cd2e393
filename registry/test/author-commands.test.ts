/** The author's commands that change what a registry says of versions and keys, against a real registry. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { exitCodes, runCli } from "@plugboard/plugin-sdk/cli";
import { pack, sign } from "./support/plugins.ts";
import { startRegistry } from "./support/registry.ts";

test("an author withdraws and deprecates versions, and changes keys, from the command line", async (t) => {
  const { client, url } = await startRegistry(t);
  const home = await mkdtemp(path.join(tmpdir(), "plugboard-author-"));
  t.after(() => rm(home, { recursive: true, force: true }));
  const run = async (line: string, env: Record<string, string> = {}) => {
    let [stdout, stderr] = ["", ""];
    const code = await runCli(line.split(" "), {
      env: { PLUGBOARD_HOME: home, PLUGBOARD_REGISTRY_URL: url, ...env },
      cwd: home,
      stdout: { write: (text) => (stdout += text) },
      stderr: { write: (text) => (stderr += text) },
      interactive: false,
    });
    return { code, stderr, json: () => JSON.parse(stdout) };
  };
  const done = async (line: string) => {
    const { code, stderr, json } = await run(`${line} --json`);
    assert.equal(code, 0, `${line}: ${stderr}`);
    return json();
  };
  const listed = async () => client.getPlugin("acme/echo");

  const { kid: first } = await done("keys create acme --no-passphrase");
  const { key, claim } = await done("keys claim acme");
  await client.registerPublisher({ publisher: "acme", key, claim });
  const { keys } = JSON.parse(await readFile(path.join(home, "profile.json"), "utf8"));
  for (const version of ["1.0.0", "1.1.0"]) {
    const upload = await sign(await pack({ id: "acme/echo", version }), keys[0].privateKey.jwk);
    const { id } = await client.publish(upload);
    await client.waitForPublication(id);
  }

  await t.test("yank and unyank", async () => {
    await done("yank acme/echo@1.1.0");
    assert.equal((await listed()).version, "1.0.0");
    await done("unyank acme/echo@1.1.0");
    assert.equal((await listed()).version, "1.1.0");
  });

  await t.test("deprecate, one version or all, and undeprecate", async () => {
    await done("deprecate acme/echo@1.0.0 --message Old.");
    assert.deepEqual((await listed()).deprecated, null);
    await done("deprecate acme/echo --message Gone. --replacement acme/shout");
    assert.deepEqual((await listed()).deprecated, { message: "Gone.", replacement: "acme/shout" });
    await done("undeprecate acme/echo");
    assert.equal((await listed()).deprecated, null);
  });

  await t.test("another key is added, and the first retired", async () => {
    const { kid: second } = await done("keys create acme --no-passphrase --another");
    const unknown = await run("keys retire acme nobody");
    assert.equal(unknown.code, exitCodes.failed);
    await done("keys add acme");
    await done(`keys retire acme ${first}`);
    const publisher = await client.getPublisher("acme");
    assert.deepEqual([publisher.keys, publisher.endedKeys.map(({ kid }) => kid)], [[second], [first]]);
  });

  await t.test("a key is revoked with another, from a place on", async () => {
    const { kid: third } = await done("keys create acme --no-passphrase --another");
    await done("keys add acme");
    const { seq } = await client.getVersion("acme/echo", "1.1.0");
    await done(`keys revoke acme ${first} --from ${seq}`);
    const { blocked } = await client.getRevocations();
    assert.deepEqual(
      blocked.map(({ plugin, version }) => `${plugin}@${version}`),
      ["acme/echo@1.1.0"],
    );
    assert.ok((await client.getPublisher("acme")).keys.includes(third));
  });

  await t.test("what is wrong is said before anything is sent", async () => {
    for (const [line, why] of [
      ["yank acme/echo", /expected publisher\/name@1\.2\.3/],
      ["yank echo@1.0.0", /expected publisher\/name/],
      ["deprecate acme/echo", /--message/],
      ["keys revoke acme x --from soon", /whole number/],
      ["yank ghost/echo@1.0.0", /"ghost" is not registered/],
    ] as const) {
      const { code, stderr } = await run(line);
      assert.deepEqual([code > 0, why.test(stderr)], [true, true], `${line}: ${stderr}`);
    }
    const { code, stderr } = await run("yank acme/echo@1.0.0", {
      PLUGBOARD_PUBLISHER_KEY: JSON.stringify(keys[0].privateKey.jwk),
    });
    assert.deepEqual([code, /None of your keys/.test(stderr)], [exitCodes.auth, true], stderr);
  });
});
