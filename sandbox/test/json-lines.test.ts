import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openJsonLines } from "../json-lines.ts";

test("values come as they were sent, however the bytes were cut", async (t) => {
  const { near, far } = await openPair(t);
  const sent = [{ a: "ü\n😀" }, [1, 2], "x".repeat(200_000), null];
  const got: unknown[] = [];
  const { promise: all, resolve } = Promise.withResolvers<void>();
  openJsonLines(near, {
    maxBytes: 1_000_000,
    onValue: (value) => got.push(value) === sent.length && resolve(),
    onNonsense: assert.fail,
  });
  const bytes = Buffer.from(sent.map((value) => `${JSON.stringify(value)}\n`).join(""));
  for (let from = 0; from < 40; from += 1) {
    far.write(bytes.subarray(from, from + 1));
    await new Promise((next) => setImmediate(next));
  }
  far.write(bytes.subarray(40));
  await all;
  assert.deepEqual(got, sent);
});

test("a line that comes byte by byte takes no more memory than its bytes", async (t) => {
  const { near } = await openPair(t);
  openJsonLines(near, { maxBytes: 1_000_000, onValue: assert.fail, onNonsense: assert.fail });
  const before = process.memoryUsage().arrayBuffers;
  // What Node reads comes in a buffer of this size, however little it is.
  for (let bytes = 0; bytes < 2_000; bytes += 1)
    near.emit("data", Buffer.from(new ArrayBuffer(65_536), 0, 1).fill(0x20));
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  assert.ok(process.memoryUsage().arrayBuffers - before < 64 * 2 ** 20);
});

test("what stands in text does not count as values", async (t) => {
  const { near, far } = await openPair(t);
  const sent = [`\\"[{,${'[{},"\\'.repeat(400_000)}`];
  const { promise: got, resolve } = Promise.withResolvers<unknown>();
  openJsonLines(near, { maxBytes: 10_000_000, maxParts: 10, onValue: resolve, onNonsense: assert.fail });
  far.write(`${JSON.stringify(sent)}\n`);
  assert.deepEqual(await got, sent);
});

const nonsense: { [what: string]: string } = {
  "a line that is no JSON": "{oops\n",
  "an empty line": "\n",
  "a line without end": "x".repeat(3_000_001),
  "a line that is too long, with its end": `"${"x".repeat(3_000_001)}"\n`,
  "a line that takes much more in memory": `[${"{},".repeat(400_000)}{}]\n`,
};
for (const [what, text] of Object.entries(nonsense))
  test(`${what} closes the channel, and what follows is not heard`, async (t) => {
    const { near, far } = await openPair(t);
    const got: unknown[] = [];
    const said: string[] = [];
    openJsonLines(near, {
      maxBytes: 3_000_000,
      maxParts: 500_000,
      onValue: (value) => got.push(value),
      onNonsense: (why) => said.push(why),
    });
    far.write(`1\n${text}2\n`);
    await once(near, "close");
    assert.deepEqual([got, said.length], [[1], 1]);
  });

async function openPair(t: TestContext): Promise<{ near: Socket; far: Socket }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const near = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [far] = (await once(server, "connection")) as [Socket];
  far.on("error", () => {});
  t.after(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}
