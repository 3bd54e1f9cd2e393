/** From the packed SDK alone, outside the repository: each template from `init` to a tenant that calls it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { before, type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { installPackedSdk, strangersEnv } from "../../plugin-sdk/test/packed/index.ts";
import { startTestHost, type TestTenant } from "../support/host.ts";
import { authorize, publicUrl, putClient, registeredClient } from "../support/oauth-scene.ts";
import { issuer, startOAuthVendor } from "../support/oauth-vendor.ts";

const run = promisify(execFile);

const description = {
  openapi: "3.0.3",
  info: { title: "Items", version: "1" },
  servers: [{ url: "https://api.shop.test/v1" }],
  security: [{ key: [] }],
  paths: {
    "/items/{id}": {
      get: {
        operationId: "getItem",
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        responses: {
          200: {
            description: "ok",
            content: { "application/json": { schema: { $ref: "#/components/schemas/Item" } } },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      Item: {
        type: "object",
        required: ["id"],
        properties: { id: { type: "string" }, name: { type: "string" } },
      },
    },
    securitySchemes: { key: { type: "apiKey", in: "header", name: "Authorization" } },
  },
};

/** What each template's vendor answers, and what its action then answers. */
const templates: {
  name: string;
  init: string[];
  action: string;
  input: object;
  path: string;
  reply: object;
  output: object;
}[] = [
  {
    name: "lamps",
    init: ["--template", "rest-api-key"],
    action: "get-item",
    input: { id: "1" },
    path: "GET /v1/items/1",
    reply: { id: "1", name: "Lamp" },
    output: { id: "1", name: "Lamp" },
  },
  {
    name: "orders",
    init: ["--template", "webhooks"],
    action: "get-order",
    input: { id: "42" },
    path: "GET /v1/orders/42",
    reply: { id: "42", total: 1250, currency: "EUR" },
    output: { id: "42", total: 1250, currency: "EUR" },
  },
  {
    name: "products",
    init: ["--template", "graphql"],
    action: "get-product",
    input: { id: "7" },
    path: "POST /graphql",
    reply: { data: { product: { id: "7", name: "Chair" } } },
    output: { id: "7", name: "Chair" },
  },
  {
    name: "described",
    init: ["--from-openapi", "openapi.json"],
    action: "get-item",
    input: { id: "9" },
    path: "GET /v1/items/9",
    reply: { id: "9", name: "Table" },
    output: { id: "9", name: "Table" },
  },
];

let author: Author;

before(async () => {
  author = await createAuthor();
  return async () => author.remove();
});

// Some thirty processes one after the other: on a busy machine that takes its time.
const timeout = 600_000;

test("each template is made, tested, checked, built, published, installed and called", {
  timeout,
}, async (t) => {
  const vendor = await openVendor(t);
  const ada = { id: "1", email: "ada@example.com", updatedAt: "2026-01-31T12:00:00Z" };
  const oauth = await startOAuthVendor(t, {
    redirectUris: [`${publicUrl}/oauth/callback/acme/contacts`],
    answer: ({ url = "" }) => (url.startsWith("/v1/contacts/") ? ada : { contacts: [ada], next: null }),
  });
  const egressRewrite = { "api.shop.test": vendor.url, ...oauth.rewrite };
  const host = await startTestHost(t, { egressRewrite, publicUrl });
  const tenant = await host.tenant();
  for (const { name, init } of templates)
    await author.plugboard("init", `acme/${name}`, ...init, ...apiHost(init));
  await author.plugboard("init", "acme/contacts", "--template", "rest-oauth2", "--api-host", oauthApi);
  const names = [...templates.map(({ name }) => name), "contacts"];

  await t.test("they depend on the tarball that is installed here", async () => {
    for (const name of names) {
      const { devDependencies } = JSON.parse(
        await readFile(join(author.folder, name, "package.json"), "utf8"),
      );
      assert.match(devDependencies["@plugboard/plugin-sdk"], /^file:.*plugboard-plugin-sdk-.*\.tgz$/);
    }
  });
  await t.test("their tests pass, and their types are right", async () => {
    await author.exec("node", "--test", ...names.map((name) => `${name}/test/*.test.ts`));
    const tsconfig = JSON.parse(await readFile(join(author.folder, "contacts", "tsconfig.json"), "utf8"));
    const include = names.map((name) => `${name}/**/*.ts`);
    await writeFile(join(author.folder, "tsconfig.json"), JSON.stringify({ ...tsconfig, include }));
    await author.exec("tsc", "--project", ".");
  });
  await author.plugboard("keys", "create", "acme");
  for (const { name, action, input, path, reply, output } of templates) {
    await t.test(name, async () => {
      await author.plugboard("check", name, "--strict");
      const built = await author.plugboard("build", name);
      assert.ok(built.codeSize < 30_000, `${built.codeSize} bytes`);
      await author.plugboard("publish", built.tarball, "--registry", host.address, "--register");

      vendor.replies.set(path, reply);
      const connectionId = await connectTo(tenant, `acme/${name}`);
      const called = await tenant.api.post(`/api/v1/connections/${connectionId}/actions/${action}`, {
        input,
      });
      assert.equal(called.status, 200, JSON.stringify(called.body));
      assert.deepEqual(called.body.output, output);
      assert.match(vendor.authorized.get(path) ?? "", /key-of-the-tests/);
    });
  }
  await t.test("contacts, whose vendor's authorization server its author names in plugin.json", async () => {
    const path = join(author.folder, "contacts", "plugin.json");
    const manifest = JSON.parse(await readFile(path, "utf8"));
    manifest.permissions.network[1] = {
      ...manifest.permissions.network[1],
      hosts: [new URL(issuer).host],
      paths: ["/auth", "/token"],
    };
    const urls = { authorizationUrl: `${issuer}/auth`, tokenUrl: `${issuer}/token` };
    Object.assign(manifest.auth[0], urls, { scopes: ["openid", "records"] });
    await writeFile(path, JSON.stringify(manifest, null, 2));
    await author.plugboard("check", "contacts", "--strict");
    const { tarball } = await author.plugboard("build", "contacts");
    await author.plugboard("publish", tarball, "--registry", host.address, "--register");

    const client = { ...registeredClient, grants: ["authorization_code"] };
    assert.equal((await putClient(host, client, "acme/contacts")).status, 200);
    const connectionId = await connectTo(tenant, "acme/contacts", {
      type: "oauth2",
      grant: "authorization_code",
    });
    assert.equal((await authorize({ vendor: oauth, tenant, host }, connectionId)).status, 200);
    const at = `/api/v1/connections/${connectionId}`;
    const input = { email: ada.email };
    const called = await tenant.api.post(`${at}/actions/find-contact`, { input });
    assert.deepEqual(called.body.output, ada, JSON.stringify(called.body));
    assert.deepEqual((await tenant.api.get(`${at}/entities/contact`)).body.items, [ada]);
    assert.deepEqual((await tenant.api.get(`${at}/entities/contact/1`)).body, ada);
    assert.deepEqual(oauth.asked, ["authorization_code"]);
  });
  await t.test("a template with OAuth 2, built in two places, is the same bytes", async () => {
    await cp(join(author.folder, "contacts"), join(author.folder, "elsewhere", "copy"), { recursive: true });
    const here = await author.plugboard("build", "contacts");
    const there = await author.plugboard("build", "elsewhere/copy");
    assert.ok((await readFile(here.tarball)).equals(await readFile(there.tarball)));
  });
});

