import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { diffPermissions, type NetworkPermission, type Problem } from "@plugboard/plugin-sdk/manifest";
import { exampleManifest, places, problemsWith } from "../example-manifest.ts";

const customer = {
  title: "Customer",
  schema: {
    type: "object",
    properties: { id: { type: "string" }, email: { type: "string" }, seats: { type: "integer" } },
    required: ["id"],
  },
  key: "id",
  operations: ["list", "get"],
};
const withInput = {
  ...customer,
  input: { type: "object", properties: { email: { type: "string" } } },
  operations: ["get", "create"],
};
const paid = { title: "Paid", kind: "webhook", events: ["customer.paid"], output: {} };
const newRow = { title: "New row", kind: "polling", output: {} };
const webhooks = { normalize: true };
const { hooks } = exampleManifest.contributes ?? {};

function problemsOfOffers(offers: object, changes: object = {}): Problem[] {
  return problemsWith({ ...changes, contributes: { hooks, ...offers } });
}

const under = (entity: object, changes?: object) =>
  problemsOfOffers({ entities: { customer: entity } }, changes);

/** What plugin.json permits, but for what is replaced; without hooks, as there is no code for them. */
function permitting(permissions: object): object {
  return { permissions: { ...permissions, hooks: exampleManifest.permissions.hooks }, auth: undefined };
}

describe("entities", () => {
  it("are allowed with all that belongs to them", () => {
    const filter = { type: "object", properties: { email: { type: "string" }, seats: { type: "integer" } } };
    const operations = ["list", "get", "create", "update", "upsert", "remove", "changesSince"];
    assert.deepEqual(under({ ...withInput, updatedAt: "email", filter, operations }), []);
    assert.deepEqual(
      under({ ...customer, key: "seats", schema: { ...customer.schema, required: ["seats"] } }),
      [],
    );
  });

  it("have names like actions, and only what is known", () => {
    assert.deepEqual(places(problemsOfOffers({ entities: { Customer: customer } })), [
      "wrong-format /contributes/entities/Customer",
    ]);
    assert.deepEqual(places(under({ ...customer, operations: ["list", "delete"], colour: 1 })).sort(), [
      "not-allowed /contributes/entities/customer/operations/1",
      "unknown-field /contributes/entities/customer/colour",
    ]);
    assert.deepEqual(places(under({ ...customer, operations: [] })), [
      "too-few /contributes/entities/customer/operations",
    ]);
  });

  it("have a batch of no other writes than they have themselves", () => {
    const at = "/contributes/entities/customer/batch";
    const batch = { most: 2, operations: ["create"] };
    assert.deepEqual(under({ ...withInput, batch }), []);
    for (const [wrong, problem] of [
      [{ ...batch, operations: ["create", "remove"] }, `entity-batch-invalid ${at}/operations`],
      [{ ...batch, operations: ["get"] }, `not-allowed ${at}/operations/0`],
      [{ ...batch, operations: [] }, `too-few ${at}/operations`],
      [{ ...batch, most: 1 }, `too-small ${at}/most`],
      [{ ...batch, most: 1_001 }, `too-large ${at}/most`],
      [{ ...batch, run: true }, `unknown-field ${at}/run`],
    ] as const)
      assert.deepEqual(places(under({ ...withInput, batch: wrong })), [problem]);
  });

  it("have a key that every record has", () => {
    const at = "entity-key-invalid /contributes/entities/customer/key";
    const [unknown] = under({ ...customer, key: "uid" });
    assert.equal(
      unknown?.message,
      'The key of "customer" is uid, which its schema does not have; it has id, email, seats.',
    );
    for (const entity of [
      { ...customer, key: "toString" },
      { ...customer, key: "email" },
      { ...customer, schema: { ...customer.schema, properties: { id: { type: "object" } } } },
    ])
      assert.deepEqual(places(under(entity)), [at]);
  });

  it("say when a record changed with a text", () => {
    for (const updatedAt of ["seats", "changed"])
      assert.deepEqual(places(under({ ...customer, updatedAt })), [
        "entity-updated-at-invalid /contributes/entities/customer/updatedAt",
      ]);
  });

  it("have an input if, and only if, something is written", () => {
    assert.deepEqual(places(under({ ...customer, operations: ["update"] })), [
      "entity-input-missing /contributes/entities/customer/input",
    ]);
    assert.deepEqual(places(under({ ...withInput, operations: ["get", "remove"] })), [
      "entity-input-unused /contributes/entities/customer/input",
    ]);
  });

  it("are filtered by optional scalars, where they can be listed", () => {
    const at = "/contributes/entities/customer/filter";
    const filter = { type: "object", properties: { tags: { type: "array" } } };
    assert.deepEqual(places(under({ ...customer, filter })), [`entity-filter-invalid ${at}/properties/tags`]);
    assert.deepEqual(places(under({ ...customer, filter: { type: "object", required: ["email"] } })), [
      `entity-filter-invalid ${at}`,
    ]);
    assert.deepEqual(places(under({ ...customer, filter: { type: "object" }, operations: ["get"] })), [
      `entity-filter-invalid ${at}`,
    ]);
  });

  it("do nothing that the permissions leave no way for", () => {
    const at = "operation-not-permitted /contributes/entities/customer/operations";
    const [entry] = exampleManifest.permissions.network ?? [];
    const readOnly = [{ ...entry, hosts: ["api.acme.com"], methods: ["GET", "HEAD"] }];
    assert.deepEqual(places(under(customer, permitting({}))), [at]);
    assert.deepEqual(places(under(customer, permitting({ network: readOnly }))), []);
    assert.deepEqual(places(under(withInput, permitting({ network: readOnly }))), [at]);
  });

  it("have schemas of the allowed subset, all of objects", () => {
    const schema = { ...customer.schema, properties: { id: { type: "string", pattern: "(a)\\1" } } };
    const input = { type: "array" };
    assert.deepEqual(places(under({ ...withInput, schema, input })), [
      "pattern-refused /contributes/entities/customer/schema/properties/id/pattern",
      "schema-not-object /contributes/entities/customer/input/type",
    ]);
  });
});

