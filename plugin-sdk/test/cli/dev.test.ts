import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type DevEvent, type DevOptions, runDev } from "../../cli/dev/index.ts";
import { createNetwork } from "../../egress/index.ts";
import { createScrubber } from "../../exchange/index.ts";
import { type Author, createAuthor, manifestWith, pluginSaying } from "./author.ts";

const key = "key-that-nobody-may-see";

/** `plugboard dev` in the author's folder; `next` waits for what it tells of a kind. */
async function develop(t: TestContext, author: Author, options: Partial<DevOptions> = {}) {
  const told: DevEvent[] = [];
  const waiting = new Map<string, (event: DevEvent) => void>();
  const running = await runDev({
    directory: author.folder,
    env: {},
    port: 0,
    ...options,
    tell(event) {
      if (event.type === "ready" || event.type === "changed") return;
      told.push(event);
      waiting.get(event.type)?.(event);
    },
  });
  t.after(() => running.close());
  return {
    told,
    url: running.url,
    next: (type: DevEvent["type"]) => new Promise<DevEvent>((resolve) => waiting.set(type, resolve)),
  };
}

const fetching = (path: string, expression = "await response.json()") =>
  pluginSaying("response")
    .replace("run()", "run({ fetch, log })")
    .replace(
      "return { said: response };",
      `const response = await fetch("https://api.example.com${path}");\n    log.info("asked");\n    return { said: ${expression} };`,
    );

test("a save is served at once, and a mistake leaves the version before, told by file and line", async (t) => {
  const author = await createAuthor(t);
  await author.write({ "plugin.json": manifestWith(), "index.ts": pluginSaying('"one"') });
  const { next, told } = await develop(t, author);
  const blink = async () => (await author.run(["dev", "call", "blink", "--json"])).json();
  assert.equal((await blink()).output.said, "one");

  const loaded = next("loaded");
  await author.write({ "index.ts": pluginSaying('"two"') });
  await loaded;
  assert.equal((await blink()).output.said, "two");

  const refused = next("refused");
  await author.write({ "index.ts": pluginSaying("(") });
  const event = await refused;
  assert.ok(event.type === "refused");
  assert.deepEqual([event.serving, event.problems[0]?.file, event.problems[0]?.line], [true, "index.ts", 9]);
  assert.equal((await blink()).output.said, "two");

  const thrown = next("loaded");
  await author.write({
    "index.ts": pluginSaying('(() => { throw new PluginError("conflict", "taken"); })()').replace(
      "action,",
      "action, PluginError,",
    ),
  });
  await thrown;
  const { error } = await blink();
  assert.deepEqual([error.code, error.message, error.problems[0].line], ["conflict", "taken", 9]);
  assert.equal(told.filter(({ type }) => type === "loaded").length, 3);
});

test("requests are traced with what let them through, and the credential is seen by the vendor alone", async (t) => {
  const asked: IncomingMessage[] = [];
  const vendor = createServer((request, response) => {
    asked.push(request);
    response.end(JSON.stringify({ echo: request.headers.authorization }));
  }).listen(0, "127.0.0.1");
  await once(vendor, "listening");
  t.after(() => vendor.close());
  const author = await createAuthor(t);
  await author.write({
    "plugin.json": manifestWith({
      auth: [{ type: "apiKey", in: "header", name: "Authorization", format: "Bearer {key}" }],
    }),
    "index.ts": fetching("/lamps?on=1"),
  });
  const { told, next } = await develop(t, author, {
    env: {
      PLUGBOARD_DEV_CREDENTIAL: JSON.stringify({ type: "apiKey", key }),
      PLUGBOARD_EGRESS_REWRITE: JSON.stringify({
        "api.example.com": `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`,
      }),
    },
  });

  const answered = await author.run(["dev", "call", "blink"]);

  assert.equal(answered.code, 0, answered.stderr);
  assert.deepEqual([asked[0]?.url, asked[0]?.headers.authorization], ["/lamps?on=1", `Bearer ${key}`]);
  const traced = told.find((event) => event.type === "request")?.request;
  assert.deepEqual(
    { ...traced, durationMs: 0 },
    {
      method: "GET",
      url: "https://api.example.com/lamps?on=1",
      durationMs: 0,
      status: 200,
      permission: "permissions.network[0]",
      reason: "Reach the lamps",
      authenticated: true,
    },
  );
  assert.deepEqual(
    told.flatMap((event) => (event.type === "log" ? [event.line.message] : [])),
    ["asked"],
  );
  assert.ok(!(answered.stdout + JSON.stringify(told)).includes(key));

  const loaded = next("loaded");
  await author.write({ "index.ts": fetching("/").replace("api.example.com", "elsewhere.example.com") });
  await loaded;
  assert.equal((await author.run(["dev", "call", "blink", "--json"])).json().error.code, "fetch-not-granted");
  const refused = told.findLast((event) => event.type === "request")?.request.refused;
  assert.match(refused?.message ?? "", /No permission of this plugin covers GET https:\/\/elsewhere/);
  assert.equal(asked.length, 1);
});

