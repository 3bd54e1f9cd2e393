import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { RateLimit } from "@plugboard/plugin-sdk/manifest";
import {
  grantOf,
  type Plugin,
  type PluginOptions,
  pluginOf,
  startVendor,
  textOf,
  turnedClock,
  type Vendor,
  vendorUrl,
} from "./harness.ts";

type Handle = Parameters<typeof startVendor>[1];
const fence = "/fence";

async function paced(t: TestContext, options: Omit<PluginOptions, "clock"> & { handle?: Handle }) {
  const clock = turnedClock();
  const { handle, ...rest } = options;
  const vendor = await startVendor(t, handle);
  const plugin = pluginOf(t, vendor, { clock, ...rest });
  return { clock, vendor, plugin };
}

const limited = (...limits: RateLimit[]) => ({ requests: { limits } });

/** The paths that the vendor has seen, once all that were let through have arrived. */
async function seen(vendor: Vendor, most: number): Promise<string[]> {
  const paths = () => vendor.requests.map(({ url }) => url).filter((url) => url !== fence);
  while (paths().length < most) await new Promise((resolve) => setImmediate(resolve));
  // A request of somebody else's goes there and back; what was let through before it has arrived by then.
  await fetch(`${vendor.origin}${fence}`);
  return paths();
}

const many = (plugin: Pick<Plugin, "fetch">, count: number, path = "") =>
  Array.from({ length: count }, (_, i) => plugin.fetch({ url: `${vendorUrl}/${path}${i + 1}` }));

