// The checks of this file are made by the compiler (npm run check): each expected error that is none is an error.
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  action,
  definePlugin,
  type Events,
  type Fields,
  type HookedReply,
  type HookedRequest,
  type HookName,
  type HookTypes,
  type Json,
  type Storage,
  Type,
} from "@plugboard/plugin-sdk";
import { hookPoints } from "@plugboard/plugin-sdk/manifest";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<_ extends true>(): void {}

it("every hook point has its types, and every type its point", () => {
  same<Equal<keyof HookTypes, HookName>>();
  same<Equal<keyof HookTypes, keyof typeof hookPoints>>();
  assert.ok(Object.values(hookPoints).every(({ timeoutMs, description }) => timeoutMs > 0 && description));
});

it("hooks are typed by their names", () => {
  const plugin = definePlugin({
    hooks: {
      async install({ input, storage, events, log, signal }) {
        same<Equal<typeof input, { version: string }>>();
        same<Equal<typeof storage, Storage>>();
        same<Equal<typeof events, Events>>();
        same<Equal<typeof signal, AbortSignal>>();
        log.info("installed", { version: input.version });
        await storage.set("since", 1, { ifVersion: null });
      },
      upgrade: ({ input }) => {
        same<Equal<typeof input, { from: string; to: string; rollback: boolean }>>();
      },
      "action.beforeRun": {
        order: "early",
        run({ input }) {
          same<Equal<typeof input.value, Fields>>();
          const shop: Json | undefined = input.value.shop;
          return shop === undefined ? undefined : { ...input.value, shop };
        },
      },
      async "action.afterRun"({ input }) {
        same<Equal<typeof input.outcome, string>>();
        same<Equal<typeof input.durationMs, number>>();
      },
      "record.beforeWrite": async ({ input }) => {
        same<Equal<typeof input.operation, "create" | "update" | "upsert">>();
        return null;
      },
      "request.before": ({ input }) => {
        same<Equal<typeof input.value, HookedRequest>>();
        const { value } = input;
        if (value.method === "GET") return;
        return { ...value, headers: { ...value.headers, "x-company": "acme" }, json: { stamped: true } };
      },
      "response.after": {
        order: "late",
        async run({ input: { request, value } }) {
          same<Equal<typeof request, { method: string; url: string }>>();
          same<Equal<typeof value, HookedReply>>();
          return value.text === undefined ? null : { ...value, text: value.text.trim() };
        },
      },
    },
  });
  assert.equal(typeof plugin.hooks.install, "function");

  const act = action({
    title: "x",
    input: Type.Object({}),
    output: Type.Unknown(),
    async run({ storage, events }) {
      same<Equal<Awaited<ReturnType<typeof storage.get>>, Json | undefined>>();
      const { keys, next } = await storage.list({ prefix: "a", limit: 10 });
      same<Equal<typeof next, string | null>>();
      // @ts-expect-error: what is stored is JSON
      await storage.set("a", new Date());
      // @ts-expect-error: a version is text
      await storage.set("a", 1, { ifVersion: 1 });
      // @ts-expect-error: there is no such option
      await events.publish("a", null, { key: "x" });
      return keys;
    },
  });
  // Only for the compiler.
  void [
    () =>
      definePlugin({
        actions: { act },
        hooks: {
          install() {},
          // @ts-expect-error: there is no such hook
          "record.beforeLunch"() {},
        },
      }),
    // @ts-expect-error: there is no such hook
    () => definePlugin({ hooks: { instal() {} } }),
    // @ts-expect-error: a part that no plugin has, beside one that it has
    () => definePlugin({ actions: { act }, hook: {} }),
    () =>
      definePlugin({
        hooks: {
          // @ts-expect-error: the answer of a lifecycle hook is ignored
          install: () => "done",
          // @ts-expect-error: the value to go on with is an object
          "action.beforeRun": async () => "value",
          // @ts-expect-error: the answer of an observer is ignored
          "action.afterRun": () => ({ value: 1 }),
          // @ts-expect-error: a value is JSON
          "record.beforeWrite": ({ input }) => ({ ...input.value, at: new Date() }),
        },
      }),
    () =>
      definePlugin({
        hooks: {
          // @ts-expect-error: a misspelt member of the answer
          "request.before": ({ input: { value } }) => ({ ...value, header: { "x-company": "acme" } }),
          // @ts-expect-error: the same in a hook with an order
          "response.after": { order: "late", run: async ({ input: { value } }) => ({ ...value, jsn: 1 }) },
        },
      }),
    () =>
      definePlugin({
        hooks: {
          // @ts-expect-error: the answer is the whole value
          "request.before": () => ({ headers: { "x-company": "acme" } }),
          // @ts-expect-error: a header is text
          "response.after": ({ input: { value } }) => ({ ...value, headers: { "x-count": 1 } }),
        },
      }),
    () =>
      definePlugin({
        hooks: {
          "response.after"({ input: { value } }) {
            // @ts-expect-error: what the vendor's status was is nobody's to say
            value.status = 200;
          },
        },
      }),
    () =>
      definePlugin({
        hooks: {
          // @ts-expect-error: there is no such order
          "action.beforeRun": { order: "first", run: () => null },
        },
      }),
    () =>
      definePlugin({
        hooks: {
          upgrade({ input }) {
            // @ts-expect-error: there is no such input
            input.version;
          },
          // @ts-expect-error: a hook has no vendor to call
          install({ fetch }) {
            fetch("");
          },
        },
      }),
  ];
});
