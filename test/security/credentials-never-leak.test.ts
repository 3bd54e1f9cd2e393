/** A credential goes in, and is found nowhere but at the vendor. The test looks everywhere else. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test from "node:test";
import pg from "pg";
import { runnersOf } from "../../sandbox/test/launched.ts";
import { connect, startTestHost } from "../support/host.ts";
import { dumpOf, formsOf, heapsOf, leftAlone, readFolder, watchThreads } from "../support/leaks.ts";
import { foundInMemory } from "../support/memory.ts";
import { appUrl, code, create, me, robotKey, startOAuthScene } from "../support/oauth-scene.ts";
import { vendorClient } from "../support/oauth-vendor.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

const network = [
  { hosts: ["api.vendor.example"], methods: ["GET" as const, "POST" as const], reason: "Call the vendor" },
];

/** Everything that plugin code can reach, as text: globals, context, prototypes, symbols, errors, functions' source. */
const lookAround = `
  const seen = []; const visited = new Set(); const source = (() => 0).toString;
  const look = (value, depth) => {
    if (typeof value === "function") seen.push(Reflect.apply(source, value, []));
    if (value === null || (typeof value !== "object" && typeof value !== "function")) { seen.push(String(value)); return; }
    if (visited.has(value) || depth > 8) return;
    visited.add(value);
    for (const key of Reflect.ownKeys(value)) {
      seen.push(String(key));
      try { look(Reflect.get(value, key), depth + 1); } catch (error) { seen.push(String(error && error.stack)); }
    }
    look(Reflect.getPrototypeOf(value), depth + 1);
  };
  look(globalThis, 0); look([input, fetch, log, connection, signal], 0);
  try { null.x; } catch (error) { look(error, 0); seen.push(error.stack); }
  return { seen: seen.join("\\n"), count: visited.size };`;

const actions = {
  "look-around": { run: lookAround },
  echo: {
    run: `const r = await fetch("https://api.vendor.example/echo"); return { headers: [...r.headers], body: await r.text() };`,
  },
  "echo-status": {
    run: `const r = await fetch("https://api.vendor.example/echo-error"); throw new Error("vendor said " + r.statusText + await r.text());`,
  },
  "echo-redirect": {
    run: `const r = await fetch("https://api.vendor.example/redirect"); return { url: r.url, body: await r.text() };`,
  },
  "log-it": {
    run: `const r = await fetch("https://api.vendor.example/echo"); log.info(await r.text()); console.log([...r.headers].join()); return {};`,
  },
  break: { run: `const r = await fetch("https://api.vendor.example/hang-up"); return await r.text();` },
  // In two pieces: written whole, the registry would not publish it.
  ungranted: { run: `await fetch("https:" + "//elsewhere.example/"); return {};` },
};