test("a vendor that sends the key back in a redirect shows it to nobody", async (t) => {
  const inEachForm = [...key].map((char) => `%${char.charCodeAt(0).toString(16)}`).join("");
  const locations: { [path: string]: string } = {
    "/around": `/lamps?api_key=${key}`,
    "/encoded": `/lamps?was=${inEachForm}&api_key=x`,
    "/away": `https://other.example.com/lamps?from=${inEachForm}`,
    "/host": `https://${key}.example.com/lamps`,
    "/unlit": `/dark/${key}`,
  };
  const asked: string[] = [];
  const vendor = createServer(({ url = "" }, response) => {
    asked.push(url);
    const location = locations[url.split("?", 1)[0] ?? ""];
    response.writeHead(location ? 302 : 200, location ? { location } : {}).end("{}");
  }).listen(0, "127.0.0.1");
  await once(vendor, "listening");
  t.after(() => vendor.close());
  const author = await createAuthor(t);
  const origin = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  const env = {
    PLUGBOARD_DEV_CREDENTIAL: JSON.stringify({ type: "apiKey", key }),
    PLUGBOARD_EGRESS_REWRITE: JSON.stringify({ "api.example.com": origin, "other.example.com": origin }),
  };
  const reason = "Reach the lamps";
  await author.write({
    "plugin.json": manifestWith({
      auth: [{ type: "apiKey", in: "query", name: "api_key" }],
      permissions: {
        network: [
          {
            hosts: ["api.example.com"],
            methods: ["GET"],
            paths: [...Object.keys(locations), "/lamps"],
            reason,
          },
          { hosts: ["other.example.com"], methods: ["GET"], reason },
        ],
      },
    }),
    "index.ts": fetching("PATH", "response.url")
      .replace("times: Type.Optional(Type.Integer())", "url: Type.String()")
      .replace("run({ fetch, log })", "run({ input, fetch, log })")
      .replace('"https://api.example.comPATH"', "input.url"),
    "replies.json": [],
  });
  const { told } = await develop(t, author, { env });
  const get = async (path: string) => {
    const input = JSON.stringify({ url: `https://api.example.com${path}` });
    return (await author.run(["dev", "call", "blink", "--input", input, "--json"])).json();
  };

  assert.equal((await get("/around")).output.said, "https://api.example.com/lamps?api_key=[redacted]");
  assert.equal((await get("/encoded")).output.said, "https://api.example.com/lamps?was=[redacted]&api_key=x");
  const [away, host, unlit] = [await get("/away"), await get("/host"), await get("/unlit")];
  assert.deepEqual(
    [away, host, unlit].map(({ error }) => error.code),
    ["fetch-redirect-refused", "fetch-redirect-refused", "fetch-not-granted"],
  );
  assert.match(unlit.error.message, /GET https:\/\/api\.example\.com\/dark\/\[redacted\]/);
  assert.equal(asked.filter((url) => url.startsWith("/lamps")).length, 2, "the other host was not asked");
  const shown = JSON.stringify([told, away, host, unlit]);
  assert.ok(!shown.includes(key) && !shown.includes(inEachForm), shown);

  const scripted = await develop(t, author, { env, replies: join(author.folder, "replies.json") });
  const { error } = await get("/lamps");
  assert.match(error.message, /"request":"GET https:\/\/api\.example\.com\/lamps"/, "as the plugin wrote it");
  assert.equal(scripted.told.filter(({ type }) => type === "request").length, 1);
});

test("replies come from a file, which may change while the plugin runs", async (t) => {
  const author = await createAuthor(t);
  const reply = { request: "GET https://api.example.com/*", status: 404, body: { no: "lamp" } };
  await author.write({
    "plugin.json": manifestWith(),
    "index.ts": fetching("/lamps", "[response.status, await response.json()]"),
    "replies/lamps.json": [reply],
  });
  await develop(t, author, { replies: join(author.folder, "replies", "lamps.json") });
  const said = async () => (await author.run(["dev", "call", "blink", "--json"])).json().output.said;
  assert.deepEqual(await said(), [404, { no: "lamp" }]);
  await author.write({ "replies/lamps.json": [{ ...reply, status: 200 }] });
  assert.deepEqual(await said(), [200, { no: "lamp" }]);
});

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

test("addresses that are not public are refused before anything is sent", async (t) => {
  const { send, close } = createNetwork(new Map());
  t.after(close);
  for (const host of [
    "127.0.0.1",
    "localhost",
    "10.0.0.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "169.254.169.254",
  ]) {
    const request = { method: "GET", url: new URL(`https://${host}/`), headers: [], body: null };
    await assert.rejects(
      send(request, AbortSignal.timeout(5_000), { asWritten: request, scrubber: createScrubber([]) }),
      { code: "fetch-address-not-public" },
      host,
    );
  }
});
