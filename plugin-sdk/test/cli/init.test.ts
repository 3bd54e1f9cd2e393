import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createTestHost } from "../../testing/index.ts";
import { createAuthor } from "./author.ts";

test("init makes a plugin that builds as it is, in less than 30 kB", async (t) => {
  const author = await createAuthor(t);

  const made = await author.run(["init", "acme/weather-alerts", "--api-host", "api.weather.test", "--json"]);
  assert.equal(made.code, 0, made.stderr);
  const built = await author.run(["build", "weather-alerts", "--json"]);
  assert.equal(built.code, 0, built.stderr);

  assert.ok(made.json().files.includes("test/items.test.ts"));
  assert.ok(made.json().files.includes(".gitignore"));
  assert.equal(built.json().id, "acme/weather-alerts");
  assert.deepEqual(Object.keys(built.json().contributes.actions), ["create-item", "get-item"]);
  assert.ok(built.json().codeSize < 30_000, `${built.json().codeSize} bytes`);
  const manifest = JSON.parse(await readFile(join(author.folder, "weather-alerts", "plugin.json"), "utf8"));
  assert.equal(manifest.displayName, "Weather alerts");
  assert.deepEqual(manifest.permissions.network[0].hosts, ["api.weather.test"]);
  assert.match(
    await readFile(join(author.folder, "weather-alerts", "README.md"), "utf8"),
    /^# Weather alerts\n/,
  );
});

test("a new plugin depends on the SDK as the folder around it does", async (t) => {
  const author = await createAuthor(t);
  const specOf = async (folder: string) =>
    JSON.parse(await readFile(join(author.folder, folder, "package.json"), "utf8")).devDependencies[
      "@plugboard/plugin-sdk"
    ];

  await author.run(["init", "acme/one"]);
  await author.write({ "package.json": { dependencies: { "@plugboard/plugin-sdk": "file:../sdk.tgz" } } });
  await author.run(["init", "acme/two"]);
  await author.run(["init", "acme/three", "--sdk", "1.2.3"]);

  assert.match(await specOf("one"), /^\^\d+\.\d+\.\d+$/);
  assert.equal(await specOf("two"), `file:${join(author.folder, "..", "sdk.tgz")}`);
  assert.equal(await specOf("three"), "1.2.3");
});

test("of two that are made in one folder at once, one is made", async (t) => {
  const author = await createAuthor(t);
  const made = await Promise.all(
    ["acme/one", "acme/two"].map((id) => author.run(["init", id, "--dir", "same", "--json"])),
  );
  const winner = made.findIndex(({ code }) => code === 0);
  assert.match(made[1 - winner]?.stdout ?? "", /directory-not-empty/);
  const manifest = JSON.parse(await readFile(join(author.folder, "same", "plugin.json"), "utf8"));
  assert.equal(manifest.id, ["acme/one", "acme/two"][winner]);
});