test("the credential appears in no log, error, answer, event, database or sandbox value", async (t) => {
  const secret = `sk_live_${randomBytes(18).toString("base64url")}+/=${randomBytes(6).toString("hex")}`;
  const atVendor: string[] = [];
  const vendor = createServer((request, response) => {
    const authorization = request.headers.authorization ?? "";
    atVendor.push(authorization);
    const key = authorization.replace("Bearer ", "");
    const [, base64, , hex, encoded] = formsOf(key);
    const echo = JSON.stringify({ authorization, key, base64, hex, encoded, all: request.rawHeaders });
    if (request.url === "/hang-up") return void request.socket.destroy();
    if (request.url === "/redirect")
      return void response.writeHead(302, { location: `/echo?key=${encoded}` }).end();
    response.writeHead(request.url === "/echo-error" ? 500 : 200, "OK", {
      "x-echo": authorization,
      "x-key": base64,
    });
    response.end(echo);
  });
  await new Promise<void>((resolve) => vendor.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    vendor.closeAllConnections();
    vendor.close();
  });
  const vendorUrl = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  const host = await startTestHost(t, { egressRewrite: { "api.vendor.example": vendorUrl } });
  const publisher = await registerPublisher(host.address, "thief");
  await publishTestPlugin(host.address, publisher, { id: "thief/thief", actions, permissions: { network } });
  const tenant = await host.tenant();
  const { connectionId, installId } = await connect(tenant, "thief/thief", { key: secret });

  const answers: string[] = [];
  const keep = async (answer: Promise<{ status: number; body: unknown; headers: Headers }>) => {
    const { status, body, headers } = await answer;
    answers.push(JSON.stringify([status, body, [...headers]]));
    return { status, body: body as Record<string, { count?: number }> };
  };
  const looked = await keep(
    tenant.api.post(`/api/v1/connections/${connectionId}/actions/look-around`, { input: {} }),
  );
  assert.ok((looked.body.output?.count ?? 0) > 50, "the look around saw a good part of the sandbox");
  for (const action of Object.keys(actions)) {
    await keep(tenant.api.post(`/api/v1/connections/${connectionId}/actions/${action}`, { input: {} }));
  }
  await keep(tenant.api.get(`/api/v1/connections/${connectionId}`));
  await keep(tenant.api.get("/api/v1/connections"));
  await keep(tenant.api.get(`/api/v1/installs/${installId}`));
  await keep(
    tenant.api.patch(`/api/v1/connections/${connectionId}`, {
      auth: { type: "apiKey", key: secret, extra: secret },
    }),
  );
  await keep(
    tenant.api.patch(`/api/v1/connections/${connectionId}`, { auth: { type: "nonsense", key: secret } }),
  );
  await keep(host.anonymous.get("/metrics"));

  await t.test("the vendor got it", () => {
    assert.ok(atVendor.length >= 5);
    assert.deepEqual(new Set(atVendor), new Set([`Bearer ${secret}`]));
  });
  await t.test("it is not in the memory of the plugin's process", (t) => {
    const known = "vendor said ";
    const found = runnersOf().map((pid) => foundInMemory(pid, [known, ...formsOf(secret)]));
    if (found.includes(undefined)) return t.skip("this account may not read the memory of processes");
    assert.ok(found.length > 0, "there is a process");
    assert.deepEqual([...new Set(found.flat())], [known], "what is there is found, and nothing else");
  });
  const places: [place: string, text: string][] = [
    ["an answer of the API", answers.join("\n")],
    ["the log", host.logged()],
    ["the database", await dumpOf(host.databaseUrl)],
    ["the data directory", await readFolder(host.dataDir)],
  ];
  for (const [place, found] of places) {
    await t.test(`it is not in ${place}`, () => {
      assert.ok(found.length > 100, `${place} was looked at`);
      for (const form of formsOf(secret))
        assert.ok(!found.includes(form), `${place} holds the credential as ${form.slice(0, 4)}…`);
    });
  }
  await t.test("and the search would have found it", async () => {
    const planted = new pg.Client({ connectionString: host.databaseUrl });
    await planted.connect();
    await planted.query("update core.connections set config = $1 where id = $2", [
      JSON.stringify({ leaked: secret }),
      connectionId,
    ]);
    await planted.end();
    assert.ok((await dumpOf(host.databaseUrl)).includes(JSON.stringify(secret).slice(1, -1)));
  });
});

/** What is surely in the memory of plugins, at the end of a long text as in its beginning. */
const known = `${"-".repeat(5_000)} a text that every call has`;

