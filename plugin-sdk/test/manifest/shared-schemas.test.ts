import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkManifest, type Json, type Manifest } from "@plugboard/plugin-sdk/manifest";
import { shareSchemas } from "../../cli/build/share-schemas.ts";
import { exampleManifest, places, problemsWith } from "./example-manifest.ts";

const address = {
  type: "object",
  properties: {
    street: { type: "string", maxLength: 200, description: "With the number of the house" },
    city: { type: "string" },
  },
};
const customer = {
  type: "object",
  required: ["id"],
  properties: { id: { type: "string" }, home: address, work: { anyOf: [address, { type: "null" }] } },
};
const input = { type: "object", properties: { id: { type: "string" } } };
const example: Manifest = {
  ...(exampleManifest as unknown as Manifest),
  contributes: {
    actions: {
      "get-customer": { title: "Get", input, output: customer },
      "list-customers": { title: "List", input, output: { type: "array", items: customer } },
      "set-home": { title: "Set", input: address, output: customer },
      odd: { title: "Odd", input, output: { enum: [customer, { properties: { properties: customer } }] } },
    },
    hooks: [{ name: "record.beforeWrite" }],
  },
};

const refer = (name: string) => ({ $ref: `#/contributes/$defs/${name}` });

function written(manifest: unknown): { contributes: { $defs?: { [name: string]: Json } } } {
  return JSON.parse(JSON.stringify(manifest));
}

function read(manifest: unknown): Manifest {
  const { manifest: found, problems } = checkManifest(manifest);
  assert.deepEqual(problems, []);
  assert.ok(found);
  return found;
}

describe("schemas that stand in several places", () => {
  it("are written once, and read as they were", () => {
    const text = JSON.stringify(shareSchemas(example));
    assert.equal(text, JSON.stringify(shareSchemas(structuredClone(example))), "the same text each time");
    const { contributes } = written(shareSchemas(example));
    assert.deepEqual(Object.keys(contributes.$defs ?? {}), ["s1", "s2"]);
    assert.deepEqual(contributes.$defs?.s2, address);
    assert.partialDeepStrictEqual(contributes, {
      actions: {
        "get-customer": { input, output: refer("s1") },
        "list-customers": { output: { items: refer("s1") } },
        "set-home": { input: refer("s2"), output: refer("s1") },
        // What is no schema, such as a value that is allowed, stays.
        odd: { output: { enum: [customer, { properties: { properties: customer } }] } },
      },
    });
    assert.equal(JSON.stringify(read(JSON.parse(text))), JSON.stringify(read(example)));
  });

  it("are one object in memory", () => {
    const { contributes } = read(shareSchemas(example));
    const [one, other] = [contributes?.actions?.["get-customer"], contributes?.actions?.["set-home"]];
    assert.equal(one?.output, other?.output);
  });

  it("stay in their places where a reader could take something else for a reference", () => {
    const output = { const: refer("s1") };
    const actions = { ...example.contributes?.actions, tricky: { title: "Tricky", input, output } };
    const tricky = { ...example, contributes: { ...example.contributes, actions } };
    assert.equal(shareSchemas(tricky), tricky);
    assert.deepEqual(read(tricky).contributes?.actions?.tricky?.output, output);
  });

  it("are held to what may be written out", () => {
    const problemsOf = ($defs: unknown, output: object = refer("a")) =>
      places(
        problemsWith({
          contributes: { $defs, ...example.contributes, actions: { x: { title: "X", input, output } } },
        }),
      );
    const both = (name: string) => ({ properties: { a: refer(name), b: refer(name) } });
    assert.deepEqual(problemsOf({ a: { type: "string" } }), []);
    assert.deepEqual(problemsOf({}), ["schema-refused /contributes/$defs/a"]);
    assert.deepEqual(problemsOf({ a: true }), ["schema-refused /contributes/$defs/a"]);
    assert.deepEqual(problemsOf({ b: {} }, refer("toString")), [
      "schema-refused /contributes/$defs/toString",
    ]);
    assert.deepEqual(problemsOf({ a: both("b"), b: { items: refer("a") } }), [
      "schema-refused /contributes/$defs/a",
    ]);
    // Each doubles the one after it.
    const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
    const doubling = Object.fromEntries(names.map((name, index) => [name, both(`n${index + 1}`)]));
    assert.deepEqual(problemsOf({ ...doubling, a: both("n0"), n40: {} }), ["too-large /contributes"]);
    const long = { a: { description: "x".repeat(20_000) } };
    const often = { properties: Object.fromEntries(names.slice(0, 12).map((name) => [name, refer("a")])) };
    const oftener = { properties: Object.fromEntries(names.slice(0, 12).map((name) => [name, often])) };
    assert.deepEqual(problemsOf(long, oftener), ["too-large /contributes"]);
    const chain = (next: (name: string) => object) =>
      Object.fromEntries(Array.from({ length: 4_000 }, (_, at) => [`n${at}`, next(`n${at + 1}`)]));
    const nested = (name: string, levels: number): object =>
      levels === 0 ? refer(name) : { items: nested(name, levels - 1) };
    for (const levels of [0, 1, 50]) {
      const defs = chain((name) => nested(name, levels));
      assert.match(problemsOf({ ...defs, a: refer("n0") })[0] ?? "", /^too-/, `${levels}`);
    }
    assert.deepEqual(problemsOf("none"), ["wrong-type /contributes/$defs"]);
  });
});
