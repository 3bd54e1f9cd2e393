import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { action, definePlugin, PluginError, Type } from "@plugboard/plugin-sdk";
import { checkContributedSchema } from "@plugboard/plugin-sdk/manifest";
import * as TypeBox from "typebox";

describe("Type", () => {
  it("makes the same plain JSON as TypeBox", () => {
    const pairs: [ours: object, theirs: object][] = [
      [Type.String({ format: "email", maxLength: 3 }), TypeBox.String({ format: "email", maxLength: 3 })],
      [Type.Number({ minimum: 1 }), TypeBox.Number({ minimum: 1 })],
      [Type.Integer({ multipleOf: 2 }), TypeBox.Integer({ multipleOf: 2 })],
      [Type.Boolean({ title: "x" }), TypeBox.Boolean({ title: "x" })],
      [Type.Null(), TypeBox.Null()],
      [Type.Unknown({ description: "x" }), TypeBox.Unknown({ description: "x" })],
      [Type.Literal("a"), TypeBox.Literal("a")],
      [Type.Literal(1), TypeBox.Literal(1)],
      [Type.Array(Type.String(), { maxItems: 2 }), TypeBox.Array(TypeBox.String(), { maxItems: 2 })],
      [Type.Object({}), TypeBox.Object({})],
      [
        Type.Object({ a: Type.String(), b: Type.Optional(Type.Number()) }, { additionalProperties: false }),
        TypeBox.Object(
          { a: TypeBox.String(), b: TypeBox.Optional(TypeBox.Number()) },
          { additionalProperties: false },
        ),
      ],
      [
        Type.Object({ b: Type.Optional(Type.Number()) }),
        TypeBox.Object({ b: TypeBox.Optional(TypeBox.Number()) }),
      ],
      [Type.Nullable(Type.String()), TypeBox.Union([TypeBox.String(), TypeBox.Null()])],
      [Type.Union([Type.String(), Type.Null()]), TypeBox.Union([TypeBox.String(), TypeBox.Null()])],
      [
        Type.Intersect([Type.Object({}), Type.Unknown()]),
        TypeBox.Intersect([TypeBox.Object({}), TypeBox.Unknown()]),
      ],
      [Type.Unsafe<Date>({ type: "string" }), TypeBox.Unsafe<Date>({ type: "string" })],
    ];
    for (const [ours, theirs] of pairs)
      assert.deepEqual(JSON.parse(JSON.stringify(ours)), JSON.parse(JSON.stringify(theirs)));
  });

  it("says in JSON Schema 2020-12 what TypeBox says otherwise", () => {
    assert.deepEqual(Type.Tuple([Type.String(), Type.Null()]), {
      type: "array",
      prefixItems: [{ type: "string" }, { type: "null" }],
      items: false,
      minItems: 2,
    });
    assert.deepEqual(Type.Record(Type.Number()), {
      type: "object",
      additionalProperties: { type: "number" },
    });
    assert.deepEqual(Type.Enum(["a", 1]), { type: ["string", "number"], enum: ["a", 1] });
  });

  it("makes schemas that plugins may use", () => {
    const everything = Type.Object({
      a: Type.Tuple([Type.String(), Type.Integer()]),
      b: Type.Record(Type.Union([Type.Null(), Type.Boolean()])),
      c: Type.Optional(Type.Intersect([Type.Object({ x: Type.Literal(true) }), Type.Unknown()])),
      d: Type.Array(Type.Enum(["x", "y"]), { uniqueItems: true, maxItems: 2 }),
    });
    assert.deepEqual(checkContributedSchema(everything), []);
  });

  it("makes plain data: a schema may be used in several places, optional in one of them", () => {
    const name = Type.String();
    const first = Type.Object({ name: Type.Optional(name) });
    const second = Type.Object({ name });
    assert.equal("required" in first, false);
    assert.deepEqual(Reflect.get(second, "required"), ["name"]);
    assert.deepEqual(structuredClone(first), { type: "object", properties: { name: { type: "string" } } });
  });
});

describe("action", () => {
  const base = { title: "x", output: Type.Unknown(), run: () => null };

  it("closes the objects in its input, so that a misspelt field is reported", () => {
    const { input } = action({
      ...base,
      input: Type.Object({
        list: Type.Array(Type.Object({ a: Type.String() })),
        either: Type.Union([Type.Object({ b: Type.String() }), Type.Null()]),
      }),
    });
    const closed = { additionalProperties: false };
    assert.deepEqual(JSON.parse(JSON.stringify(input)), {
      type: "object",
      required: ["list", "either"],
      properties: {
        list: {
          type: "array",
          items: { type: "object", properties: { a: { type: "string" } }, required: ["a"], ...closed },
        },
        either: {
          anyOf: [
            { type: "object", properties: { b: { type: "string" } }, required: ["b"], ...closed },
            { type: "null" },
          ],
        },
      },
      ...closed,
    });
  });

  it("leaves open what says so, what is combined with others, and what is output", () => {
    const open = Type.Object({ a: Type.String() }, { additionalProperties: true });
    const both = Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.String() })]);
    assert.equal(Reflect.get(action({ ...base, input: open }).input, "additionalProperties"), true);
    assert.deepEqual(action({ ...base, input: both }).input, both);
    const output = Type.Object({ a: Type.String() });
    assert.equal(
      "additionalProperties" in action({ ...base, input: open, output, run: () => ({ a: "" }) }).output,
      false,
    );
  });

  it("does not change the schema that it was given", () => {
    const input = Type.Object({ a: Type.String() });
    action({ ...base, input });
    assert.equal("additionalProperties" in input, false);
  });

  it("is plain data and one function in what definePlugin gives back", () => {
    const act = action({ ...base, input: Type.Object({}) });
    const plugin = definePlugin({ actions: { act } });
    assert.equal(plugin.actions.act.kind, "action");
    assert.equal(Object.getPrototypeOf(plugin.actions.act), Object.prototype);
    assert.equal(typeof plugin.actions.act.run, "function");
  });
});

describe("PluginError", () => {
  it("says what went wrong in terms that the host knows", () => {
    const cause = new Error("socket closed");
    const error = new PluginError("rate-limited", "Too fast.", {
      details: { limit: 3 },
      retryAfterMs: 1_000,
      cause,
    });
    assert.ok(error instanceof Error);
    assert.deepEqual(
      { ...error },
      { name: "PluginError", code: "rate-limited", details: { limit: 3 }, retryAfterMs: 1_000 },
    );
    assert.equal(error.cause, cause);
    assert.equal(String(error), "PluginError: Too fast.");
  });
});
