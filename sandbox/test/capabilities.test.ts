import assert from "node:assert/strict";
import { test } from "node:test";
import { type Capability, CapabilityError, JsonText, type Payload } from "../index.ts";
import { answering, openPlugin } from "./open-plugin.ts";

test("any capability becomes a function of the argument, and carries data both ways", async (t) => {
  const plugin = openPlugin(t, {
    store: "async ({ storage }) => [await storage({ get: 'a' }), await storage({ get: 'b' })]",
  });
  const asked: Payload[] = [];
  const storage: Capability = async (argument) => {
    asked.push(argument);
    return { value: asked.length };
  };
  assert.deepEqual(await plugin.run("store", { capabilities: { storage } }), [{ value: 1 }, { value: 2 }]);
  assert.deepEqual(asked, [{ get: "a" }, { get: "b" }]);
});

test("a capability may answer nothing, which is not null", async (t) => {
  const plugin = openPlugin(t, {
    read: "async ({ storage }) => [(await storage.get('nothing')) === undefined, await storage.get('null')]",
  });
  const get: Capability = async (argument) =>
    Array.isArray(argument) && argument[0] === "null" ? null : undefined;
  assert.deepEqual(await plugin.run("read", { capabilities: { "storage.get": get } }), [true, null]);
});

test("a capability may answer JSON text, which plugin code gets as what it says", async (t) => {
  const plugin = openPlugin(t, { read: "async ({ storage }) => storage.get('a')" });
  const get: Capability = async () => new JsonText('{ "a": [1, null], "text": "\\u0000bytes" }');
  assert.deepEqual(await plugin.run("read", { capabilities: { "storage.get": get } }), {
    a: [1, null],
    text: "\u0000bytes",
  });
});

test("what is larger than a capability takes is refused before it is read", async (t) => {
  const plugin = openPlugin(t, {
    ask: "({ input, ask }) => ask(Array(input).fill(0)).then(() => 'answered', (error) => error.code)",
  });
  const asked: Payload[] = [];
  const ask: Capability = async (argument) => {
    asked.push(argument);
    return null;
  };
  ask.checkSize = (size) => {
    if (size > 100) throw new CapabilityError("too-much", `It has ${size} characters.`);
  };
  assert.equal(await plugin.run("ask", { input: 50, capabilities: { ask } }), "too-much");
  assert.equal(asked.length, 0);
  assert.equal(await plugin.run("ask", { input: 49, capabilities: { ask } }), "answered");
});

test("a capability that was not given is not there", async (t) => {
  const plugin = openPlugin(t, { look: "({ storage, events }) => [typeof storage, typeof events]" });
  assert.deepEqual(await plugin.run("look"), ["undefined", "undefined"]);
});

test("fetch is always there, and refuses when it was not given", async (t) => {
  const plugin = openPlugin(t, {
    both: `async (context) => {
    const codes = [];
    for (const f of [fetch, context.fetch]) await f("https://vendor.test/").catch((error) => codes.push(error.code));
    return codes;
  }`,
  });
  assert.deepEqual(await plugin.run("both"), ["capability-not-granted", "capability-not-granted"]);
});

test("calls that overlap each use their own capabilities, also over the global fetch", async (t) => {
  const plugin = openPlugin(t, {
    ask: `async () => {
    const texts = [];
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      texts.push(await (await fetch("https://vendor.test/")).text());
    }
    return texts;
  }`,
  });
  const ask = (tenantId: string) =>
    plugin.run("ask", { tenantId, capabilities: { fetch: answering(tenantId) } });
  const tenants = ["tnt_a", "tnt_b", "tnt_c", "tnt_a"];
  assert.deepEqual(
    await Promise.all(tenants.map(ask)),
    tenants.map((tenant) => Array(5).fill(tenant)),
  );
});