describe("a declared limit lets requests wait for their turn:", () => {
  test("so many in any time as long (sliding window)", async (t) => {
    const limit: RateLimit = { type: "sliding-window", requests: 3, seconds: 1 };
    const { clock, vendor, plugin } = await paced(t, limited(limit));
    await plugin.fetch();
    clock.turn(600);
    const replies = many(plugin, 5);
    assert.equal((await seen(vendor, 3)).length, 3);
    clock.turn(399);
    assert.equal((await seen(vendor, 3)).length, 3, "the first is still within the second");
    clock.turn(20);
    assert.equal((await seen(vendor, 4)).length, 4);
    clock.turn(600);
    assert.equal((await seen(vendor, 6)).length, 6);
    assert.deepEqual(new Set((await Promise.all(replies)).map(({ status }) => status)), new Set([200]));
  });

  test("so many in one time after the other (fixed window)", async (t) => {
    const { clock, vendor, plugin } = await paced(
      t,
      limited({ type: "fixed-window", requests: 2, seconds: 10 }),
    );
    const replies = many(plugin, 5);
    assert.equal((await seen(vendor, 2)).length, 2);
    clock.turn(9_999);
    assert.equal((await seen(vendor, 2)).length, 2);
    clock.turn(1);
    assert.equal((await seen(vendor, 4)).length, 4);
    void replies.at(-1)?.catch(() => {});
    clock.turn(10_000);
    await Promise.all(replies.slice(0, 4));
  });

  test("a burst, then steadily (token bucket)", async (t) => {
    const limit: RateLimit = { type: "token-bucket", capacity: 4, refillPerSecond: 2 };
    const { clock, vendor, plugin } = await paced(t, limited(limit));
    const replies = many(plugin, 6);
    assert.equal((await seen(vendor, 4)).length, 4);
    clock.turn(500);
    assert.equal((await seen(vendor, 5)).length, 5);
    clock.turn(500);
    assert.equal((await Promise.all(replies)).length, 6);
  });

  test("so many at a time (concurrency)", async (t) => {
    const ends: (() => void)[] = [];
    const { vendor, plugin } = await paced(t, {
      ...limited({ type: "concurrency", requests: 2 }),
      handle: (_, response, { url }) =>
        url === fence ? response.end() : void ends.push(() => response.end()),
    });
    const replies = many(plugin, 3);
    assert.equal((await seen(vendor, 2)).length, 2);
    ends.shift()?.();
    assert.equal((await seen(vendor, 3)).length, 3);
    for (const end of ends) end();
    await Promise.all(replies);
  });

  test("only those that it is about", async (t) => {
    const limit: RateLimit = {
      type: "fixed-window",
      requests: 1,
      seconds: 10,
      methods: ["POST"],
      paths: ["/v1/**"],
    };
    const { clock, plugin } = await paced(t, limited(limit));
    await plugin.fetch({ method: "POST", url: `${vendorUrl}/v1/a` });
    await plugin.fetch({ url: `${vendorUrl}/v1/a` });
    await plugin.fetch({ method: "POST", url: `${vendorUrl}/v2/a` });
    const held = plugin.fetch({ method: "POST", url: `${vendorUrl}/v1/b` });
    const isHeld = await Promise.race([
      held.then(() => false),
      plugin
        .over({ id: "c2" })
        .fetch()
        .then(() => true),
    ]);
    assert.ok(isHeld);
    clock.turn(10_000);
    await held;
  });

  test("of a connection, another connection does not wait; of the plugin, it does, and tenants take turns", async (t) => {
    const limit: RateLimit = { type: "token-bucket", capacity: 1, refillPerSecond: 1, per: "plugin" };
    const { clock, vendor, plugin } = await paced(t, limited(limit));
    await plugin.fetch({ url: `${vendorUrl}/first` });
    const greedy = many(plugin, 4, "greedy");
    const modest = many(plugin.over({ id: "con_2", tenantId: "tnt_2" }), 2, "modest");
    for (let i = 2; i <= 7; i++) {
      clock.turn(1_000);
      await seen(vendor, i);
    }
    await Promise.all([...greedy, ...modest]);
    assert.deepEqual(await seen(vendor, 7), [
      ...["/first", "/greedy1", "/modest1", "/greedy2", "/modest2", "/greedy3", "/greedy4"],
    ]);
  });

  test("each attempt counts, as it does for the vendor", async (t) => {
    const { clock, vendor, plugin } = await paced(t, {
      requests: {
        limits: [{ type: "fixed-window", requests: 2, seconds: 10 }],
        retries: { delayMs: 100, backoff: "fixed", jitter: "none" },
      },
      handle: (_, response) => response.writeHead(vendor.requests.length < 3 ? 503 : 200).end(),
    });
    const reply = plugin.fetch();
    while (vendor.requests.length < 1) await new Promise((resolve) => setImmediate(resolve));
    while (clock.pending() < 2) await new Promise((resolve) => setImmediate(resolve));
    clock.turn(100);
    while (vendor.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
    while (clock.pending() < 2) await new Promise((resolve) => setImmediate(resolve));
    clock.turn(100);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(vendor.requests.length, 2);
    clock.turn(10_000);
    assert.equal((await reply).status, 200);
  });
});

test("a path is looked at once, however many patterns it is held against", async (t) => {
  const paths = ["/**", "/v1/**", "/*/**", "/*/*", "/v1/*"];
  const limits = Array.from(
    { length: 20 },
    (_, i): RateLimit => ({ type: "sliding-window", requests: 1_000 + i, seconds: 1, paths }),
  );
  const { plugin } = await paced(t, limited(...limits));
  const normalize = t.mock.method(String.prototype, "normalize");
  // A full-width slash: such a path fits none of them.
  await plugin.fetch({ url: `${vendorUrl}/v1/%EF%BC%8F` });
  assert.equal(normalize.mock.callCount(), 1);
});

describe("what the vendor says of its limits is honoured:", () => {
  const now = "2026-01-01T00:00:05Z";
  const said: [string, Record<string, string>][] = [
    ["RateLimit-*", { "ratelimit-limit": "10", "ratelimit-remaining": "0", "ratelimit-reset": "5" }],
    ["RateLimit, as it was", { ratelimit: "limit=10, remaining=0, reset=5" }],
    ["RateLimit, as it is", { ratelimit: '"burst";r=9;t=60, "default";r=0;t=5' }],
    ["X-RateLimit-* in seconds from now", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "5" }],
    [
      "X-RateLimit-* as a time",
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(Date.parse(now) / 1000) },
    ],
    [
      "as a time on a clock that is an hour behind",
      {
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(Date.parse(now) / 1000 - 3600),
        date: "Wed, 31 Dec 2025 23:00:00 GMT",
      },
    ],
    ["in milliseconds", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(Date.parse(now)) }],
  ];
  for (const [how, headers] of said) {
    test(how, async (t) => {
      const handle: Handle = (_, response, { url }) => {
        response.sendDate = false;
        response.writeHead(200, url === "/" ? headers : {}).end();
      };
      const { clock, vendor, plugin } = await paced(t, { handle });
      await plugin.fetch();
      const next = plugin.fetch({ url: `${vendorUrl}/next` });
      clock.turn(4_999);
      assert.deepEqual(await seen(vendor, 1), ["/"]);
      clock.turn(1);
      assert.equal((await next).status, 200);
    });
  }

  test("Retry-After keeps the connection's other requests too, and no other connection's", async (t) => {
    const handle: Handle = (_, response, { url }) =>
      response.writeHead(url === "/" ? 429 : 200, url === "/" ? { "retry-after": "5" } : {}).end();
    const { clock, vendor, plugin } = await paced(t, { handle, limits: { maxRetries: 0 } });
    assert.equal((await plugin.fetch({ method: "POST" })).status, 429);
    const next = plugin.fetch({ url: `${vendorUrl}/next` });
    assert.deepEqual(await seen(vendor, 1), ["/"]);
    clock.turn(5_000);
    assert.equal((await next).status, 200);
  });

  test("what it makes wait for too long is refused at once, and says when", async (t) => {
    const handle: Handle = (_, response) => response.writeHead(429, { "retry-after": "3600" }).end();
    const { vendor, plugin } = await paced(t, { handle, limits: { maxRetries: 0 } });
    await plugin.fetch();
    await assert.rejects(plugin.fetch(), {
      code: "fetch-rate-limited",
      message: "api.vendor.test has told this connection to wait. Repeat it in 3600000 ms.",
      retryAfterMs: 3_600_000,
    });
    assert.equal(vendor.requests.length, 1);
  });

  for (const form of ["40/40", "api-usage=40/40", "api-usage=40/40; per-app-api-usage=17/250(appName=app)"])
    test(`under a name that the author declares, of the form ${form}`, async (t) => {
      const handle: Handle = (_, response) => response.writeHead(200, { "x-call-limit": form }).end();
      const limit: RateLimit = {
        type: "token-bucket",
        capacity: 80,
        refillPerSecond: 2,
        reported: { used: "header:X-Call-Limit" },
      };
      const { clock, vendor, plugin } = await paced(t, { handle, ...limited(limit) });
      await plugin.fetch();
      const next = plugin.fetch({ url: `${vendorUrl}/next` });
      clock.turn(499);
      assert.deepEqual(await seen(vendor, 1), ["/"]);
      clock.turn(1);
      await next;
    });

  test("as the cost of a query, in the body of a reply", async (t) => {
    const handle: Handle = (_, response, { url }) => {
      const cost = { actual: 92, throttle: { maximum: 1000, available: 8, restore: 100 } };
      response.end(JSON.stringify(url === "/" ? { data: {}, extensions: { cost } } : {}));
    };
    const place = "/extensions/cost";
    const limit: RateLimit = {
      type: "token-bucket",
      capacity: 500,
      refillPerSecond: 1,
      cost: 58,
      reported: {
        cost: `${place}/actual`,
        limit: `${place}/throttle/maximum`,
        remaining: `${place}/throttle/available`,
        refillPerSecond: `${place}/throttle/restore`,
      },
    };
    const { clock, vendor, plugin } = await paced(t, { handle, ...limited(limit) });
    await plugin.fetch({ method: "POST" });
    const next = plugin.fetch({ method: "POST", url: `${vendorUrl}/next` });
    clock.turn(499);
    assert.deepEqual(await seen(vendor, 1), ["/"]);
    clock.turn(1);
    await next;
  });

  describe("as what it asks for a query before it runs it, which", () => {
    interface Answer {
      asked: number;
      actual: number | null;
      left: number;
      isThrottled?: boolean;
    }
    const place = "/extensions/cost";
    const requests: NonNullable<PluginOptions["requests"]> = {
      graphql: { paths: ["/graphql"] },
      retries: { delayMs: 0, replies: [{ at: "/errors/0", is: ["THROTTLED"] }] },
      limits: [
        {
          type: "token-bucket",
          capacity: 1_000,
          refillPerSecond: 1_000,
          cost: 50,
          reported: {
            asked: `${place}/asked`,
            cost: `${place}/actual`,
            limit: `${place}/max`,
            remaining: `${place}/left`,
            refillPerSecond: `${place}/refill`,
          },
        },
      ],
    };

    /** A vendor with a bucket of 300 points, 100 more a second, and what it answers. */
    async function priced(t: TestContext, answers: Answer[], held?: Promise<void>) {
      const handle: Handle = async (_, response, { url }) => {
        if (url === fence) return void response.end();
        const { isThrottled, ...cost } = answers.shift() ?? { asked: 1, actual: 1, left: 300 };
        if (answers.length === 0) await held;
        const extensions = { cost: { ...cost, max: 300, refill: 100 } };
        response.end(JSON.stringify({ extensions, ...(isThrottled && { errors: ["THROTTLED"] }) }));
      };
      const opened = await paced(t, { handle, requests });
      const list = (first: number, after: string | null = null) =>
        opened.plugin.fetch({
          method: "POST",
          url: `${vendorUrl}/graphql`,
          body: JSON.stringify({ query: "query List { a }", variables: { first, after } }),
        });
      return { ...opened, list };
    }

    test("the next of its kind waits for", async (t) => {
      const { clock, vendor, list } = await priced(t, [
        { asked: 250, actual: 4, left: 296 },
        { asked: 10, actual: 10, left: 100 },
      ]);
      await list(100);
      await list(5);
      const next = list(100, "the next page");
      clock.turn(1_499);
      assert.equal((await seen(vendor, 2)).length, 2);
      clock.turn(1);
      await next;
      await list(5);
    });

    test("those of its kind that came at once take from each other", async (t) => {
      const { promise: held, resolve: answer } = Promise.withResolvers<void>();
      const { clock, vendor, list } = await priced(
        t,
        [
          { asked: 200, actual: 4, left: 300 },
          { asked: 200, actual: 4, left: 296 },
        ],
        held,
      );
      await list(100);
      const both = [list(100), list(100)];
      assert.equal((await seen(vendor, 2)).length, 2);
      clock.turn(999);
      assert.equal((await seen(vendor, 2)).length, 2);
      answer();
      await Promise.all(both);
    });

    test("one that was refused for it waits for before it is repeated", async (t) => {
      const { clock, vendor, plugin, list } = await priced(t, [
        { asked: 250, actual: null, left: 100, isThrottled: true },
        { asked: 250, actual: 4, left: 296 },
      ]);
      const only = list(100);
      while (!/^plugboard_egress_queued 1$/m.test(await plugin.metrics.text())) {
        clock.turn(0);
        await new Promise((resolve) => setImmediate(resolve));
      }
      clock.turn(1_499);
      assert.equal((await seen(vendor, 1)).length, 1);
      clock.turn(1);
      assert.doesNotMatch(textOf(await only), /THROTTLED/);
    });

    test("is more than there ever is: then what it said is the answer", async (t) => {
      const { vendor, list } = await priced(t, [{ asked: 402, actual: null, left: 300, isThrottled: true }]);
      assert.match(textOf(await list(100)), /THROTTLED/);
      assert.equal(vendor.requests.length, 1);
    });
  });

  test("as the size of a limit, also once all of it is there again: for a day after it was said last", async (t) => {
    const handle: Handle = (_, response, { url }) =>
      response.end(JSON.stringify(url === "/" ? { max: 2, left: 2, refill: 2 } : {}));
    const limit: RateLimit = {
      type: "token-bucket",
      capacity: 5,
      refillPerSecond: 5,
      reported: { limit: "/max", remaining: "/left", refillPerSecond: "/refill" },
    };
    const { clock, vendor, plugin } = await paced(t, { handle, ...limited(limit) });
    await plugin.fetch();
    clock.turn(3_600_000);
    const burst = many(plugin, 5);
    assert.equal((await seen(vendor, 3)).length, 3);
    for (let i = 0; i < 3; i++) clock.turn(500);
    await Promise.all(burst);
    clock.turn(86_400_000);
    await Promise.all(many(plugin, 5));
  });

  const echoed: [place: string, reported: object, digits: string][] = [
    ["in a header", { cost: "header:X-Echo" }, "86399123"],
    ["in a header that is read unasked", {}, "86399124"],
    ["as a text in the body", { cost: "/echo/text" }, "86399125"],
    ["as a number in the body", { cost: "/echo/number" }, "86399126"],
    ["as a number that is too long for one", { cost: "/echo/number" }, "86399127863991278639912786399127"],
  ];
  for (const [place, reported, digits] of echoed) {
    test(`a vendor that echoes the credential ${place} brings none of its digits to the plugin`, async (t) => {
      const handle: Handle = (_, response, { headers }) => {
        const echo = String(headers["x-api-key"]);
        const names = {
          "x-echo": echo,
          "x-left": "0",
          "x-ratelimit-reset": echo,
          "x-ratelimit-remaining": "0",
        };
        response.writeHead(200, names).end(`{"echo":{"text":"${echo}","number":${echo}}}`);
      };
      const limit: RateLimit = { type: "token-bucket", capacity: 9, refillPerSecond: 1, reported };
      const { plugin } = await paced(t, {
        handle,
        ...limited(limit),
        connection: { credential: async () => ({ type: "apiKey", key: digits }) },
      });
      for (let i = 0; i < 3; i++) assert.equal((await plugin.fetch()).status, 200);
    });
  }

  const nines = "9".repeat(100);
  const wild: [what: string, figures: object, waitMs: number][] = [
    ["costs more than there ever is", { cost: nines }, 1_000],
    ["has less left than nothing", { left: `-${nines}` }, 1_000],
    ["has used more than there is", { used: `${nines}/9` }, 1_000],
    ["is never there again", { left: "0", refill: "0.00000000000001", max: "86400" }, 8_000],
    ["allows nothing at all", { max: "0.000001", left: "0" }, 125],
  ];
  for (const [what, figures, waitMs] of wild) {
    test(`a vendor whose limit ${what} holds its own connection up for no longer than its limit can`, async (t) => {
      const handle: Handle = (_, response, { url }) =>
        response.end(JSON.stringify(url === "/" ? figures : {}));
      const limit: RateLimit = {
        type: "token-bucket",
        capacity: 8,
        refillPerSecond: 8,
        cost: 8,
        reported: {
          cost: "/cost",
          remaining: "/left",
          used: "/used",
          refillPerSecond: "/refill",
          limit: "/max",
        },
      };
      const { clock, vendor, plugin } = await paced(t, { handle, ...limited(limit) });
      await plugin.fetch();
      const next = plugin.fetch({ url: `${vendorUrl}/next` });
      clock.turn(waitMs - 1);
      assert.deepEqual(await seen(vendor, 1), ["/"]);
      clock.turn(1);
      await next;
    });
  }

  test("but not by one connection's vendor for what connections share: it may be a server of its tenant's", async (t) => {
    const figures = { left: 0, cost: 100, refill: 1 };
    const handle: Handle = (_, response) => response.end(JSON.stringify(figures));
    const limit: RateLimit = {
      type: "token-bucket",
      capacity: 3,
      refillPerSecond: 1,
      per: "plugin",
      reported: { cost: "/cost", remaining: "/left", refillPerSecond: "/refill" },
    };
    const { plugin } = await paced(t, { handle, ...limited(limit), limits: { maxQueueMs: 0 } });
    const other = plugin.over({ id: "con_2", tenantId: "tnt_2" });
    await plugin.fetch();
    await other.fetch();
    Object.assign(figures, { left: 1_000, cost: -100, refill: 1_000 });
    await plugin.fetch();
    await assert.rejects(other.fetch(), { code: "fetch-rate-limited", retryAfterMs: 1_000 });
  });

  test("of more hosts than a tenant's settings ever name: the rest counts as one", async (t) => {
    const handle: Handle = (request, response) =>
      response
        .writeHead(429, { "retry-after": request.headers.host === "s20.vendor.test" ? "5" : "3600" })
        .end();
    const hosts = Array.from({ length: 30 }, (_, i) => `s${i}.vendor.test`);
    const vendor = await startVendor(t, handle);
    const clock = turnedClock();
    const plugin = pluginOf(t, vendor, {
      clock,
      network: grantOf("{shop}.vendor.test"),
      rewrite: Object.fromEntries(hosts.map((host) => [host, vendor.origin])),
      limits: { maxRetries: 0, maxQueueMs: 0 },
    });
    const send = (i: number) =>
      plugin.over({ config: { shop: `s${i}` } }).fetch({ url: `https://s${i}.vendor.test/` });
    for (let i = 0; i <= 20; i++) assert.equal((await send(i)).status, 429);
    await assert.rejects(send(0), { code: "fetch-rate-limited", retryAfterMs: 3_600_000 });
    await assert.rejects(send(21), { code: "fetch-rate-limited", retryAfterMs: 5_000 });
    clock.turn(5_000);
    assert.equal((await send(21)).status, 429);
    await assert.rejects(send(20), { code: "fetch-rate-limited", retryAfterMs: 3_600_000 });
    assert.match(await plugin.metrics.text(), /^plugboard_egress_limits_in_use 21$/m);
  });

  test("nonsense is no reason to wait", async (t) => {
    const handle: Handle = (_, response) =>
      response
        .writeHead(200, {
          "ratelimit-remaining": "none",
          "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": "-5",
          ratelimit: "r=0;;;;t=",
        })
        .end("{");
    const reported = { remaining: "/a/b", reset: "header:x-nothing", cost: "/__proto__/x" };
    const limit: RateLimit = { type: "token-bucket", capacity: 9, refillPerSecond: 1, reported };
    const { plugin } = await paced(t, { handle, ...limited(limit) });
    for (let i = 0; i < 3; i++) assert.equal((await plugin.fetch()).status, 200);
  });
});