test("init asks for a publisher, a proper name and an empty folder", async (t) => {
  const author = await createAuthor(t);
  const fails = async (args: string[], code: number, message: RegExp) => {
    const outcome = await author.run(["init", ...args]);
    assert.match(outcome.stderr, message);
    assert.equal(outcome.code, code);
  };

  await fails(["weather"], 2, /Say who publishes the plugin/);
  await fails(["Acme/weather"], 2, /"Acme" is not a publisher's name/);
  await fails(["acme/Weather"], 2, /"Weather" is not a plugin's name/);
  await fails(["acme/weather", "--api-host", "https://x"], 2, /"https:\/\/x" is not a host/);
  await fails(["acme/weather", "--template", "cobol"], 2, /Allowed choices are rest-api-key/);
  await author.write({ "weather/file.txt": "mine" });
  await fails(["acme/weather"], 1, /is not empty/);
});

test("every template makes a plugin that is checked, tested and built as it is", async (t) => {
  const author = await createAuthor(t);
  for (const template of ["rest-oauth2", "webhooks", "graphql"]) {
    const made = await author.run(["init", `acme/${template}`, "--template", template]);
    assert.equal(made.code, 0, made.stderr);
    const checked = await author.run(["check", template, "--strict"]);
    assert.equal(checked.code, 0, checked.stderr);
  }
});

const description = `
openapi: 3.1.0
info: { title: Shop API, version: "1" }
servers: [{ url: "https://{shop}.shops.test/v1", variables: { shop: { default: demo, description: The shop's name } } }]
security: [{ key: [] }]
paths:
  /orders:
    get:
      operationId: listOrders
      tags: [orders]
      parameters:
        - { name: cursor, in: query, schema: { type: string } }
        - { name: limit, in: query, schema: { type: integer, maximum: 50 } }
        - { name: status, in: query, style: form, explode: false, schema: { type: array, items: { enum: [open, paid] } } }
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                required: [data]
                properties:
                  data: { type: array, items: { $ref: "#/components/schemas/Order" } }
                  next_cursor: { type: [string, "null"] }
    post:
      operationId: createOrder
      tags: [orders]
      requestBody:
        required: true
        content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } }
      responses: { "201": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } } }
  /orders/{orderId}:
    parameters: [{ name: orderId, in: path, required: true, schema: { type: string } }]
    get:
      operationId: getOrder
      tags: [orders]
      responses: { "200": { description: ok, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } } }
  /reports/{year}:
    get:
      operationId: getReport
      tags: [reports]
      parameters:
        - { name: year, in: path, required: true, schema: { type: integer } }
        - { name: session, in: cookie, required: true, schema: { type: string } }
      responses: { "200": { description: ok } }
components:
  securitySchemes: { key: { type: apiKey, in: header, name: X-Api-Key } }
  schemas:
    Order:
      type: object
      required: [id, total]
      properties:
        id: { type: string, readOnly: true }
        total: { type: integer, minimum: 0 }
        note: { anyOf: [{ type: string }, { type: "null" }] }
        payment:
          oneOf: [{ $ref: "#/components/schemas/Card" }, { $ref: "#/components/schemas/Invoice" }]
          discriminator: { propertyName: kind, mapping: { card: "#/components/schemas/Card", invoice: "#/components/schemas/Invoice" } }
        updated_at: { type: string, format: date-time, readOnly: true }
    Card: { type: object, required: [kind], properties: { kind: { type: string }, last4: { type: string, pattern: "^[0-9]{4}$" } } }
    Invoice: { type: object, required: [kind], properties: { kind: { type: string }, due: { type: string, format: date } } }
`;

test("init makes a plugin of an OpenAPI description, and says what it could not take over", async (t) => {
  const author = await createAuthor(t);
  await author.write({ "shop.yaml": description });

  const made = await author.run(["init", "acme/shop", "--from-openapi", "shop.yaml", "--json"]);
  assert.equal(made.code, 0, made.stderr);
  const { actions, entities, notes } = made.json();
  assert.deepEqual(actions, ["list-orders", "create-order", "get-order"]);
  assert.deepEqual(entities, ["order"]);
  assert.ok(
    notes.some(
      (note: { kind: string; pointer: string; reason: string }) =>
        note.kind === "left-out" &&
        note.pointer === "/paths/~1reports~1{year}/get/parameters/1" &&
        note.reason === "Plugins send no cookies.",
    ),
  );
  const checked = await author.run(["check", "shop", "--strict"]);
  assert.equal(checked.code, 0, checked.stderr);
  const built = await author.run(["build", "shop", "--json"]);
  assert.ok(built.json().codeSize < 30_000, `${built.json().codeSize} bytes`);
  const { input } = built.json().contributes.actions["create-order"];
  assert.deepEqual(Object.keys(input.properties), ["total", "note", "payment"]);
  assert.deepEqual(
    input.properties.payment.anyOf.map(({ properties }: { properties: { kind: object } }) => properties.kind),
    [
      { type: "string", const: "card" },
      { type: "string", const: "invoice" },
    ],
  );
  const manifest = JSON.parse(await readFile(join(author.folder, "shop", "plugin.json"), "utf8"));
  assert.deepEqual(manifest.auth, [
    {
      type: "apiKey",
      in: "header",
      name: "X-Api-Key",
      test: { request: "GET https://{shop}.shops.test/v1/orders" },
    },
  ]);
  assert.deepEqual(manifest.permissions.network, [
    {
      hosts: ["{shop}.shops.test"],
      methods: ["GET", "POST"],
      paths: ["/v1/orders", "/v1/orders/*"],
      reason: "Call the API's operations on orders",
    },
  ]);

  const requests: Request[] = [];
  const host = await createTestHost({
    directory: join(author.folder, "shop"),
    config: { shop: "lamps" },
    answer(request) {
      requests.push(request);
      return Response.json({ id: "o 1", total: 5 });
    },
  });
  t.after(() => host.close());
  assert.deepEqual(await host.run("get-order", { orderId: "o 1" }), { id: "o 1", total: 5 });
  await host.run("create-order", { total: 5, payment: { kind: "card", last4: "4242" } });
  await assert.rejects(host.run("create-order", { total: 5, payment: { kind: "cash" } }), TypeError);
  await assert.rejects(host.run("get-order", { orderId: ".." }), { code: "invalid-input" });
  await assert.rejects(
    host.run("list-orders", { status: ["open", "paid"], limit: 2 }),
    /output does not fit/,
  );
  assert.deepEqual(
    requests.map(({ method, url }) => `${method} ${url}`),
    [
      "GET https://lamps.shops.test/v1/orders/o%201",
      "POST https://lamps.shops.test/v1/orders",
      "GET https://lamps.shops.test/v1/orders?limit=2&status=open%2Cpaid",
    ],
  );
});

test("a description that cannot be used, and a choice that is none, are refused in words", async (t) => {
  const author = await createAuthor(t);
  await author.write({ "shop.yaml": description, "old.json": { swagger: "2.0" } });
  const fails = async (args: string[], code: string, message: RegExp) => {
    const outcome = await author.run(["init", "acme/shop", ...args, "--json"]);
    assert.equal(outcome.json().error.code, code);
    assert.match(JSON.stringify(outcome.json().error), message);
  };

  await fails(["--from-openapi", "none.yaml"], "description-missing", /There is no file/);
  await fails(["--from-openapi", "old.json"], "description-unsupported", /Convert it first/);
  await fails(["--from-openapi", "shop.yaml", "--tag", "invoices"], "operations-not-found", /orders: 3/);
  await fails(["--from-openapi", "shop.yaml", "--max-actions", "2"], "operations-too-many", /orders: 3/);
  await fails(["--from-openapi", "shop.yaml", "--auth", "magic"], "usage", /expected bearer, basic/);
});
