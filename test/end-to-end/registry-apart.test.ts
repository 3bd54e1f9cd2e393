/** A registry on a machine of its own: needed when something changes, and never for what is installed. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, connect as connectTo, createServer, type Socket } from "node:net";
import path from "node:path";
import test, { type TestContext } from "node:test";
import { createTestApi } from "../support/api.ts";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";
import {
  hostToken,
  operatorToken,
  startTamperingProxy,
  startTestRegistry,
  type Tamper,
} from "../support/registry.ts";

const echo = { echo: { run: "return input;" } };
const flip = (body: Buffer) => {
  const copy = Buffer.from(body);
  copy.writeUInt8(copy.readUInt8(copy.length >> 1) ^ 1, copy.length >> 1);
  return copy;
};

test("a badge that is withdrawn counts at the next start, and as it was while the registry is down", {
  timeout: 120_000,
}, async (t) => {
  const registry = await startTestRegistry(t);
  const host = await startTestHost(t, {
    isolation: "thread",
    registry: { url: registry.address, token: hostToken },
  });
  const publisher = await registerPublisher(registry.address, "acme");
  const operator = createTestApi(registry.address, operatorToken);
  const vouch = async (verified: boolean) => {
    const { status } = await operator.send("PUT", "/registry/v1/publishers/acme/verification", {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ verified, reason: "Whoever it is." }),
    });
    assert.ok(status < 300, String(status));
  };
  await vouch(true);
  await publishTestPlugin(registry.address, publisher, { id: "acme/echo", actions: echo });
  const tenant = await host.tenant();
  const { connectionId } = await connect(tenant, "acme/echo");
  const call = (api = tenant.api) =>
    api.post(`/api/v1/connections/${connectionId}/actions/echo`, { input: { n: 1 } });
  const restartAndCall = async () => (await call(createTestApi(await host.restart(), tenant.key))).status;
  const isVouchedFor = async () => {
    const directory = path.join(host.dataDir, "releases");
    const [file = ""] = (await readdir(directory)).filter((name) => name.endsWith(".signatures.json"));
    const { delegation } = JSON.parse(await readFile(path.join(directory, file), "utf8"));
    return JSON.parse(Buffer.from(delegation.split(".")[1], "base64url").toString()).verified === true;
  };
  assert.equal((await call()).status, 200);
  assert.equal(await isVouchedFor(), true);

  await vouch(false);
  assert.equal(await restartAndCall(), 200);
  assert.equal(await isVouchedFor(), false);

  await registry.stop();
  assert.equal(await restartAndCall(), 200);
});

/** Stands before the registry, and has whoever asks wait for ever once it holds; `asked` is when somebody did. */
async function startGate(t: TestContext, address: string) {
  const sockets = new Set<Socket>();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const gate = { holds: false, url: "", asked };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("data", () => void (gate.holds && resolve()));
    if (gate.holds) return;
    const { hostname, port } = new URL(address);
    const registry = connectTo(Number(port), hostname);
    sockets.add(registry);
    registry.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    socket.on("data", (chunk) => gate.holds || registry.write(chunk)).on("close", () => registry.destroy());
    registry.on("data", (chunk) => gate.holds || socket.write(chunk));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  gate.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return gate;
}

test("what is installed runs on, and starts again, while the registry does not answer or is down", async (t) => {
  const registry = await startTestRegistry(t);
  const gate = await startGate(t, registry.address);
  const host = await startTestHost(t, { isolation: "thread", registry: { url: gate.url, token: hostToken } });
  const publisher = await registerPublisher(registry.address, "acme");
  await publishTestPlugin(registry.address, publisher, { id: "acme/echo", actions: echo });
  const tenant = await host.tenant();
  const { connectionId } = await connect(tenant, "acme/echo");
  const action = `/api/v1/connections/${connectionId}/actions/echo`;

  gate.holds = true;
  assert.deepEqual((await tenant.api.post(action, { input: { n: 1 } })).body.output, { n: 1 });
  const meanwhile = createTestApi(await host.restart(), tenant.key);
  assert.deepEqual((await meanwhile.post(action, { input: { n: 2 } })).body.output, { n: 2 });
  await gate.asked;

  gate.holds = false;
  await registry.stop();
  assert.deepEqual((await meanwhile.post(action, { input: { n: 3 } })).body.output, { n: 3 });
  const api = createTestApi(await host.restart(), tenant.key);
  assert.deepEqual((await api.post(action, { input: { n: 4 } })).body.output, { n: 4 });
  const health = await api.get("/api/v1/health");
  assert.deepEqual({ http: health.status, status: health.body.status }, { http: 200, status: "degraded" });
  for (const answer of [
    await api.get("/api/v1/marketplace/plugins"),
    await api.post("/api/v1/installs", { plugin: "acme/echo" }),
  ]) {
    assert.deepEqual(
      { status: answer.status, code: answer.body.code },
      { status: 503, code: "registry-unavailable" },
    );
  }
  assert.match(
    host.logged(),
    /"level":"warn".*the registry does not answer/,
    "the operator was told at the start",
  );
});

