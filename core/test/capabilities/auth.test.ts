import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, test } from "node:test";
import type { EgressConnection } from "../../kernel/capabilities/index.ts";
import {
  grantOf,
  key,
  openPlugin,
  type PluginOptions,
  pluginOf,
  secret,
  startVendor,
  textOf,
  vendorUrl,
} from "./harness.ts";

type Auth = EgressConnection["auth"];
type Credential = Awaited<ReturnType<EgressConnection["credential"]>>;

function connected(auth: Auth, credential: Credential) {
  return { connection: { auth, credential: async () => credential } };
}

const basic = (username: string, password: string) =>
  connected({ type: "basic" }, { type: "basic", username, password });

describe("the host adds the credential as the manifest declares it:", () => {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const cases: [string, Auth, Credential, string, string][] = [
    [
      "an API key in a header",
      { type: "apiKey", in: "header", name: "X-Api-Key" },
      { type: "apiKey", key },
      "x-api-key",
      key,
    ],
    [
      "an API key in a format",
      { type: "apiKey", in: "header", name: "Authorization", format: "Token token={key}" },
      { type: "apiKey", key: "k3y$&$1$$_live" },
      "authorization",
      "Token token=k3y$&$1$$_live",
    ],
    ["a bearer token", { type: "bearer" }, { type: "bearer", token: key }, "authorization", `Bearer ${key}`],
    [
      "a user name and a password, in UTF-8",
      { type: "basic" },
      { type: "basic", username: "jörg", password: secret },
      "authorization",
      `Basic ${base64(`jörg:${secret}`)}`,
    ],
    [
      "a key as the user name, without a password",
      { type: "basic" },
      { type: "basic", username: key, password: "" },
      "authorization",
      `Basic ${base64(`${key}:`)}`,
    ],
  ];
  for (const [what, auth, credential, name, value] of cases) {
    test(what, async (t) => {
      const vendor = await startVendor(t);
      await pluginOf(t, vendor, connected(auth, credential)).fetch();
      assert.equal(vendor.requests[0]?.headers[name], value);
    });
  }

  test("an API key in the query, with the rest of the query untouched", async (t) => {
    const vendor = await startVendor(t);
    const auth = { type: "apiKey", in: "query", name: "api key" } as const;
    const plugin = pluginOf(t, vendor, connected(auth, { type: "apiKey", key: secret }));
    const reply = await plugin.fetch({ url: `${vendorUrl}/a?x=1+2%203&x=ä&flag&y=` });
    await plugin.fetch();
    const added = `api%20key=${encodeURIComponent(secret)}`;
    assert.deepEqual(
      vendor.requests.map(({ url }) => url),
      [`/a?x=1+2%203&x=%C3%A4&flag&y=&${added}`, `/?${added}`],
    );
    assert.equal(reply.url, `${vendorUrl}/a?x=1+2%203&x=%C3%A4&flag&y=`, "the plugin sees its own URL");
  });

  test("nothing, where the plugin declares no auth", async (t) => {
    const vendor = await startVendor(t);
    const plugin = pluginOf(t, vendor, { connection: { auth: undefined } });
    await plugin.fetch();
    assert.equal(plugin.credentialsOpened, 0);
    assert.equal(vendor.requests[0]?.headers.authorization, undefined);
  });
});

describe("a host that is to be called without the credential gets none:", () => {
  const files = "files.vendor.test";
  const network: NonNullable<PluginOptions["network"]> = [
    ...grantOf("api.vendor.test"),
    { hosts: [files], methods: ["GET"], paths: ["/public/*"], credential: false, reason: "test" },
    // A manifest that says both is refused; should one come through, the answer is no.
    { hosts: [files], methods: ["POST"], reason: "test" },
  ];

  async function vendorOfBoth(t: Parameters<typeof startVendor>[0], auth?: Auth) {
    const vendor = await startVendor(t, (_, response, { url }) => {
      if (url === "/away") response.writeHead(307, { location: `https://${files}/public/a` });
      if (url === "/public/back") response.writeHead(302, { location: `${vendorUrl}/home` });
      response.end();
    });
    const rewrite = { "api.vendor.test": vendor.origin, [files]: vendor.origin };
    return { vendor, plugin: openPlugin(t, { network, rewrite, ...(auth && { connection: { auth } }) }) };
  }

  for (const auth of [
    { type: "apiKey", in: "header", name: "X-Api-Key" },
    { type: "apiKey", in: "query", name: "api_key" },
  ] as const) {
    test(`in the ${auth.in}`, async (t) => {
      const { vendor, plugin } = await vendorOfBoth(t, auth);
      await plugin.fetch({ url: `https://${files}/public/a` });
      await plugin.fetch({ url: `https://${files}/public/a`, method: "POST" });
      assert.equal(plugin.credentialsOpened, 0);
      assert.doesNotMatch(JSON.stringify(vendor.requests), /k3y/);
      await plugin.fetch();
      assert.match(JSON.stringify(vendor.requests), /k3y/, "the vendor's own host gets it");
    });
  }

  test("over redirects there and back", async (t) => {
    const { vendor, plugin } = await vendorOfBoth(t);
    await plugin.fetch({ url: `${vendorUrl}/away` });
    await plugin.fetch({ url: `https://${files}/public/back` });
    assert.deepEqual(
      vendor.requests.map(({ url, headers }) => [url, headers["x-api-key"]]),
      [
        ["/away", key],
        ["/public/a", undefined],
        ["/public/back", undefined],
        ["/home", undefined],
      ],
    );
  });
});

