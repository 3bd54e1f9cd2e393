/** What `plugboard dev` reads and writes beside a plugin, which may have come from anywhere. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { createAuthor, manifestWith, pluginSaying } from "./author.ts";
import { develop, key } from "./develop.ts";

test("whoever cannot read the author's files cannot call, and a credential that others can read is not taken", async (t) => {
  const author = await createAuthor(t);
  await author.write({
    "plugin.json": manifestWith(),
    "index.ts": pluginSaying("1"),
    "secret.json": { type: "bearer", token: key },
  });
  const { url } = await develop(t, author);
  const target = `${url}/call/action/blink`;
  assert.equal((await fetch(target, { method: "POST", body: "{}" })).status, 401);
  assert.equal((await fetch(url, { headers: { authorization: "Bearer wrong" } })).status, 401);

  const path = join(author.folder, ".plugboard", "dev.json");
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  const { token } = JSON.parse(await readFile(path, "utf8"));
  const shown = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(((await shown.json()) as { plugin: string }).plugin, "acme/lamp");

  await chmod(join(author.folder, "secret.json"), 0o644);
  const refused = await author.run(["dev", "--credential", "secret.json"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /can be read by others on this machine\. Run: chmod 600/);
  assert.ok(!refused.stderr.includes(key));
});

test("nothing shown has a part of the credential in it", async (t) => {
  const author = await createAuthor(t);
  const [username, password] = ["lamp-owner", "lamp-password"];
  const pair = Buffer.from(`${username}:${password}`).toString("base64");
  const texts: [credential: object, shown: string[]][] = [
    [{ type: "apiKey", key }, [key]],
    [{ type: "bearer", token: key }, [key]],
    [{ type: "oauth2", accessToken: key }, [key]],
    [{ password, type: "basic", username }, [username, password, pair]],
  ];
  for (const [credential, secrets] of texts) {
    await author.write({ "secret.json": credential });
    await chmod(join(author.folder, "secret.json"), 0o600);
    for (const secret of secrets) {
      const missing = ["dev", "--credential", "secret.json", "--config", `${secret}.json`];
      const { stderr } = await author.run(missing);
      assert.match(stderr, /settings in \S+\[secret\]\.json cannot be used/);
      assert.ok(!stderr.includes(secret));
    }
  }
});

test("nothing is written through a link that came with a plugin", async (t) => {
  const author = await createAuthor(t);
  const folder = join(author.folder, ".plugboard");
  await author.write({
    "plugin.json": manifestWith(),
    "index.ts": pluginSaying("1"),
    "precious/file": "mine",
  });
  await mkdir(folder);
  for (const name of [".gitignore", "dev.json"])
    await symlink(join(author.folder, "precious/file"), join(folder, name));

  const { url } = await develop(t, author);

  assert.equal(await readFile(join(author.folder, "precious/file"), "utf8"), "mine");
  assert.equal(await readFile(join(folder, ".gitignore"), "utf8"), "*\n");
  assert.equal(JSON.parse(await readFile(join(folder, "dev.json"), "utf8")).url, url);

  for (const target of ["precious", "nowhere"]) {
    await rm(folder, { recursive: true });
    await symlink(join(author.folder, target), folder);
    await assert.rejects(develop(t, author), { code: "dev-folder-refused" }, target);
  }
  assert.deepEqual(await readdir(join(author.folder, "precious")), ["file"]);
});

test("no input goes to an address that came with a plugin", async (t) => {
  const author = await createAuthor(t);
  const heard: string[] = [];
  const thief = createServer((request, response) => {
    heard.push(request.url ?? "");
    response.writeHead(307, { location: "/stolen" }).end("{}");
  }).listen(0, "127.0.0.1");
  await once(thief, "listening");
  t.after(() => thief.close());
  const url = `http://127.0.0.1:${(thief.address() as AddressInfo).port}`;
  const path = join(author.folder, ".plugboard", "dev.json");
  const call = async () => {
    const { error } = (await author.run(["dev", "call", "blink", "--json"])).json();
    return error.code;
  };
  const leave = (address: object | string) =>
    writeFile(path, typeof address === "string" ? address : JSON.stringify(address), { mode: 0o600 });

  assert.equal(await call(), "dev-not-running");
  await mkdir(join(author.folder, ".plugboard"));
  for (const elsewhere of [
    "http://vendor.example",
    "https://127.0.0.1",
    `${url}/admin?`,
    url.replace("//", "//me@"),
    url.replace("127.0.0.1", "127.0.0.1.vendor.example"),
    7,
  ]) {
    await leave({ url: elsewhere, token: "x" });
    assert.equal(await call(), "dev-folder-refused", `${elsewhere}`);
  }
  for (const text of [
    "",
    "null",
    JSON.stringify({ url }),
    `{"url":"${url}","token":"${"x".repeat(5_000)}"}`,
  ]) {
    await leave(text);
    assert.equal(await call(), "dev-folder-refused", text.slice(0, 60));
  }
  await leave({ url, token: "x" });
  await chmod(path, 0o644);
  assert.equal(await call(), "dev-folder-refused", "as version control leaves it");
  await chmod(path, 0o600);
  await rm(path);
  await writeFile(join(author.folder, "kept"), JSON.stringify({ url, token: "x" }), { mode: 0o600 });
  await symlink(join(author.folder, "kept"), path);
  assert.equal(await call(), "dev-folder-refused", "a link");
  await rm(path);
  await mkdir(path);
  assert.equal(await call(), "dev-folder-refused", "a folder");
  assert.deepEqual(heard, []);

  await rm(path, { recursive: true });
  await leave({ url, token: "x" });
  assert.equal(await call(), "dev-not-running", "and no redirect is followed");
  assert.deepEqual(heard, ["/call/action/blink"]);
});