test("whoever sits between host and registry gets nothing installed but what was signed", async (t) => {
  const registry = await startTestRegistry(t);
  const publisher = await registerPublisher(registry.address, "acme");
  await publishTestPlugin(registry.address, publisher, { id: "acme/echo", actions: echo });
  await publishTestPlugin(registry.address, publisher, { id: "acme/echo", version: "1.0.1", actions: echo });
  const proxy = await startTamperingProxy(t, registry.address);
  const host = await startTestHost(t, {
    isolation: "thread",
    registry: { url: proxy.address, token: hostToken },
  });
  const tenant = await host.tenant();
  const asked = await tenant.api.post("/api/v1/installs", { plugin: "acme/echo", range: "1.0.0" });
  const request = { plugin: "acme/echo", range: "1.0.0", consent: asked.body.consent };
  const another = await fetch(`${registry.address}/registry/v1/plugins/acme/echo/1.0.1/tarball`);
  const anotherTarball = Buffer.from(await another.arrayBuffer());
  const signaturesOf = async (version: string) =>
    Buffer.from(
      await (
        await fetch(`${registry.address}/registry/v1/plugins/acme/echo/${version}/signatures`)
      ).arrayBuffer(),
    );
  const anotherSignatures = await signaturesOf("1.0.1");

  const attacks: [what: string, tamper: Tamper][] = [
    ["a byte of the tarball is flipped", (url, body) => (url.endsWith("/tarball") ? flip(body) : body)],
    ["the tarball is cut short", (url, body) => (url.endsWith("/tarball") ? body.subarray(0, -20) : body)],
    [
      "another version's tarball is handed out",
      (url, body) => (url.endsWith("/tarball") ? anotherTarball : body),
    ],
    [
      "another version is handed out whole, with its own good signatures",
      (url, body) =>
        url.endsWith("/tarball") ? anotherTarball : url.endsWith("/signatures") ? anotherSignatures : body,
    ],
    [
      "the receipt is somebody else's word",
      (url, body) =>
        url.endsWith("/installs")
          ? Buffer.from(body.toString().replace(/("receipt":"[^"]{40})./, "$1A"))
          : body,
    ],
    [
      "the answer names another version than the receipt",
      (url, body) =>
        url.endsWith("/installs")
          ? Buffer.from(body.toString().replace('"version":"1.0.0"', '"version":"1.0.1"'))
          : body,
    ],
  ];
  for (const [what, tamper] of attacks) {
    await t.test(what, async () => {
      proxy.tamper = tamper;
      const answer = await tenant.api.post("/api/v1/installs", request);
      assert.equal(answer.body.code, "release-not-trusted", JSON.stringify(answer.body));
      proxy.tamper = (_, body) => body;
      assert.deepEqual((await tenant.api.get("/api/v1/installs")).body.items, []);
    });
  }

  await t.test("untouched, it installs", async () => {
    assert.equal((await tenant.api.post("/api/v1/installs", request)).status, 201);
  });

  await t.test(
    "a local copy that was altered on disk is not run: the registry's is fetched again",
    async () => {
      const { id } = (await tenant.api.get("/api/v1/installs")).body.items[0];
      const auth = { type: "apiKey", key: "some-key-0123456789" };
      const connection = await tenant.api.post("/api/v1/connections", { installId: id, name: "x", auth });
      const folder = path.join(host.dataDir, "releases");
      const tarballs = (await readdir(folder)).filter((file) => file.endsWith(".tgz"));
      assert.ok(tarballs.length > 0);
      for (const file of tarballs)
        await writeFile(path.join(folder, file), flip(await readFile(path.join(folder, file))));
      const api = createTestApi(await host.restart(), tenant.key);
      proxy.requests.length = 0;
      const answer = await api.post(`/api/v1/connections/${connection.body.id}/actions/echo`, {
        input: { n: 3 },
      });
      assert.deepEqual(answer.body.output, { n: 3 });
      assert.ok(
        proxy.requests.some((line) => line.endsWith("/1.0.0/tarball")),
        proxy.requests.join(),
      );
    },
  );
});
