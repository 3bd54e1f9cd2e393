import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import { toSendFailure } from "../../kernel/capabilities/fetch/send/send-failure.ts";
import { interceptDials } from "./dials.ts";
import { key, openPlugin, type PluginOptions, pluginOf, startVendor, testClock, textOf } from "./harness.ts";

type Answer = (response: Parameters<NonNullable<Parameters<typeof startVendor>[1]>>[1]) => void;

const answer = (status: number, headers: Record<string, string> = {}): Answer => {
  return (response) => {
    // Its clock is the test's, unless the answer says otherwise.
    response.sendDate = false;
    response.writeHead(status, headers).end(String(status));
  };
};
const cut: Answer = (response) => response.destroy();
const halfBody: Answer = (response) => {
  response.writeHead(200, { "content-length": "100" });
  response.write("half", () => response.destroy());
};

/** A vendor that gives these answers in turn, and a plugin whose pauses pass at once. */
async function answering(
  t: Parameters<typeof startVendor>[0],
  answers: Answer[],
  options: Pick<PluginOptions, "requests"> = {},
) {
  const vendor = await startVendor(t, (_, response) =>
    (answers[vendor.requests.length - 1] ?? answer(200))(response),
  );
  const clock = testClock();
  return { vendor, clock, plugin: pluginOf(t, vendor, { clock, random: () => 0.5, ...options }) };
}

describe("what is idempotent (RFC 9110) is repeated", () => {
  const troubles: [string, Answer][] = [
    ["after 429", answer(429)],
    ["after 502", answer(502)],
    ["after 503", answer(503)],
    ["after 504", answer(504)],
    ["after a cut connection", cut],
    ["after half a body", halfBody],
  ];
  for (const [what, trouble] of troubles) {
    test(what, async (t) => {
      for (const method of ["GET", "OPTIONS", "PUT", "DELETE"]) {
        const { vendor, plugin } = await answering(t, [trouble, answer(200)]);
        const reply = await plugin.fetch({ method });
        assert.deepEqual([method, reply.status, textOf(reply)], [method, 200, "200"]);
        assert.equal(vendor.requests.length, 2);
      }
    });
  }

  test("with pauses that grow, each between half and all of its length", async (t) => {
    for (const [random, expected] of [
      [0, [125, 250, 500]],
      [0.5, [187.5, 375, 750]],
      [0.999999, [250, 500, 1000]],
    ] as const) {
      const vendor = await startVendor(t, (_, response) => response.writeHead(503).end());
      const clock = testClock();
      await pluginOf(t, vendor, { clock, random: () => random, requests: { retries: { most: 3 } } }).fetch();
      assert.deepEqual(
        clock.pauses.map((ms) => Math.round(ms * 2) / 2),
        expected,
      );
    }
  });

  test("so often and no more; then the vendor's last answer is the reply", async (t) => {
    const { vendor, plugin } = await answering(t, [answer(503), answer(503), answer(503), answer(200)]);
    assert.equal((await plugin.fetch()).status, 503);
    assert.equal(vendor.requests.length, 3);
  });

  test("so often and no more; then the last failure is the error", async (t) => {
    const { vendor, plugin } = await answering(t, [answer(503), answer(503), cut]);
    await assert.rejects(plugin.fetch(), { code: "fetch-failed" });
    assert.equal(vendor.requests.length, 3);
  });

  test("over all redirects of a request together", async (t) => {
    const redirect = answer(302, { location: "/next" });
    const { vendor, plugin } = await answering(t, [
      answer(503),
      redirect,
      answer(503),
      answer(503),
      answer(200),
    ]);
    assert.equal((await plugin.fetch()).status, 503);
    assert.equal(vendor.requests.length, 4);
  });
});

