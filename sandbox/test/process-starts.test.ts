import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultLimits, type SandboxLimits } from "../index.ts";
import { defaultWorkerUrl, readablePaths } from "../locations.ts";
import { shapeOf } from "../plugin-process.ts";
import { createProcessStarts, type ProcessStarts } from "../process-starts.ts";
import { isRunning, isSealed, runnersOf, until } from "./launched.ts";
import { openPlugin } from "./open-plugin.ts";

const linux = { skip: process.platform !== "linux" && "This platform has no /proc." };
const workerUrl = defaultWorkerUrl();
const shape = shapeOf({
  limits: defaultLimits,
  workerUrl,
  readable: readablePaths(workerUrl),
  crashesLately: 0,
  startsBusy: false,
  isIdle: () => true,
  onBatch() {},
  onOutput() {},
  onDeath() {},
});
const looping = { crashesLately: 9, isLooping: true };
const crashed = { crashesLately: 2, isLooping: false };
const good = { crashesLately: 0, isLooping: false };

/** Ends when the request has its process, which is ended then, or once `held` is over. */
const serve = (
  starts: ProcessStarts,
  standing: typeof good,
  of = shape,
  held?: Promise<void>,
): Promise<void> =>
  new Promise((resolve, reject) => {
    starts.request({
      shape: of,
      ...standing,
      onProcess: (process) => void Promise.resolve(held).then(process.stop).then(resolve),
      onFailed: (detail) => reject(new Error(detail)),
    });
  });

test("who crashed less is started first, and one that goes on crashing after all others", async () => {
  const starts = createProcessStarts({ maxStarts: 1, maxSpares: 0 });
  const order: string[] = [];
  const loop = serve(starts, looping).then(() => order.push("looping"));
  const others = [
    serve(starts, crashed).then(() => order.push("crashed")),
    serve(starts, good).then(() => order.push("good")),
  ];
  await Promise.all([loop, ...others]);
  assert.deepEqual(order, ["good", "crashed", "looping"]);
});

test(
  "one that needs another kind of process does not wait for that of one that goes on crashing",
  linux,
  async () => {
    const starts = createProcessStarts({ maxStarts: 1, maxSpares: 0 });
    const before = runnersOf();
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const loop = serve(starts, looping, { ...shape, moreBytes: shape.moreBytes + 1 }, held);
    let started: number[] = [];
    await until(() => {
      started = runnersOf().filter((pid) => !before.includes(pid));
      return started.length > 0;
    });
    // It starts for as long as it takes.
    for (const pid of started) process.kill(pid, "SIGSTOP");
    await serve(starts, good);
    for (const pid of started) process.kill(pid, "SIGCONT");
    letGo();
    await loop;
  },
);

test("one that comes while another starts for a plugin that goes on crashing gets that one's process", async () => {
  const starts = createProcessStarts({ maxStarts: 1, maxSpares: 0 });
  const order: string[] = [];
  const loop = serve(starts, looping).then(() => order.push("looping"));
  await new Promise((resolve) => setImmediate(resolve));
  await serve(starts, good).then(() => order.push("good"));
  await loop;
  assert.deepEqual(order, ["good", "looping"]);
});

const actions = { good: "({ input }) => input", spin: "() => { for (;;); }" };
const limits = { blockMs: 50, crashes: 2, backOffMs: 1 } satisfies Partial<SandboxLimits>;

/** The one that is there for the next start, beside those in use. */
async function spareBeside(inUse: readonly number[]): Promise<number> {
  let spare: number | undefined;
  await until(() => {
    spare = runnersOf().find((pid) => !inUse.includes(pid) && isSealed(pid));
    return spare !== undefined;
  });
  return spare ?? 0;
}

test(
  "a plugin whose process was ended goes on in one that is already there, sealed, and had no plugin's code",
  linux,
  async (t) => {
    const plugin = openPlugin(t, actions, { isolation: "process", limits });
    assert.equal(await plugin.run("good", { input: 1 }), 1);
    const [first = 0] = runnersOf();
    const spare = await spareBeside([first]);
    assert.equal((await plugin.fail("spin")).code, "plugin-blocked");
    assert.equal(await plugin.run("good", { input: 2 }), 2);
    await until(() => !isRunning(first));
    assert.ok(isRunning(spare));
    await plugin.sandbox.close();
    await until(() => !isRunning(spare));
  },
);

test("a plugin that goes on crashing is given none of them", linux, async (t) => {
  const bad = openPlugin(t, actions, { isolation: "process", limits });
  const other = openPlugin(t, actions, { isolation: "process", limits: { heapBytes: 2 ** 28 } });
  for (const name of ["good", "spin", "spin"]) await bad.run(name).catch(() => {});
  // The launcher does one thing after the other: when this one has started, what was ended before is gone.
  await other.run("good");
  let there: number[] = [];
  await until(() => {
    there = runnersOf().filter(isSealed);
    return there.length >= 2;
  });
  while ((await bad.run("good", { input: 1 }).catch(() => 0)) !== 1);
  await Promise.all([bad, other].map(({ sandbox }) => sandbox.close()));
  await until(() => there.filter(isRunning).length < there.length);
  assert.equal(there.filter(isRunning).length, there.length - 1, "only what the other plugin ran in is gone");
});