describe("triggers", () => {
  const of = (trigger: object, changes?: object, more: object = { webhooks }) =>
    places(problemsOfOffers({ triggers: { mine: trigger }, ...more }, changes));
  const at = "/contributes/triggers/mine";

  it("are of one of three kinds", () => {
    assert.deepEqual(of(paid), []);
    assert.deepEqual(of(newRow), []);
    assert.deepEqual(of({ ...newRow, kind: "cron" }), [`not-allowed ${at}/kind`]);
    assert.deepEqual(of({ ...paid, intervalSeconds: 60 }), [`unknown-field ${at}/intervalSeconds`]);
    assert.deepEqual(of({ ...newRow, intervalSeconds: 1 }), [`too-small ${at}/intervalSeconds`]);
    assert.deepEqual(of({ ...newRow, config: { type: "string" } }), [`schema-not-object ${at}/config/type`]);
  });

  it("fire on events that the code makes of webhooks, and that plugin.json declares", () => {
    assert.deepEqual(of({ ...paid, events: ["customer.paid", "order.paid"] }), [
      `event-not-declared ${at}/events/1`,
    ]);
    assert.deepEqual(of(paid, {}, {}), [`normalize-missing ${at}`]);
    assert.deepEqual(of(paid, { webhooks: undefined }), ["webhooks-not-declared /webhooks"]);
  });

  it("ask a vendor that they may reach", () => {
    assert.deepEqual(of(newRow, permitting({})), [`operation-not-permitted ${at}`]);
  });

  it("listen where they may open a socket, which tenants read", () => {
    const stream = { title: "Said", kind: "stream", output: {}, unauthorizedCodes: [4401] };
    const wss = (methods: NetworkPermission["methods"]) => [
      { hosts: ["wss.acme.com"], methods, reason: "Hear" },
    ];
    const network = (methods: NetworkPermission["methods"]) => permitting({ network: wss(methods) });
    assert.deepEqual(of(stream, network(["WEBSOCKET"])), []);
    assert.deepEqual(of(stream, network(["GET"])), [`operation-not-permitted ${at}`]);
    assert.deepEqual(of({ ...stream, unauthorizedCodes: [1000] }, network(["WEBSOCKET"])), [
      `too-small ${at}/unauthorizedCodes/0`,
    ]);
    const [line] = diffPermissions({}, { network: wss(["WEBSOCKET"]) }).added;
    assert.equal(line?.value, "WEBSOCKET wss.acme.com");
  });

  it("are told by the host, so no plugin publishes under their name", () => {
    const permissions = {
      ...exampleManifest.permissions,
      events: { publish: ["trigger.new-row"], reason: "x" },
    };
    assert.deepEqual(places(problemsWith({ permissions })), ["event-reserved /permissions/events/publish/0"]);
  });
});

it("what is wrong with offers is told all at once", () => {
  const problems = problemsOfOffers({
    entities: {
      customer: { ...customer, key: "uid" },
      order: { ...customer, operations: ["create"], title: "A\u202eB" },
    },
    triggers: { mine: { ...paid, events: ["order.paid"] } },
  });
  assert.deepEqual(places(problems).sort(), [
    "entity-input-missing /contributes/entities/order/input",
    "entity-key-invalid /contributes/entities/customer/key",
    "event-not-declared /contributes/triggers/mine/events/0",
    "normalize-missing /contributes/triggers/mine",
    "text-deceptive /contributes/entities/order/title",
  ]);
});

it("meters count operations of entities, by names that there are", () => {
  const meter = { name: "calls", title: "Calls", unit: "call", tiers: [{ amount: 1 }] };
  const pricing = {
    model: "usage",
    currency: "EUR",
    meters: [{ ...meter, actions: ["customer.list", "customer.drop"] }],
  };
  assert.deepEqual(places(under(customer, { pricing })), ["pricing-invalid /pricing/meters/0/actions/1"]);
});