test("a capability's error is rebuilt inside with its code, message and details", async (t) => {
  const plugin = openPlugin(t, {
    ask: `async ({ fetch }) => {
    try { await fetch("https://vendor.test/"); } catch (error) {
      return { own: error instanceof Error, code: error.code, message: error.message, details: error.details, retryAfterMs: error.retryAfterMs };
    }
  }`,
  });
  const fetch = async () => {
    throw new CapabilityError("egress-denied", "No grant.", { details: { host: "a" }, retryAfterMs: 5 });
  };
  assert.deepEqual(await plugin.run("ask", { capabilities: { fetch } }), {
    own: true,
    code: "egress-denied",
    message: "No grant.",
    details: { host: "a" },
    retryAfterMs: 5,
  });
});

test("any other error of a capability tells plugin code nothing", async (t) => {
  const plugin = openPlugin(t, {
    ask: "({ fetch }) => fetch('https://vendor.test/').catch((error) => [error.code, error.message, String(error.stack)])",
  });
  const fetch = async () => {
    throw new Error("password=hunter2 at /srv/app/secret.ts");
  };
  assert.deepEqual(await plugin.run("ask", { capabilities: { fetch } }), [
    "capability-failed",
    "The capability failed in the host.",
    "",
  ]);
});

test("a capability kept past its call is refused, and timers of the call are gone", async (t) => {
  const plugin = openPlugin(t, {
    keep: "({ fetch, log, input }) => { globalThis.kept = { fetch, log }; setTimeout(() => { globalThis.fired = true; }, 1); setInterval(() => { globalThis.fired = true; }, 1); return 1; }",
    late: `async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const code = await kept.fetch("https://vendor.test/").catch((error) => error.code);
      kept.log.info("late");
      return [code, globalThis.fired ?? false];
    }`,
  });
  const seen: string[] = [];
  const fetch: Capability = async () => {
    seen.push("fetch");
    throw new Error();
  };
  const log: Capability = async () => {
    seen.push("log");
    return null;
  };
  await plugin.run("keep", { capabilities: { fetch, log } });
  assert.deepEqual(await plugin.run("late", { capabilities: { fetch, log } }), ["call-ended", false]);
  assert.deepEqual(seen, []);
});

test("work that a call left behind cannot use the next call's capabilities", async (t) => {
  const plugin = openPlugin(t, {
    leave:
      "() => { globalThis.wake = Promise.withResolvers(); globalThis.wake.promise.then(() => fetch('https://vendor.test/')).catch((error) => { globalThis.code = error.code; }); return 1; }",
    wake: "async () => { globalThis.wake.resolve(); await new Promise((resolve) => setTimeout(resolve, 5)); return globalThis.code; }",
  });
  let used = 0;
  const fetch: Capability = async () => {
    used += 1;
    throw new Error();
  };
  await plugin.run("leave", { capabilities: { fetch } });
  assert.equal(await plugin.run("wake", { capabilities: { fetch } }), "call-ended");
  assert.equal(used, 0);
});

test("all that was logged has arrived when the call answers", async (t) => {
  const plugin = openPlugin(t, {
    talk: "({ log }) => { for (let i = 0; i < 50; i++) log.warn('line', { i }); console.error('last', { a: 1 }, new Error('x')); return 1; }",
  });
  const lines: Payload[] = [];
  const log: Capability = async (line) => {
    lines.push(line);
    return null;
  };
  await plugin.run("talk", { capabilities: { log } });
  await null;
  assert.equal(lines.length, 51);
  assert.deepEqual(lines[0], { level: "warn", message: "line", fields: { i: 0 } });
  assert.deepEqual(lines[50], { level: "error", message: 'last {"a":1} Error: x' });
});

test("a log that fails, or that never answers, does not disturb the call", async (t) => {
  const plugin = openPlugin(t, { talk: "({ log }) => { log.info('a'); return 1; }" });
  const failing: Capability = () => Promise.reject(new Error("disk full"));
  assert.equal(await plugin.run("talk", { capabilities: { log: failing } }), 1);
  const throwing: Capability = () => {
    throw new Error("disk full");
  };
  assert.equal(await plugin.run("talk", { capabilities: { log: throwing } }), 1);
  assert.equal(await plugin.run("talk", { capabilities: { log: () => new Promise(() => {}) } }), 1);
});