describe("Retry-After is honoured", () => {
  const later = (headers: Record<string, string>) => [answer(429, headers), answer(200)];

  test("in seconds", async (t) => {
    const { clock, plugin } = await answering(t, later({ "retry-after": "7" }));
    assert.equal((await plugin.fetch()).status, 200);
    assert.deepEqual(clock.pauses, [7000]);
  });

  test("as a date, on the vendor's own clock, which may be hours from ours", async (t) => {
    const skewed = { "retry-after": "Wed, 31 Dec 2025 19:00:07 GMT", date: "Wed, 31 Dec 2025 19:00:00 GMT" };
    const { clock, plugin } = await answering(t, later(skewed));
    assert.equal((await plugin.fetch()).status, 200);
    assert.deepEqual(clock.pauses, [7000]);
  });

  test("as a date, of a vendor that tells no time", async (t) => {
    const headers = { "retry-after": "Thu, 01 Jan 2026 00:00:09 GMT" };
    const { clock, plugin } = await answering(t, later(headers));
    assert.equal((await plugin.fetch()).status, 200);
    assert.deepEqual(clock.pauses, [9000]);
  });

  test("unless it asks for less than the pause there would be anyway, or for nothing that makes sense", async (t) => {
    for (const value of ["0", "-5", "soon", "", "Mon, 01 Jan 2001 00:00:00 GMT", "1.5"]) {
      const { clock, plugin } = await answering(t, later({ "retry-after": value }));
      assert.equal((await plugin.fetch()).status, 200, value);
      assert.deepEqual(clock.pauses, [187.5], value);
    }
  });

  test("unless it asks for more time than the request has: then the refusal is the reply", async (t) => {
    for (const value of ["30", "99999999999999999999", "Fri, 01 Jan 2027 00:00:00 GMT"]) {
      const { clock, vendor, plugin } = await answering(t, later({ "retry-after": value }));
      assert.equal((await plugin.fetch()).status, 429);
      assert.deepEqual([clock.pauses, vendor.requests.length], [[], 1]);
    }
  });
});

describe("a write is sent once, whatever becomes of it:", () => {
  const troubles: [string, Answer][] = [
    ["429", answer(429, { "retry-after": "1" })],
    ["502", answer(502)],
    ["503", answer(503)],
    ["504", answer(504)],
    ["a cut connection", cut],
    ["half a body", halfBody],
  ];
  for (const [what, trouble] of troubles) {
    test(what, async (t) => {
      for (const method of ["POST", "PATCH"]) {
        const { vendor, plugin } = await answering(t, [trouble, answer(200)]);
        await plugin
          .fetch({ method, body: "pay" })
          .catch((error) => assert.equal(error.code, "fetch-failed"));
        assert.deepEqual(
          vendor.requests.map(({ body }) => body),
          ["pay"],
        );
      }
    });
  }

  test("500 is no reason to repeat anything", async (t) => {
    for (const method of ["GET", "POST"]) {
      const { vendor, plugin } = await answering(t, [answer(500), answer(200)]);
      assert.equal((await plugin.fetch({ method })).status, 500);
      assert.equal(vendor.requests.length, 1);
    }
  });

  test("also with an Idempotency-Key, of which nobody declared that this vendor looks at it", async (t) => {
    for (const trouble of [cut, answer(503)]) {
      const { vendor, plugin } = await answering(t, [trouble, answer(200)]);
      const headers = [["Idempotency-Key", "k1"]];
      await plugin.fetch({ method: "POST", body: "pay", headers }).catch(() => {});
      assert.deepEqual(
        vendor.requests.map(({ body }) => body),
        ["pay"],
      );
    }
  });
});

test("a write with the idempotency key that is declared is repeated, with the same key and body", async (t) => {
  const retries = { idempotencyKey: { header: "Idempotency-Key" } };
  const { vendor, plugin } = await answering(t, [cut, answer(503), answer(201)], { requests: { retries } });
  const reply = await plugin.fetch({ method: "POST", body: "pay", headers: [["Idempotency-Key", "k1"]] });
  assert.equal(reply.status, 201);
  assert.deepEqual(
    vendor.requests.map(({ headers, body }) => [headers["idempotency-key"], body]),
    [
      ["k1", "pay"],
      ["k1", "pay"],
      ["k1", "pay"],
    ],
  );
});

