import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import type { Json } from "../../author/index.ts";
import { packPlugin } from "../../cli/index.ts";
import { type GeneratedPlugin, generatePlugin } from "../../openapi/index.ts";
import { createTestHost } from "../../testing/index.ts";
import { openDescribedVendor } from "./described-vendor.ts";
import { readDescription, textOf, writePlugins } from "./project.ts";

const run = promisify(execFile);
const repository = join(import.meta.dirname, "..", "..", "..");

const github = await readDescription("github");
const stripe = await readDescription("stripe");
const digitalocean = await readDescription("digitalocean");

function choose(
  document: typeof github,
  selection: { tags?: string[]; paths?: string[]; operations?: string[] },
): GeneratedPlugin {
  return generatePlugin(document, { id: "acme/made", displayName: "Made", selection });
}

let plugins: { [name: string]: GeneratedPlugin };
let root: string;

before(async (t) => {
  plugins = {
    github: choose(github, {
      paths: ["/repos/*/*/issues/**"],
      operations: ["repos/get-content", "gists/create"],
    }),
    stripe: choose(stripe, {
      paths: ["/v1/customers", "/v1/customers/*"],
      operations: ["PostPaymentIntents", "PostFiles"],
    }),
    digitalocean: choose(digitalocean, { tags: ["Droplets", "SSH Keys"] }),
  };
  // biome-ignore lint/suspicious/noExplicitAny: the context of a hook has `after` as that of a test has
  root = await writePlugins(t as any, plugins);
});

test("a description with more operations than a plugin should have is refused, with what there is", () => {
  assert.throws(
    () => choose(github, {}),
    (error: { code?: string; message?: string; details?: string[] }) => {
      assert.equal(error.code, "operations-too-many");
      assert.match(error.message ?? "", /These are 1223 operations/);
      assert.deepEqual(error.details?.slice(0, 3), ["repos: 204", "actions: 187", "orgs: 111"]);
      return true;
    },
  );
});

test("what is made of large descriptions type-checks, is formatted, and builds as it is", async () => {
  const tsconfig = JSON.parse(
    await readFile(join(repository, "plugin-sdk/cli/templates/common/tsconfig.json"), "utf8"),
  );
  tsconfig.compilerOptions.customConditions = ["@plugboard/source"];
  // The SDK's own sources are checked elsewhere, under their own settings.
  tsconfig.include = ["*/index.ts"];
  await writeFile(join(root, "tsconfig.json"), JSON.stringify(tsconfig));
  await run(join(repository, "node_modules/.bin/tsc"), ["--project", root], { cwd: root });
  const biome = JSON.parse(await readFile(join(repository, "biome.json"), "utf8"));
  await writeFile(
    join(root, "biome.json"),
    JSON.stringify({ formatter: biome.formatter, javascript: biome.javascript, json: biome.json }),
  );
  const sources = Object.entries(plugins).flatMap(([name, { files }]) =>
    files.filter(({ path }) => !path.endsWith(".md")).map(({ path }) => `${name}/${path}`),
  );
  await run(join(repository, "node_modules/.bin/biome"), ["format", ...sources], {
    cwd: root,
  });
  for (const name of Object.keys(plugins)) {
    const built = await packPlugin({ directory: join(root, name) });
    assert.deepEqual(built.warnings, []);
    assert.deepEqual(
      Object.keys(built.manifest.contributes?.actions ?? {}).length,
      plugins[name]?.actions.length,
    );
  }
});

test("names, files and permissions follow from what was chosen", () => {
  const { manifest, actions, files } = plugins.stripe ?? assert.fail();
  assert.deepEqual(actions.slice(0, 2), ["get-customers", "post-customers"]);
  assert.ok(files.some(({ path }) => path === "actions/customers.ts"));
  assert.deepEqual(manifest.permissions.network?.[0], {
    hosts: ["api.stripe.com"],
    methods: ["GET", "POST", "DELETE"],
    paths: ["/v1/customers", "/v1/customers/*", "/v1/customers/search"],
    reason: "Call the API's operations on customers",
  });
  assert.deepEqual(
    manifest.auth?.map(({ type }) => type),
    ["basic", "bearer"],
  );
});

