import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { createRegistryClient, RegistryProblem, RegistryUnavailable } from "@plugboard/registry/client";

/** Something that answers over HTTP, as told. */
async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function unavailable(request: Promise<unknown>): Promise<RegistryUnavailable> {
  const error = await request.then(
    () => assert.fail("The request should have failed."),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof RegistryUnavailable, String(error));
  return error;
}

test("a registry that does not listen is unavailable", async (t) => {
  const url = await serve(t, () => {});
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");

  const { message } = await unavailable(
    createRegistryClient({ baseUrl: `http://127.0.0.1:${port}` }).getRoot(),
  );

  assert.match(message, /ECONNREFUSED/);
  assert.ok(url);
});

test("a registry that does not answer in time is unavailable", async (t) => {
  const client = createRegistryClient({ baseUrl: await serve(t, () => {}), timeoutMs: 50 });

  const { message } = await unavailable(client.getRoot());

  assert.match(message, /took too long/);
});

test("a registry that hangs up, redirects, or answers as another service does is unavailable", async (t) => {
  const answers: RequestListener[] = [
    (_, response) => response.socket?.destroy(),
    (_, response) => response.writeHead(302, { location: "https://example.com/" }).end(),
    (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
    (_, response) => response.end(JSON.stringify({ version: "one", keys: [] })),
    (_, response) => response.writeHead(500).end("Internal Server Error"),
    (_, response) => response.writeHead(502).end("Bad Gateway"),
  ];

  for (const answer of answers) {
    const client = createRegistryClient({ baseUrl: await serve(t, answer) });
    await unavailable(client.getRoot());
  }
});

test("an answer that never ends is not read to its end", async (t) => {
  const url = await serve(t, (_, response) => {
    const piece = Buffer.alloc(1024 * 1024, "x");
    const more = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on("drain", more);
    more();
  });
  const client = createRegistryClient({ baseUrl: url });

  assert.match((await unavailable(client.getRoot())).message, /more than \d+ bytes/);
  assert.match((await unavailable(client.getTarball("acme/echo", "1.0.0"))).message, /more than \d+ bytes/);
});

test("a refusal keeps its code, its status and what else it says", async (t) => {
  const problem = {
    type: "/docs/errors#x",
    title: "X",
    status: 409,
    code: "consent-required",
    detail: "Ask.",
    consent: "abc",
  };
  const url = await serve(t, (_, response) => {
    response.writeHead(409, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
  });

  const error = await createRegistryClient({ baseUrl: url })
    .createInstall("tnt_a", { plugin: "acme/echo" })
    .catch((thrown: unknown) => thrown);

  assert.ok(error instanceof RegistryProblem);
  assert.deepEqual([error.code, error.status, error.detail], ["consent-required", 409, "Ask."]);
  assert.equal(error.members.consent, "abc");
});

test("a registry that says it is shutting down is unavailable, for the reason it gives", async (t) => {
  const problem = { status: 503, code: "shutting-down", detail: "Another one will answer." };
  const url = await serve(t, (_, response) => {
    response.writeHead(503, { "content-type": "application/problem+json" }).end(JSON.stringify(problem));
  });

  const { cause, message } = await unavailable(createRegistryClient({ baseUrl: url }).getRoot());

  assert.match(message, /Another one will answer/);
  assert.ok(cause instanceof RegistryProblem && cause.code === "shutting-down");
});

test("the host token goes to the host's routes alone, and what is asked for stays one part of the path", async (t) => {
  const seen: { url: string | undefined; authorization: string | undefined }[] = [];
  const url = await serve(t, (request, response) => {
    seen.push({ url: request.url, authorization: request.headers.authorization });
    response.end("{}");
  });
  const client = createRegistryClient({ baseUrl: `${url}/`, hostToken: "secret" });

  await unavailable(client.getPlugin("acme/echo/../../tenants"));
  await unavailable(client.getVersion("acme/echo", "1.0.0?x=1#y"));
  await unavailable(client.createInstall("tnt a", { plugin: "acme/echo" }));
  await assert.rejects(() => client.getVersion("acme/echo", ".."), RegistryProblem);

  assert.deepEqual(seen, [
    { url: "/registry/v1/plugins/acme/echo%2F..%2F..%2Ftenants", authorization: undefined },
    { url: "/registry/v1/plugins/acme/echo/1.0.0%3Fx%3D1%23y", authorization: undefined },
    { url: "/registry/v1/tenants/tnt%20a/installs", authorization: "Bearer secret" },
  ]);
});