test("a write that did not leave is tried again: nothing was written", async (t) => {
  const dials = interceptDials(t);
  const clock = testClock();
  const plugin = openPlugin(t, { clock, resolve: async () => ["93.184.216.34"] });
  await assert.rejects(plugin.fetch({ method: "POST", body: "pay" }), {
    code: "fetch-failed",
    message: "api.vendor.test could not be reached (ECONNREFUSED).",
  });
  assert.equal(dials.addresses.length, 3);
  assert.equal(clock.pauses.length, 2);
});

test("the end of a call ends the pause before a retry", async (t) => {
  const vendor = await startVendor(t, (_, response) =>
    response.writeHead(503, { "retry-after": "20" }).end(),
  );
  const pausing = Promise.withResolvers<void>();
  const stopped: number[] = [];
  const clock = {
    now: () => 0,
    after(ms: number) {
      if (ms === 20_000) pausing.resolve();
      return () => void stopped.push(ms);
    },
  };
  const call = new AbortController();
  const reply = pluginOf(t, vendor, { clock }).fetch({}, call.signal);
  await pausing.promise;
  call.abort();
  await assert.rejects(reply, { code: "fetch-aborted" });
  assert.equal(vendor.requests.length, 1);
  assert.deepEqual(stopped, [20_000, 30_000], "no timer is left");
});