describe("who waits", () => {
  const one: RateLimit = { type: "fixed-window", requests: 1, seconds: 10 };

  test("is refused at once where all that it costs would take too long", async (t) => {
    const limit: RateLimit = { type: "token-bucket", capacity: 100, refillPerSecond: 1, cost: 100 };
    const { plugin } = await paced(t, limited(limit));
    await plugin.fetch();
    await assert.rejects(plugin.fetch(), { code: "fetch-rate-limited", retryAfterMs: 100_000 });
  });

  test("for longer than a timer of Node's can, sets none that would run at once", async (t) => {
    const limit: RateLimit = { type: "fixed-window", requests: 1, seconds: 31 * 86_400 };
    const plugin = pluginOf(t, await startVendor(t), limited(limit));
    await plugin.fetch();
    const warned: string[] = [];
    const hear = ({ name }: Error) => void warned.push(name);
    process.on("warning", hear);
    t.after(() => process.off("warning", hear));
    await assert.rejects(plugin.fetch(), { code: "fetch-rate-limited" });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(warned, []);
  });

  test("waits so long and no longer", async (t) => {
    const ends: (() => void)[] = [];
    const { clock, plugin } = await paced(t, {
      ...limited({ type: "concurrency", requests: 1 }),
      limits: { maxQueueMs: 2_000 },
      handle: (_, response) => void ends.push(() => response.end()),
    });
    const first = plugin.fetch();
    const second = plugin.fetch();
    second.catch(() => {});
    clock.turn(2_000);
    await assert.rejects(second, {
      code: "fetch-rate-limited",
      message:
        "The vendor allows this connection no more requests at the moment (1 at a time). It waited 2000 ms for its turn.",
    });
    while (ends.length === 0) await new Promise((resolve) => setImmediate(resolve));
    ends[0]?.();
    await first;
  });

  test("is let go when its call ends, and takes no place any more", async (t) => {
    const { clock, vendor, plugin } = await paced(t, {
      ...limited(one),
      limits: { maxQueuedPerConnection: 1 },
    });
    await plugin.fetch({ url: `${vendorUrl}/1` });
    for (let i = 0; i < 3; i++) {
      const call = new AbortController();
      const waiting = plugin.fetch({}, call.signal);
      call.abort();
      await assert.rejects(waiting, { code: "fetch-aborted" });
    }
    const last = plugin.fetch({ url: `${vendorUrl}/2` });
    clock.turn(10_000);
    await last;
    assert.deepEqual(await seen(vendor, 2), ["/1", "/2"]);
    assert.match(await plugin.metrics.text(), /^plugboard_egress_queued 0$/m);
  });

  for (const [limit, whose] of [
    ["maxQueuedPerConnection", "this connection"],
    ["maxQueuedPerPluginTenant", "this tenant in this plugin"],
    ["maxQueuedPerPlugin", "this plugin"],
    ["maxQueued", "this host"],
  ] as const) {
    test(`is one of so many of ${whose}: no queue grows without bound`, async (t) => {
      const reached: string[] = [];
      const { clock, plugin } = await paced(t, {
        ...limited(one),
        limits: { [limit]: 2 },
        onLimit: (name) => void reached.push(name),
      });
      await plugin.fetch();
      const waiting = many(plugin, 2);
      for (const reply of waiting) reply.catch(() => {});
      await assert.rejects(plugin.fetch(), {
        code: "fetch-queue-full",
        message: `2 requests of ${whose} wait for their turn, as many as may. Repeat it later, and send less at a time.`,
      });
      assert.match(await plugin.metrics.text(), /^plugboard_egress_queued 2$/m);
      assert.deepEqual(reached, [limit]);
      clock.turn(10_000);
      await waiting[0];
    });
  }

  test("waits for those in flight as well, rather than failing", async (t) => {
    const ends: (() => void)[] = [];
    const { vendor, plugin } = await paced(t, {
      limits: { maxInFlightPerConnection: 1 },
      handle: (_, response, { url }) =>
        url === fence ? response.end() : void ends.push(() => response.end()),
    });
    const replies = many(plugin, 3);
    for (let i = 1; i <= 3; i++) {
      assert.equal((await seen(vendor, i)).length, i);
      ends.shift()?.();
    }
    await Promise.all(replies);
  });
});