test("giving up a fetch tells the host, and the caller who gives the call up tells the plugin", async (t) => {
  const plugin = openPlugin(t, {
    give: `async ({ fetch }) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 5);
      return fetch("https://vendor.test/", { signal: controller.signal }).catch((error) => error.name);
    }`,
    wait: "({ signal, fetch }) => { signal.addEventListener('abort', () => { globalThis.told = signal.reason.code; }); return fetch('https://vendor.test/'); }",
    told: "async () => { while (!globalThis.told) await new Promise((resolve) => setTimeout(resolve, 1)); return globalThis.told; }",
  });
  let aborts = 0;
  let onAsked = () => {};
  const fetch: Capability = (_, { signal }) => {
    signal.addEventListener("abort", () => {
      aborts += 1;
    });
    onAsked();
    return new Promise(() => {});
  };
  assert.equal(await plugin.run("give", { capabilities: { fetch } }), "AbortError");
  assert.equal(aborts, 1);

  const controller = new AbortController();
  const asked = new Promise<void>((resolve) => {
    onAsked = resolve;
  });
  const waiting = plugin.fail("wait", { capabilities: { fetch }, signal: controller.signal });
  await asked;
  controller.abort();
  assert.equal((await waiting).code, "call-aborted");
  assert.equal(aborts, 2);
  assert.equal(await plugin.run("told"), "call-ended");
});

test("bytes cross only with the binary permission", async (t) => {
  const actions = {
    types:
      "() => [typeof Uint8Array, typeof ArrayBuffer, typeof DataView, typeof SharedArrayBuffer, typeof WebAssembly]",
    send: "({ fetch }) => fetch('https://vendor.test/', { method: 'PUT', body: new Uint8Array([1, 2, 255]).subarray(1) }).then((r) => r.bytes()).then((bytes) => [...bytes])",
    read: "({ fetch }) => fetch('https://vendor.test/').then((r) => r.arrayBuffer()).catch((error) => error.code)",
    encode:
      "() => { try { return [...new TextEncoder().encode('é')]; } catch (error) { return error.code; } }",
    store:
      "async ({ storage }) => { try { const { data } = await storage({ data: typeof Uint8Array === 'function' ? new Uint8Array([7]) : 7 }); return Array.from(data); } catch (error) { return error.code; } }",
  };
  const bodies: Payload[] = [];
  const fetch: Capability = async (request) => {
    bodies.push((request as { body: Payload }).body);
    return { status: 200, statusText: "", url: "", headers: [], body: Buffer.from([9, 8]) };
  };
  const storage: Capability = async () => ({ data: new Uint8Array([5, 6]) });
  const without = openPlugin(t, actions);
  assert.deepEqual(await without.run("types"), Array(5).fill("undefined"));
  assert.equal(await without.run("read", { capabilities: { fetch } }), "permission-not-granted");
  assert.deepEqual(await without.run("encode"), [195, 169], "a plain list of numbers");
  assert.equal(await without.run("store", { capabilities: { storage } }), "permission-not-granted");

  const granted = openPlugin(t, actions, { binary: true });
  assert.deepEqual(await granted.run("types"), [
    "function",
    "function",
    "function",
    "undefined",
    "undefined",
  ]);
  assert.deepEqual(await granted.run("send", { capabilities: { fetch } }), [9, 8]);
  assert.deepEqual(Array.from(bodies.at(-1) as Uint8Array), [2, 255]);
  assert.deepEqual(await granted.run("encode"), [195, 169]);
  assert.deepEqual(await granted.run("store", { capabilities: { storage } }), [5, 6]);
});

test("what the host keeps beside the bytes it sends does not cross", async (t) => {
  const plugin = openPlugin(
    t,
    {
      size: "({ fetch }) => fetch('https://vendor.test/').then((r) => r.arrayBuffer()).then((b) => b.byteLength)",
    },
    { binary: true },
  );
  const pool = Buffer.from("secret|public|secret");
  const fetch: Capability = async () => ({
    status: 200,
    statusText: "",
    url: "",
    headers: [],
    body: pool.subarray(7, 13),
  });
  assert.equal(await plugin.run("size", { capabilities: { fetch } }), 6);
});