describe("as a plugin declares it,", () => {
  async function declared(
    t: Parameters<typeof startVendor>[0],
    answers: Answer[],
    requests: RequestsDeclaration,
  ) {
    const vendor = await startVendor(t, (_, response) =>
      (answers[vendor.requests.length - 1] ?? answer(200))(response),
    );
    const clock = testClock();
    return { vendor, clock, plugin: pluginOf(t, vendor, { clock, random: () => 0.5, requests }) };
  }
  const busy = Array.from({ length: 9 }, () => answer(503));

  test("pauses are fixed, or grow by steps, or double, up to the longest", async (t) => {
    for (const [backoff, pauses] of [
      ["fixed", [100, 100, 100, 100]],
      ["linear", [100, 200, 300, 350]],
      ["exponential", [100, 200, 350, 350]],
    ] as const) {
      const retries = { most: 4, backoff, delayMs: 100, maxDelayMs: 350, jitter: "none" } as const;
      const { clock, plugin } = await declared(t, busy, { retries });
      await plugin.fetch();
      assert.deepEqual(clock.pauses, pauses, backoff);
    }
  });

  test("all of a pause is left to chance", async (t) => {
    const { clock, plugin } = await declared(t, busy, { retries: { most: 1, delayMs: 100, jitter: "full" } });
    await plugin.fetch();
    assert.deepEqual(clock.pauses, [50]);
  });

  test("it is repeated so often, but not more often than the operator lets it", async (t) => {
    for (const [most, expected] of [
      [0, 1],
      [4, 5],
      [10, 6],
    ] as const) {
      const { vendor, plugin } = await declared(t, busy, { retries: { most } });
      await plugin.fetch();
      assert.equal(vendor.requests.length, expected);
    }
  });

  test("these statuses and these failures are repeated, and no others", async (t) => {
    const retries = { statuses: [500], failures: ["unreachable" as const] };
    for (const [trouble, expected] of [
      [answer(500), 2],
      [answer(503), 1],
      [cut, 1],
    ] as const) {
      const { vendor, plugin } = await declared(t, [trouble], { retries });
      await plugin.fetch().catch((error) => assert.equal(error.code, "fetch-failed"));
      assert.equal(vendor.requests.length, expected);
    }
  });

  test("a refusal that is only in the body is one", async (t) => {
    const refusal: Answer = (response) => response.end('{"errors":[{"extensions":{"code":"THROTTLED"}}]}');
    const retries = { replies: [{ at: "/errors/0/extensions/code", is: ["THROTTLED"] }] };
    const { vendor, plugin } = await declared(t, [refusal], { retries });
    assert.equal(textOf(await plugin.fetch()), "200");
    const write = await declared(t, [refusal], { retries });
    await write.plugin.fetch({ method: "POST" });
    assert.deepEqual([vendor.requests.length, write.vendor.requests.length], [2, 1]);
  });

  test("nor does a retry tell whether the credential is what was guessed", async (t) => {
    const echo: Answer = (response) => response.end(JSON.stringify({ echo: key }));
    const retries = { replies: [{ at: "/echo", is: [key] }] };
    const { vendor, plugin } = await declared(t, [echo], { retries });
    await plugin.fetch();
    assert.equal(vendor.requests.length, 1);
  });

  test("a write carries the vendor's idempotency key, made up where there is none, the same each time", async (t) => {
    const retries = { idempotencyKey: { header: "X-Request-Key", generate: true } };
    const { vendor, plugin } = await declared(t, [cut, answer(503)], { retries });
    assert.equal((await plugin.fetch({ method: "POST", body: "pay" })).status, 200);
    await plugin.fetch({ method: "POST", body: "pay" });
    const keys = vendor.requests.map(({ headers }) => headers["x-request-key"]);
    assert.match(String(keys[0]), /^[0-9a-f-]{36}$/);
    assert.deepEqual([keys[1], keys[2]], [keys[0], keys[0]]);
    assert.notEqual(keys[3], keys[0], "another request is another one");
    const own = await declared(t, [cut], { retries });
    await own.plugin.fetch({ method: "POST", headers: [["X-Request-Key", "mine"]] });
    assert.deepEqual(
      own.vendor.requests.map(({ headers }) => headers["x-request-key"]),
      ["mine", "mine"],
    );
  });

  test("another vendor's header makes no write repeatable", async (t) => {
    const retries = { idempotencyKey: { header: "X-Request-Key" } };
    const { vendor, plugin } = await declared(t, [cut], { retries });
    const headers = [["Idempotency-Key", "k1"]];
    await assert.rejects(plugin.fetch({ method: "POST", headers }), { code: "fetch-failed" });
    assert.equal(vendor.requests.length, 1);
  });

  test("a GraphQL document without a mutation is repeated, and one with any is not", async (t) => {
    const cases: [number, string][] = [
      [2, JSON.stringify({ query: "query A { shop { name } }", variables: { text: "mutation" } })],
      [2, JSON.stringify([{ query: "{ a }" }, { query: "{ b }" }])],
      [1, JSON.stringify({ query: "mutation { pay }" })],
      [1, '{"query":"\\u006dutation { pay }"}'],
      [1, JSON.stringify({ query: "query A { a } mutation B { pay }", operationName: "B" })],
      [1, JSON.stringify({ query: "subscription { a }" })],
      [1, JSON.stringify([{ query: "{ a }" }, { query: "mutation { pay }" }])],
      [1, JSON.stringify({ id: "stored-operation" })],
      [1, JSON.stringify({ query: "{ a }", documentId: "stored-operation" })],
      [1, JSON.stringify({ query: "" })],
      [1, "[]"],
      [1, "query=%7Ba%7D"],
    ];
    for (const [expected, body] of cases) {
      const { vendor, plugin } = await declared(t, [cut], { graphql: { paths: ["/graphql"] } });
      await plugin.fetch({ method: "POST", url: "https://api.vendor.test/graphql", body }).catch(() => {});
      assert.equal(vendor.requests.length, expected, body);
    }
    const { vendor, plugin } = await declared(t, [cut], { graphql: { paths: ["/graphql"] } });
    await plugin.fetch({ method: "POST", body: cases[0]?.[1] }).catch(() => {});
    assert.equal(vendor.requests.length, 1, "elsewhere it may be anything");
  });
});

test("a network that goes away is before sending only while nothing of the request can have left", () => {
  const gone = Object.assign(new Error("gone"), { code: "EHOSTUNREACH" });
  assert.equal(toSendFailure(gone, "api.vendor.test", false).stage, "before-sending");
  assert.equal(toSendFailure(gone, "api.vendor.test", true).stage, "on-the-way");
});
