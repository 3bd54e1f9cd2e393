import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exampleManifest, places, problemsWith } from "../example-manifest.ts";

function contributesWith(input: object, output: object) {
  return { actions: { "do-it": { title: "Do it", input, output } } };
}

describe("schemas in a manifest", () => {
  it("are of the allowed subset, each problem at its place", () => {
    const problems = problemsWith({
      connection: {
        config: { type: "object", properties: { shop: { type: "string", pattern: "^(?=a)$" } } },
      },
      contributes: contributesWith({ type: "object", propertys: {} }, { anyOf: [{ $id: "x" }] }),
      permissions: {},
      auth: undefined,
    });
    assert.deepEqual(places(problems), [
      "pattern-refused /connection/config/properties/shop/pattern",
      "unknown-field /contributes/actions/do-it/input/propertys",
      "unknown-field /contributes/actions/do-it/output/anyOf/0/$id",
    ]);
  });

  it("describe objects where people and agents fill in fields", () => {
    const problems = problemsWith({
      connection: { config: { type: "string" } },
      contributes: contributesWith({}, { type: "string" }),
      permissions: {},
      auth: undefined,
    });
    assert.deepEqual(places(problems), [
      "schema-not-object /connection/config/type",
      "schema-not-object /contributes/actions/do-it/input/type",
    ]);
  });

  it("share the bound on what their patterns cost", () => {
    const input = { type: "object", properties: { a: { type: "string", pattern: "^[a-z]{1,900}$" } } };
    const actions = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`act-${index}`, { title: "x", input, output: {} }]),
    );
    const problems = problemsWith({ contributes: { ...exampleManifest.contributes, actions } });
    assert.ok(problems.length > 0 && problems.length < 60);
    assert.ok(problems.every(({ code }) => code === "pattern-refused"));
  });

  it("are many without harm", () => {
    const action = {
      title: "x",
      input: { type: "object", properties: { a: { type: "string", pattern: "^[a-z]+$" } } },
      output: {},
    };
    const actions = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`act-${index}`, action]));
    assert.deepEqual(problemsWith({ contributes: { ...exampleManifest.contributes, actions } }), []);
  });
});