test("nothing of OAuth 2 is found anywhere but at the vendor, whatever goes wrong on the way", async (t) => {
  const threads = watchThreads(t);
  const scene = await startOAuthScene(t, { isolation: "thread", limits: leftAlone });
  const { vendor, tenant, host } = scene;
  const answers: string[] = [];
  const keep = async (answer: Promise<{ status: number; body: unknown; headers: Headers }>) => {
    const { status, body, headers } = await answer;
    answers.push(JSON.stringify([status, body, [...headers]]));
  };
  /** What the browser of a person is shown, and sent to. */
  const open = async (back: URL) => {
    const shown = await fetch(`${host.address}${back.pathname}${back.search}`, { redirect: "manual" });
    answers.push(await shown.text(), JSON.stringify([...shown.headers]));
  };
  const begin = async (id: string, body: object = {}) => {
    const begun = await tenant.api.post(`/api/v1/connections/${id}/authorize`, body);
    answers.push(JSON.stringify([begun.body, [...begun.headers]]));
    return new URL(await vendor.browse(begun.body.url));
  };
  const own = `own/client+secret=${randomBytes(12).toString("hex")}`;
  const person = await create(scene, code);
  await open(await begin(person, { returnUrl: appUrl }));
  const robots = [
    await create(scene, { type: "oauth2", grant: "client_credentials" }),
    await create(scene, {
      type: "oauth2",
      grant: "jwt_bearer",
      subject: "robot@vendor.example",
      privateKey: robotKey,
    }),
  ];
  for (const id of [person, ...robots]) {
    await keep(me(tenant, id));
    vendor.endAccessTokens();
    await keep(me(tenant, id));
    await keep(tenant.api.post(`/api/v1/connections/${id}/test`));
    for (const what of ["", "/health", "/export", "/logs", "/metrics"])
      await keep(tenant.api.get(`/api/v1/connections/${id}${what}`));
  }
  const { promise: heldCalls, resolve: letGo } = Promise.withResolvers<void>();
  vendor.heldCalls = heldCalls;
  vendor.called.length = 0;
  const staying = [person, ...robots].map((id) =>
    tenant.api.post(`/api/v1/connections/${id}/actions/stay`, { input: { known } }),
  );
  while (vendor.called.length < 2 * staying.length) await new Promise((next) => setTimeout(next, 5));
  const during = await heapsOf(threads);
  letGo();
  for (const { body } of await Promise.all(staying)) assert.equal(body.output?.status, 200);
  const snapshots = `${during}${await heapsOf(threads)}`;

  // Vendors that say too much when they refuse: all that they were told, and what they gave out before.
  for (const status of [400, 401, 500]) {
    const said = [...vendor.secrets].join(" ");
    const body = JSON.stringify({
      error: status === 400 ? "invalid_request" : said,
      error_description: said,
      said,
    });
    vendor.endAccessTokens();
    vendor.failing = { status, body, times: 2 };
    await keep(me(tenant, person));
    const back = await begin(person);
    vendor.failing = { status, body, times: 1 };
    vendor.secrets.add(back.searchParams.get("code") ?? "");
    await open(back);
    vendor.failing.times = 0;
  }
  const back = await begin(person);
  for (const name of ["error", "error_description", "iss"])
    back.searchParams.set(name, [...vendor.secrets][0] ?? "");
  await open(back);
  await create(scene, {
    type: "oauth2",
    grant: "client_credentials",
    client: { clientId: "x", clientSecret: own },
  }).then((id) => keep(me(tenant, id)));
  await keep(
    tenant.api.patch(`/api/v1/connections/${person}`, {
      auth: { type: "oauth2", grant: "magic", client: { clientId: "x", clientSecret: own } },
    }),
  );
  await keep(tenant.api.get("/api/v1/events?limit=100"));
  await keep(host.admin.get("/api/v1/oauth-clients"));
  await keep(tenant.api.delete(`/api/v1/connections/${person}`));
  await keep(host.anonymous.get("/metrics"));

  const secrets = [
    ...vendor.secrets,
    vendorClient.clientSecret,
    own,
    ...robotKey.split("\n").filter((line) => /^[\w+/=]{20,}$/.test(line)),
  ];
  assert.ok(secrets.length > 20, `${secrets.length} secrets were about`);
  const places: [place: string, text: string][] = [
    ["an answer of the API, or a page", answers.join("\n")],
    ["the log", host.logged()],
    ["the database", await dumpOf(host.databaseUrl)],
    ["the data directory", await readFolder(host.dataDir)],
    ["the memory of a plugin's thread", snapshots],
  ];
  for (const [place, found] of places) {
    await t.test(`none is in ${place}`, () => {
      assert.ok(found.length > 100, `${place} was looked at`);
      for (const secret of secrets) {
        for (const form of formsOf(secret))
          assert.ok(!found.includes(form), `${place} holds ${secret.slice(0, 6)}… as ${form.slice(0, 4)}…`);
      }
    });
  }
  await t.test("and the search in memory would have found what is there", () => {
    assert.ok(during.includes(known));
  });
});