const oauthApi = "api.vendor.example";

const apiHost = (init: string[]): string[] =>
  init[0] === "--template" ? ["--api-host", "api.shop.test"] : [];

/** Webhooks and GraphQL take a bearer token, the others a key. */
async function connectTo(tenant: TestTenant, plugin: string, given?: object): Promise<string> {
  const asked = await tenant.api.post("/api/v1/installs", { plugin });
  const installed = await tenant.api.post("/api/v1/installs", { plugin, consent: asked.body.consent });
  assert.equal(installed.status, 201, JSON.stringify(installed.body));
  const secret = "key-of-the-tests-0123456789";
  const token = { type: "bearer", token: secret };
  const auth = given ?? (/orders|products/.test(plugin) ? token : { type: "apiKey", key: secret });
  const connection = await tenant.api.post("/api/v1/connections", {
    installId: installed.body.id,
    name: plugin,
    auth,
  });
  assert.equal(connection.status, 201, JSON.stringify(connection.body));
  return connection.body.id;
}

/** A vendor that answers what it was told to, to whoever shows a credential. */
async function openVendor(t: TestContext) {
  const replies = new Map<string, object>();
  const authorized = new Map<string, string>();
  const server = createServer((request, reply) => {
    const line = `${request.method} ${request.url?.replace(/\?.*$/, "")}`;
    authorized.set(line, request.headers.authorization ?? "");
    const answer = replies.get(line);
    reply.writeHead(answer ? 200 : 404, { "content-type": "application/json" });
    reply.end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, replies, authorized };
}

interface Author {
  folder: string;
  exec(...command: string[]): Promise<string>;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on whatever the command printed
  plugboard(...args: string[]): Promise<any>;
  remove(): Promise<void>;
}

/** An empty folder with the SDK in it as npm would publish it: one install for all plugins below it. */
async function createAuthor(): Promise<Author> {
  const folder = await mkdtemp(join(tmpdir(), "plugboard-authoring-"));
  const stranger = strangersEnv();
  const env = {
    ...stranger,
    PATH: [join(folder, "node_modules", ".bin"), stranger.PATH].join(delimiter),
    PLUGBOARD_HOME: join(folder, "home"),
    PLUGBOARD_KEY_PASSPHRASE: "a passphrase for the tests",
  };
  const exec = async (...[name = "", ...args]: string[]) => {
    try {
      return (await run(name, args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 })).stdout;
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      throw new Error(`${name} ${args.join(" ")}: ${stdout}${stderr}`, { cause: error });
    }
  };
  await installPackedSdk(folder);
  await writeFile(join(folder, "openapi.json"), JSON.stringify(description));
  return {
    folder,
    exec,
    plugboard: async (...args) => JSON.parse(await exec("plugboard", ...args, "--json")),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
