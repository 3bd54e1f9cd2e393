// The checks of this file are made by the compiler (npm run check): each expected error that is none is an error.
import assert from "node:assert/strict";
import { it } from "node:test";
import { action, definePlugin, type Json, PluginError, type Static, Type } from "@plugboard/plugin-sdk";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<_ extends true>(): void {}

const Address = Type.Object({ street: Type.String(), zip: Type.Optional(Type.Integer()) });
const Input = Type.Object({
  email: Type.String({ format: "email" }),
  age: Type.Optional(Type.Number()),
  plan: Type.Enum(["free", "pro"]),
  kind: Type.Literal("person"),
  address: Address,
  tags: Type.Array(Type.String()),
  pair: Type.Tuple([Type.String(), Type.Number()]),
  nickname: Type.Union([Type.String(), Type.Null()]),
  middleName: Type.Nullable(Type.String()),
  attributes: Type.Record(Type.Boolean()),
  both: Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.Number() })]),
  anything: Type.Unknown(),
  own: Type.Unsafe<`id_${string}`>({ type: "string", pattern: "^id_" }),
});

it("types flow from schemas to run", () => {
  same<Equal<Static<typeof Address>, { street: string; zip?: number }>>();
  same<Equal<Static<typeof Input>["plan"], "free" | "pro">>();
  same<Equal<Static<typeof Input>["nickname"], string | null>>();
  same<Equal<Static<typeof Input>["middleName"], string | null>>();
  same<Equal<Static<typeof Input>["pair"], [string, number]>>();

  const create = action({
    title: "Create",
    input: Input,
    output: Type.Object({ id: Type.String() }),
    async run({ input, fetch, log, connection, signal }) {
      same<Equal<typeof input.email, string>>();
      same<Equal<typeof input.age, number | undefined>>();
      same<Equal<typeof input.kind, "person">>();
      same<Equal<typeof input.tags, string[]>>();
      same<Equal<typeof input.own, `id_${string}`>>();
      same<Equal<typeof input.anything, unknown>>();
      const bothParts: { a: string; b: number } = input.both;
      const flag: boolean | undefined = input.attributes.x;
      const shop: Json | undefined = connection.config.shop;
      const response: Response = await fetch("https://api.acme.com/", { method: "POST", signal });
      log.info("done", { shop: shop ?? null, flag: flag ?? false, a: bothParts.a });
      // @ts-expect-error: there is no such input
      input.emial;
      // @ts-expect-error: an input of the wrong type
      const age: string = input.age;
      // @ts-expect-error: another value than those of the enum
      if (input.plan === "enterprise") return { id: "x" };
      // @ts-expect-error: a property of the wrong name inside an object
      input.address.city;
      // @ts-expect-error: there is no credential here
      connection.credential;
      // @ts-expect-error: the config is not for changing
      connection.config.shop = "x";
      // @ts-expect-error: what is logged is JSON
      log.info("x", { when: new Date() });
      return { id: `${response.status}${age}` };
    },
  });

  action({
    title: "Wrong output",
    input: Address,
    output: Type.Object({ id: Type.String() }),
    // @ts-expect-error: the output is of another type
    run: async () => ({ id: 1 }),
  });
  action({
    title: "Missing output",
    input: Address,
    output: Type.Object({ id: Type.String() }),
    // @ts-expect-error: the output lacks a property
    run: () => ({}),
  });
  // @ts-expect-error: an action has a title
  action({ input: Address, output: Address, run: () => ({ street: "" }) });
  // @ts-expect-error: a plugin has no such part
  definePlugin({ action: { create } });
  // @ts-expect-error: an action is made by action()
  definePlugin({ actions: { create: { title: "x" } } });
  // @ts-expect-error: there is no such code
  new PluginError("teapot", "x");
  // @ts-expect-error: options of a string are not those of a number
  Type.String({ minLength: "3" });

  const plugin = definePlugin({ actions: { create } });
  same<Equal<typeof plugin.actions.create, typeof create>>();
  assert.deepEqual(Object.keys(plugin.actions), ["create"]);
});
