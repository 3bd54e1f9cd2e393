import assert from "node:assert/strict";
import { test } from "node:test";
import { coreError } from "../../errors.ts";
import { createHooks } from "../../kernel/hooks/hooks.ts";
import type { Hooks } from "../../kernel/hooks/index.ts";
import { beforeWrites } from "../../modules/entities/before-writes.ts";

const places = Array.from({ length: 20 }, (_, place) => place);
const unit = {
  op: "create" as const,
  isMany: true,
  places,
  inputs: places.map((place) => ({ record: { place } })),
};

/** The hook of a plugin that does not answer before it is ended; it `refuses` then, or is skipped. */
function neverAnswers({ refuses = false } = {}) {
  const seen: unknown[] = [];
  const hooks: Hooks = {
    listensTo: () => true,
    async waterfall(_name, _occasion, { value, signal }) {
      seen.push(value);
      await new Promise((resolve) => signal?.addEventListener("abort", resolve, { once: true }));
      if (refuses) throw coreError("hook-refused", "acme/tidy has to look at this first, and could not.");
      return value;
    },
    parallel() {},
  };
  return { hooks, seen };
}

for (const refuses of [false, true])
  test(`hooks have as long as the batch has, and nothing is written without them (${refuses})`, async () => {
    const { hooks, seen } = neverAnswers({ refuses });
    const batch = new AbortController();
    const { beforeRun } = await beforeWrites({
      hooks,
      place: { tenantId: "tnt_1", connectionId: "con_1", entity: "note" },
      plugin: "acme/x",
      unit,
      check: undefined,
      batch: batch.signal,
    });
    const written = beforeRun?.(() => true, new AbortController().signal);
    await new Promise(setImmediate);
    assert.equal(seen.length, 8, "so many at a time");
    const over = coreError("batch-deadline-exceeded", "The batch began nothing more.");
    batch.abort(over);
    await assert.rejects(written ?? Promise.resolve(), over);
    await new Promise(setImmediate);
    assert.equal(seen.length, 8, "nor is any other hook begun");
  });

test("a hook that is cut off with its batch is not said to have failed", async () => {
  const said: unknown[] = [];
  const hooks = createHooks({
    subscribers: {
      of: () => new Map([["record.beforeWrite", [{ install: { id: "ins_1", plugin: "acme/tidy" } }]]]),
    },
    runner: {
      runHook: ({ signal }: { signal: AbortSignal }) =>
        new Promise((_, reject) =>
          signal.addEventListener("abort", () => reject(coreError("plugin-crashed", "It was ended."))),
        ),
    },
    settings: { limits: () => ({ hookMs: 1_000 }) },
    count: ({ outcome }: { outcome: string }) => said.push(outcome),
    logger: { warn: (_: object, message: string) => said.push(message) },
  } as never);
  const occasion = { tenantId: "tnt_1", plugin: "acme/x", connectionId: "con_1", callId: "call_1" };
  const value = { place: 1 };
  const batch = new AbortController();
  const { signal } = batch;
  const about = { value, told: {}, fits: () => true, signal };
  const passed = hooks.waterfall("record.beforeWrite", occasion, about);
  await new Promise(setImmediate);
  batch.abort(coreError("batch-deadline-exceeded", "The batch began nothing more."));
  assert.equal(await passed, value);
  assert.deepEqual(said, []);
});