describe("a plugin cannot put its own in the credential's place:", () => {
  test("in the header", async (t) => {
    const vendor = await startVendor(t);
    await pluginOf(t, vendor).fetch({
      headers: [
        ["X-API-KEY", "mine"],
        ["x-api-key", "mine too"],
      ],
    });
    const { rawHeaders, headers } = vendor.requests[0] ?? assert.fail();
    assert.equal(headers["x-api-key"], key);
    assert.equal(rawHeaders.filter((name) => name.toLowerCase() === "x-api-key").length, 1);
  });

  test("in `authorization`, even where the key goes elsewhere", async (t) => {
    const vendor = await startVendor(t);
    await pluginOf(t, vendor).fetch({ headers: [["Authorization", "Bearer another account's"]] });
    assert.equal(vendor.requests[0]?.headers.authorization, undefined);
  });

  test("in the query", async (t) => {
    const vendor = await startVendor(t);
    const auth = { type: "apiKey", in: "query", name: "api_key" } as const;
    await pluginOf(t, vendor, connected(auth, { type: "apiKey", key: "k3y_live_42" })).fetch({
      url: `${vendorUrl}/?api_key=mine&a=1&api%5Fkey=mine&b=2&api_key`,
    });
    assert.equal(vendor.requests[0]?.url, "/?a=1&b=2&api_key=k3y_live_42");
  });
});

describe("a credential that cannot be used stops the request, and is not quoted:", () => {
  const cases: [string, ReturnType<typeof connected>][] = [
    ["it does not fit the declaration", connected({ type: "bearer" }, { type: "apiKey", key })],
    [
      "it is too short to be kept secret",
      connected({ type: "bearer" }, { type: "bearer", token: "tiny-42" }),
    ],
    ["its password is too short", basic("administrator", "tiny-42")],
    ["its user name is the key, and too short", basic("tiny-42", "")],
    ["its user name holds a colon", basic("tiny:42-tiny:42", key)],
    [
      "it holds a line break",
      connected({ type: "bearer" }, { type: "bearer", token: "tiny-42-tiny\r\nX-Evil: 1" }),
    ],
    [
      "it holds letters that no header carries",
      connected({ type: "bearer" }, { type: "bearer", token: "tiny-42-tiny-42-€" }),
    ],
    ["it is no text", connected({ type: "bearer" }, { type: "bearer", token: "tiny-42-tiny-42-\ud800" })],
  ];
  for (const [what, options] of cases) {
    test(what, async (t) => {
      const vendor = await startVendor(t);
      const plugin = pluginOf(t, vendor, options);
      await assert.rejects(plugin.fetch(), (error: Error & { code: string }) => {
        assert.equal(error.code, "fetch-credential-unusable");
        assert.doesNotMatch(error.message, /tiny/);
        return true;
      });
      assert.doesNotMatch(plugin.logged(), /tiny/);
      assert.equal(vendor.requests.length, 0);
    });
  }

  test("it does not open", async (t) => {
    const plugin = openPlugin(t, {
      resolve: async () => ["93.184.216.34"],
      connection: {
        credential: async () => {
          throw new Error("the master key has changed");
        },
      },
    });
    await assert.rejects(plugin.fetch(), {
      code: "fetch-credential-unusable",
      message: "The connection's credential could not be opened by the host.",
    });
    assert.match(plugin.logged(), /the master key has changed/, "the operator learns why");
  });
});

test("a credential is opened once for a request, its redirects and retries", async (t) => {
  const vendor = await startVendor(t, (_, response, { url }) => {
    if (url === "/") response.writeHead(302, { location: "/next" });
    response.end();
  });
  const plugin = pluginOf(t, vendor);
  await plugin.fetch();
  assert.deepEqual([vendor.requests.length, plugin.credentialsOpened], [2, 1]);
});

test("two tenants' connections on one broker send their own credentials, each over sockets of its own", async (t) => {
  const sockets: unknown[] = [];
  const vendor = await startVendor(t, (request, response, { headers }) => {
    sockets.push(request.socket);
    response.end(`seen ${headers["x-tag"]}`);
  });
  const plugin = pluginOf(t, vendor);
  const [one, two] = ["one", "two"].map((name) =>
    plugin.over({
      id: name,
      tenantId: name,
      auth: { type: "bearer" },
      credential: async () => ({ type: "bearer", token: `token-of-${name}` }),
    }),
  );
  for (const tag of ["1", "2", "3"]) {
    await one?.fetch({ headers: [["x-tag", tag]] });
    await two?.fetch({ headers: [["x-tag", tag]] });
  }
  assert.deepEqual(
    vendor.requests.map(({ headers }) => `${headers["x-tag"]} ${headers.authorization}`),
    ["1", "2", "3"].flatMap((tag) => [`${tag} Bearer token-of-one`, `${tag} Bearer token-of-two`]),
  );
  assert.equal(vendor.sockets, 2);
  assert.equal(new Set(sockets.filter((_, i) => i % 2 === 0)).size, 1, "one's alone");
});

test("what a vendor says too late on one tenant's socket is no answer to another tenant", async (t) => {
  const first = Promise.withResolvers<Socket>();
  const vendor = await startVendor(t, (request, response) => {
    first.resolve(request.socket);
    response.end("answer");
  });
  const plugin = pluginOf(t, vendor);
  await plugin.over({ id: "one", tenantId: "one" }).fetch();
  const poisoned = await first.promise;
  poisoned.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
  assert.equal(textOf(await plugin.over({ id: "two", tenantId: "two" }).fetch()), "answer");
});