/**
 * In every secret, so that memory is searched for all of them at once. It and what stands before it are as long as base64
 * has groups: whatever the whole is written as, this is in it.
 */
const core = randomBytes(12).toString("hex");

const leaks = [
  {
    name: "a key in a header",
    plugin: "thief/header",
    auth: { type: "apiKey", in: "header", name: "X-Key", format: "{key}" },
    credential: { type: "apiKey", key: `header/+=${core}` },
    secrets: [`header/+=${core}`],
  },
  {
    name: "a bearer token",
    plugin: "thief/kinds",
    auth: { type: "bearer" },
    credential: { type: "bearer", token: `token/+==${core}` },
    secrets: [`token/+==${core}`],
  },
  {
    name: "a password",
    plugin: "thief/kinds",
    auth: { type: "basic" },
    credential: { type: "basic", username: "a-person", password: `password-/+=${core}` },
    secrets: [`password-/+=${core}`, Buffer.from(`a-person:password-/+=${core}`).toString("base64")],
  },
  {
    name: "a key in the query",
    plugin: "thief/kinds",
    auth: { type: "apiKey", in: "query", name: "api_key" },
    credential: { type: "apiKey", key: `query/+==${core}` },
    secrets: [`query/+==${core}`],
  },
];

/** Ends once the vendor has heard of both requests; what the first was answered is in the plugin's hands all the time. */
const stay = {
  run: `const r = await fetch("https://api.vendor.example/echo"); const told = { headers: [...r.headers], body: await r.text() };
    const { status } = await fetch("https://api.vendor.example/held"); return { told, status, known: input.known };`,
};