describe("a limit is as it was said last:", () => {
  const window = (requests: number, per?: "plugin"): RateLimit => ({
    type: "fixed-window",
    requests,
    seconds: 10,
    ...(per && { per }),
  });
  async function through(t: TestContext, options: PluginOptions): Promise<number> {
    const { vendor, plugin } = await paced(t, { limits: { maxQueueMs: 0 }, ...options });
    await Promise.allSettled(many(plugin, 6));
    return (await seen(vendor, 0)).length;
  }

  test("by the operator", async (t) => {
    const requestsFor = () => ({ limits: [window(3)] });
    assert.equal(await through(t, { ...limited(window(1)), requestsFor }), 3);
  });

  test("by the tenant, for its connection, and not for what others share", async (t) => {
    const own = { limits: [window(4)] };
    assert.equal(await through(t, { ...limited(window(1)), connection: { requests: own } }), 4);
    const shared = { limits: [window(9), window(9, "plugin")] };
    assert.equal(await through(t, { ...limited(window(2, "plugin")), connection: { requests: shared } }), 2);
  });

  test("and is used up from the beginning, once its tenant has written more than are remembered", async (t) => {
    const { plugin } = await paced(t, { limits: { maxQueueMs: 0 } });
    const hour = (requests: number): RateLimit => ({ type: "sliding-window", requests, seconds: 3600 });
    const send = (limit: RateLimit) => plugin.over({ requests: { limits: [limit] } }).fetch();
    await send(hour(1));
    for (let i = 2; i <= 64; i++) await send(hour(i));
    await assert.rejects(send(hour(1)), { code: "fetch-rate-limited" }, "it is remembered");
    // Now the one that has waited longest goes for each further one.
    for (let i = 65; i <= 140; i++) await assert.rejects(send(hour(i)), { code: "fetch-rate-limited" });
    await assert.rejects(send(hour(1)), { code: "fetch-rate-limited" });
    assert.match(await plugin.metrics.text(), /^plugboard_egress_limits_in_use 64$/m);
    assert.equal((await plugin.over({ id: "con_2" }).fetch()).status, 200);
  });

  test("and goes with its connection", async (t) => {
    const handle: Handle = (_, response) => response.writeHead(429, { "retry-after": "3600" }).end();
    const { plugin } = await paced(t, { handle, limits: { maxRetries: 0 } });
    const requests = { limits: [window(1), window(2)] };
    await plugin.over({ requests }).fetch();
    assert.match(await plugin.metrics.text(), /^plugboard_egress_limits_in_use 3$/m);
    plugin.broker.forget("con_2");
    assert.match(await plugin.metrics.text(), /^plugboard_egress_limits_in_use 3$/m);
    plugin.broker.forget("con_1");
    assert.match(await plugin.metrics.text(), /^plugboard_egress_limits_in_use 0$/m);
  });

  test("worked out once, also where a connection is read anew for each request, and anew when it changes", async (t) => {
    let workedOut = 0;
    const requestsFor = () => {
      workedOut++;
      return {};
    };
    const { plugin } = await paced(t, { limits: { maxQueueMs: 0 }, requestsFor });
    const send = (requests: number) => plugin.over({ requests: { limits: [window(requests)] } }).fetch();
    for (let i = 0; i < 5; i++) await send(5);
    assert.equal(workedOut, 1);
    await assert.rejects(send(5), { code: "fetch-rate-limited" });
    await send(6);
    assert.equal(workedOut, 2);
  });

  test("worked out again rather than kept of ever more connections", async (t) => {
    let workedOut = 0;
    const requestsFor = () => {
      workedOut++;
      return {};
    };
    const { plugin } = await paced(t, { requestsFor });
    const paths = Array.from({ length: 100 }, (_, i) => `/${i}/${"x".repeat(450)}`);
    const requests = { limits: [window(5), { ...window(5), paths }, { ...window(6), paths }] };
    const send = (id: number) => plugin.over({ id: `con_${id}`, requests }).fetch();
    for (let id = 0; id < 250; id++) await send(id);
    await send(249);
    assert.equal(workedOut, 250);
    await send(0);
    assert.equal(workedOut, 251);
  });

  test("and each of several hosts keeps to its part", async (t) => {
    assert.equal(await through(t, { ...limited(window(4)), hosts: () => 2 }), 2);
    assert.equal(await through(t, { ...limited(window(1)), hosts: () => 3 }), 1);
  });
});
