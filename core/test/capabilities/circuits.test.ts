import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { CircuitBreakerPolicy } from "@plugboard/plugin-sdk/manifest";
import { createMetrics } from "@plugboard/service-kit/observe";
import { createCircuits } from "../../kernel/capabilities/fetch/circuits.ts";
import { pluginOf, startVendor, turnedClock, vendorHost, vendorUrl } from "./harness.ts";

const policy: CircuitBreakerPolicy = {
  minRequests: 4,
  failurePercent: 50,
  windowSeconds: 10,
  openSeconds: 5,
};

/** A vendor that answers what it is told to, `cut` for nothing at all. */
async function failing(t: TestContext, circuitBreaker: CircuitBreakerPolicy | false | "default" = policy) {
  const clock = turnedClock();
  const answers: { now: number | "cut" } = { now: 500 };
  const vendor = await startVendor(t, (_, response) => {
    if (answers.now === "cut") response.destroy();
    else response.writeHead(answers.now).end();
  });
  const requests = circuitBreaker === "default" ? {} : { circuitBreaker };
  const plugin = pluginOf(t, vendor, { clock, requests, limits: { maxRetries: 0 } });
  const fail = async (times: number) => {
    for (let i = 0; i < times; i++) await plugin.fetch().catch(() => {});
  };
  return { clock, vendor, plugin, answers, fail };
}

const isOpen = { code: "fetch-circuit-open" };

describe("a vendor that keeps failing over a connection", () => {
  for (const answer of [500, 503, "cut"] as const) {
    test(`is left alone for a while (${answer}), and the plugin is told until when`, async (t) => {
      const { clock, vendor, plugin, answers, fail } = await failing(t);
      answers.now = answer;
      await fail(4);
      clock.turn(1_000);
      await assert.rejects(plugin.fetch(), {
        ...isOpen,
        message: `${vendorHost} has failed too often over this connection and is left alone for a while. Repeat it in 4000 ms.`,
        retryAfterMs: 4_000,
      });
      assert.equal(vendor.requests.length, 4);
      assert.match(
        await plugin.metrics.text(),
        /^plugboard_egress_circuits_open\{plugin="acme\/vendor"\} 1$/m,
      );
      const since = Date.parse("2026-01-01T00:00:00Z");
      assert.deepEqual(plugin.broker.circuitsOf("con_1"), [{ host: vendorHost, state: "open", since }]);
    });
  }

  test("is tried with one request, and all go through again if that works", async (t) => {
    const { clock, vendor, plugin, answers, fail } = await failing(t);
    await fail(4);
    clock.turn(5_000);
    answers.now = 200;
    const three = await Promise.allSettled([plugin.fetch(), plugin.fetch(), plugin.fetch()]);
    assert.deepEqual(
      three.map(({ status }) => status),
      ["fulfilled", "rejected", "rejected"],
    );
    assert.equal(vendor.requests.length, 5);
    await Promise.all([plugin.fetch(), plugin.fetch()]);
    assert.deepEqual(plugin.broker.circuitsOf("con_1"), []);
    assert.match(await plugin.metrics.text(), /circuit_changes_total\{plugin="acme\/vendor",to="closed"\} 1/);
  });

  test("is left alone again if that one fails", async (t) => {
    const { clock, vendor, plugin, fail } = await failing(t);
    await fail(4);
    clock.turn(5_000);
    assert.equal((await plugin.fetch()).status, 500);
    clock.turn(4_999);
    await assert.rejects(plugin.fetch(), isOpen);
    clock.turn(1);
    assert.equal((await plugin.fetch()).status, 500);
    assert.equal(vendor.requests.length, 6);
  });

  test("is not left alone by other connections", async (t) => {
    const { plugin, fail } = await failing(t);
    await fail(4);
    await assert.rejects(plugin.fetch(), isOpen);
    assert.equal((await plugin.over({ id: "con_2" }).fetch()).status, 500);
  });

  test("gets no attempt more within a request either", async (t) => {
    const clock = turnedClock();
    const vendor = await startVendor(t, (_, response) => response.writeHead(503).end());
    const retries = { most: 5, delayMs: 0, maxDelayMs: 0 };
    const plugin = pluginOf(t, vendor, { clock, requests: { circuitBreaker: policy, retries } });
    const reply = plugin.fetch();
    const turning = setInterval(() => clock.turn(0), 1);
    assert.equal((await reply).status, 503);
    clearInterval(turning);
    assert.equal(vendor.requests.length, 4);
  });
});