for (const isolation of ["thread", "process"] as const) {
  test(`nor is a credential of another kind, with plugins in a ${isolation}`, async (t) => {
    const threads = watchThreads(t);
    let seen = "";
    let waiting = 0;
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const vendor = createServer(async (request, response) => {
      seen += request.url + JSON.stringify(request.rawHeaders);
      if (request.url?.startsWith("/held")) {
        waiting++;
        await held;
      }
      response.writeHead(request.url?.startsWith("/500") ? 500 : 200, { "x-url": request.url });
      response.end(JSON.stringify([request.url, decodeURIComponent(request.url ?? ""), request.rawHeaders]));
    });
    await new Promise<void>((resolve) => vendor.listen(0, "127.0.0.1", resolve));
    t.after(() => {
      vendor.closeAllConnections();
      vendor.close();
    });
    const vendorUrl = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
    const host = await startTestHost(t, {
      egressRewrite: { "api.vendor.example": vendorUrl },
      isolation,
      sandboxLimits: leftAlone,
    });
    const publisher = await registerPublisher(host.address, "thief");
    const request = "GET https://api.vendor.example/500";
    const tenant = await host.tenant();
    const installIds = new Map<string, string>();
    for (const plugin of new Set(leaks.map((leak) => leak.plugin))) {
      const kinds = leaks.filter((leak) => leak.plugin === plugin);
      await publishTestPlugin(host.address, publisher, {
        id: plugin,
        actions: { echo: actions.echo, stay },
        permissions: { network },
        manifest: { auth: kinds.map(({ auth }) => ({ ...auth, test: { request } })) },
      });
      const { consent } = (await tenant.api.post("/api/v1/installs", { plugin })).body;
      const { body } = await tenant.api.post("/api/v1/installs", { plugin, consent });
      installIds.set(plugin, body.id);
    }

    /** @returns which of the texts the plugins hold; undefined where nobody may look */
    const inMemory = async (texts: string[]): Promise<string[] | undefined> => {
      if (isolation === "thread") {
        const heaps = await heapsOf(threads);
        return texts.filter((text) => heaps.includes(text));
      }
      const found = runnersOf().map((pid) => foundInMemory(pid, texts));
      return found.includes(undefined) ? undefined : found.flatMap((one) => one ?? []);
    };
    const forms = [...new Set(formsOf(core))];

    const answered = new Map<string, string>();
    const staying: Promise<{ status: number }>[] = [];
    for (const { name, plugin, credential, secrets } of leaks) {
      const installId = installIds.get(plugin);
      const made = await tenant.api.post("/api/v1/connections", { installId, name, auth: credential });
      const id = `/api/v1/connections/${made.body.id}`;
      staying.push(tenant.api.post(`${id}/actions/stay`, { input: { known } }));
      const tooMuch = { auth: { ...credential, extra: secrets[0] } };
      const answers = [
        made,
        await tenant.api.post(`${id}/actions/echo`, { input: {} }),
        await tenant.api.get(`${id}/proxy/echo`),
        await tenant.api.post(`${id}/test`),
        ...(await Promise.all(["", "/health", "/export"].map((what) => tenant.api.get(`${id}${what}`)))),
        await tenant.api.post(`${id}/clone`, { name }),
        await tenant.api.patch(id, tooMuch),
        await tenant.api.post("/api/v1/connections", { installId, name, ...tooMuch }),
        await tenant.api.patch(id, { auth: { ...credential, type: "oauth2", grant: "magic" } }),
        await tenant.api.patch(id, { config: { key: secrets[0] } }),
      ];
      answered.set(name, JSON.stringify(answers.map(({ body, headers }) => [body, [...headers]])));
    }
    while (waiting < leaks.length) await new Promise((next) => setTimeout(next, 5));
    const during = await inMemory([known, ...forms]);
    letGo();
    for (const { status } of await Promise.all(staying)) assert.equal(status, 200);
    // A process does not give back what it had; a thread's snapshot has only what is alive.
    const after = isolation === "thread" ? await inMemory(forms) : [];

    await t.test("it is not in the memory of the plugins, while calls are under way and after them", (t) => {
      if (during === undefined) return t.skip("this account may not read the memory of processes");
      assert.deepEqual([...new Set(during)], [known], "what is there is found, and nothing else");
      assert.deepEqual(after, []);
    });
    const shown = await Promise.all(
      ["/api/v1/events?limit=100", "/api/v1/connections"].map((what) => tenant.api.get(what)),
    );
    const { items } = shown[1]?.body ?? {};
    for (const { id } of items)
      for (const what of ["logs", "metrics"])
        shown.push(await tenant.api.get(`/api/v1/connections/${id}/${what}`));
    shown.push(await host.anonymous.get("/metrics"));
    const everywhere = [
      host.logged(),
      await dumpOf(host.databaseUrl),
      await readFolder(host.dataDir),
      JSON.stringify(shown.map(({ body }) => body)),
    ];
    for (const { name, secrets } of leaks) {
      await t.test(name, () => {
        const sent = secrets.flatMap(formsOf).filter((form) => seen.includes(form));
        assert.ok(sent.length > 0, "the vendor got it");
        for (const form of secrets.flatMap(formsOf))
          for (const place of [answered.get(name) ?? "", ...everywhere])
            assert.ok(!place.includes(form), form);
      });
    }
  });
}