test("GitHub's requests are those that its description asks for", async (t) => {
  const issue = { id: 1, number: 7, title: "Broken lamp" };
  const vendor = await openDescribedVendor(t, {
    document: github,
    operations: [
      "issues/list-for-repo",
      "issues/create",
      "issues/remove-label",
      "repos/get-content",
      "gists/create",
    ],
    replies: {},
  });
  const host = await createTestHost({ directory: join(root, "github"), answer: vendor.answer });
  t.after(() => host.close());
  const at = { owner: "acme", repo: "lamps" };
  /** The vendor answers nothing, which is no issue: what matters here is what it was sent. */
  const call = (action: string, input: { [name: string]: Json }) =>
    assert.rejects(host.run(action, input), /The output does not fit/);

  await call("issues-list-for-repo", {
    ...at,
    state: "open",
    labels: "bug,ui & more",
    per_page: 10,
    since: "2026-01-31T12:00:00Z",
  });
  await call("issues-create", {
    ...at,
    title: issue.title,
    body: "It does not shine.",
    labels: ["bug"],
    assignees: ["ada"],
  });
  await call("issues-remove-label", { ...at, issue_number: 7, name: "good first issue" });
  await call("gists-create", { files: { "a.txt": { content: "hello" } } });

  assert.deepEqual(vendor.problems, []);
  assert.deepEqual(
    vendor.requests.map(({ line }) => line),
    [
      "GET /repos/acme/lamps/issues",
      "POST /repos/acme/lamps/issues",
      "DELETE /repos/acme/lamps/issues/7/labels/good%20first%20issue",
      "POST /gists",
    ],
  );
});

test("Stripe's forms are written with brackets, and its lists page by page", async (t) => {
  const customer = (id: string) => ({
    id,
    object: "customer",
    created: 1_767_225_600,
    livemode: false,
    email: `${id}@example.com`,
  });
  const replies = {
    GetCustomers: {
      object: "list",
      url: "/v1/customers",
      has_more: true,
      data: [customer("cus_1"), customer("cus_2")],
    },
    PostCustomers: customer("cus_3"),
    GetCustomersCustomer: customer("cus_1"),
  };
  const vendor = await openDescribedVendor(t, {
    document: stripe,
    operations: ["GetCustomers", "PostCustomers", "GetCustomersCustomer", "PostPaymentIntents"],
    replies,
  });
  const host = await createTestHost({ directory: join(root, "stripe"), answer: vendor.answer });
  t.after(() => host.close());

  assert.deepEqual(
    await host.run("get-customers", {
      created: { gte: 1_700_000_000 },
      limit: 2,
      expand: ["data.subscriptions"],
    }),
    replies.GetCustomers,
  );
  assert.deepEqual(
    await host.run("post-customers", {
      email: "cus_3@example.com",
      metadata: { plan: "pro & more" },
      preferred_locales: ["de", "en"],
      address: { city: "Bern", country: "CH" },
    }),
    replies.PostCustomers,
  );
  await host
    .run("post-payment-intents", { amount: 1250, currency: "chf", payment_method_types: ["card"] })
    .catch(() => undefined);

  assert.deepEqual(vendor.problems, []);
  assert.deepEqual(
    vendor.requests[0]?.query,
    "created%5Bgte%5D=1700000000&limit=2&expand%5B0%5D=data.subscriptions",
  );
  assert.deepEqual(vendor.requests[1]?.body, {
    address: { city: "Bern", country: "CH" },
    email: "cus_3@example.com",
    metadata: { plan: "pro & more" },
    preferred_locales: ["de", "en"],
  });
  assert.deepEqual(
    vendor.requests.map(({ operationId }) => operationId),
    ["GetCustomers", "PostCustomers", "PostPaymentIntents"],
  );
});

test("records that are listed page by page, read, created and removed become entities", () => {
  assert.deepEqual(plugins.digitalocean?.entities, ["key", "droplet"]);
  const text = textOf(plugins.digitalocean ?? assert.fail(), "entities/droplets.ts");
  assert.match(text, /pageByNumber\(\{ cursor, limit: Math\.min\(limit, 200\) \}/);
  assert.match(text, /return reply\.droplet;/);
  const customers = textOf(plugins.stripe ?? assert.fail(), "entities/customers.ts");
  assert.match(customers, /starting_after: cursor/);
  assert.match(customers, /nextCursor: reply\.has_more \? String\(reply\.data\.at\(-1\)\?\.id\) : null/);
});