describe("a circuit stays closed", () => {
  test("while more works than fails", async (t) => {
    const { plugin, answers, fail } = await failing(t);
    await fail(1);
    answers.now = 200;
    await fail(4);
    answers.now = 500;
    await fail(2);
    assert.equal((await plugin.fetch()).status, 500);
  });

  test("for what is the plugin's own mistake, and for what it gave up itself", async (t) => {
    const { plugin, answers, vendor } = await failing(t);
    answers.now = 404;
    for (let i = 0; i < 9; i++) await plugin.fetch();
    for (let i = 0; i < 9; i++) await plugin.fetch({}, AbortSignal.abort()).catch(() => {});
    answers.now = 429;
    for (let i = 0; i < 9; i++) await plugin.fetch();
    assert.equal(vendor.requests.length, 18);
  });

  test("when failures are long ago", async (t) => {
    const { clock, plugin, fail } = await failing(t);
    await fail(3);
    clock.turn(15_001);
    await fail(1);
    assert.equal((await plugin.fetch()).status, 500);
  });

  test("where it is declared that there is none", async (t) => {
    const { plugin, fail } = await failing(t, false);
    await fail(50);
    assert.equal((await plugin.fetch()).status, 500);
  });
});

test("without a declaration it takes twenty failures", async (t) => {
  const { plugin, fail } = await failing(t, "default");
  await fail(19);
  assert.equal((await plugin.fetch({ url: `${vendorUrl}/20` })).status, 500);
  await assert.rejects(plugin.fetch(), isOpen);
});

describe("of very many circuits", () => {
  function openCircuits() {
    const clock = turnedClock();
    const circuits = createCircuits({ clock, metrics: createMetrics({ runtime: false }) });
    let reads = 0;
    const fail = (connectionId: string, host = vendorHost) => {
      const place = {
        get connectionId() {
          reads++;
          return connectionId;
        },
        pluginId: "acme/vendor",
        host,
      };
      circuits.admit(place, { ...policy, minRequests: 1 } as Required<CircuitBreakerPolicy>)("failed");
    };
    return { clock, circuits, fail, reads: () => reads };
  }

  test("those of a connection that is gone are forgotten without a look at the others'", () => {
    const { circuits, fail, reads } = openCircuits();
    for (let i = 0; i < 1_000; i++) fail(`con_${i}`);
    fail("con_7", "other.vendor.test");
    const before = reads();
    circuits.forget("con_7");
    assert.equal(reads(), before);
    assert.deepEqual(circuits.statesOf("con_7"), []);
    assert.equal(circuits.statesOf("con_8").length, 1);
    fail("con_7");
    assert.deepEqual(
      circuits.statesOf("con_7").map(({ host }) => host),
      [vendorHost],
    );
  });

  test("those that nobody has tried for a day are forgotten, and no other that is open", () => {
    const { clock, circuits, fail } = openCircuits();
    const dayMs = 24 * 60 * 60 * 1000;
    for (let i = 0; i < 9_999; i++) fail(`con_${i}`);
    clock.turn(5_000 + dayMs);
    fail("late_0");
    const opened = (id: string) => circuits.statesOf(id).length;
    assert.deepEqual([opened("con_0"), opened("late_0")], [1, 1]);
    clock.turn(1);
    fail("late_1");
    assert.deepEqual([opened("con_0"), opened("con_9998"), opened("late_0"), opened("late_1")], [0, 0, 1, 1]);
  });
});
