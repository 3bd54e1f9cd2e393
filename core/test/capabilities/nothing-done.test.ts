import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import type { ReplyMatch, RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import { interceptDials } from "./dials.ts";
import { key, openPlugin, pluginOf, startVendor, testClock } from "./harness.ts";

type Answer = (response: Parameters<NonNullable<Parameters<typeof startVendor>[1]>>[1]) => void;

const answer = (status: number, body: unknown = {}, headers: Record<string, string> = {}): Answer => {
  return (response) => {
    response.sendDate = false;
    response.writeHead(status, headers).end(JSON.stringify(body));
  };
};
const done = answer(200);
const cut: Answer = (response) => response.destroy();
const errors = [{ message: "Throttled", extensions: { code: "THROTTLED" } }];
const throttled = answer(200, { errors });
const throttles: ReplyMatch = {
  at: "/errors/0/extensions/code",
  is: ["THROTTLED"],
  nothingDone: true,
};

/** Sends one request to a vendor that gives these answers in turn. */
async function sendTo(
  t: TestContext,
  answers: Answer[],
  { request = {}, requests }: { request?: object; requests?: RequestsDeclaration } = {},
) {
  const vendor = await startVendor(t, (_, response) =>
    (answers[vendor.requests.length - 1] ?? done)(response),
  );
  const clock = testClock();
  const declared = requests ?? { retries: { replies: [throttles] } };
  const plugin = pluginOf(t, vendor, { clock, random: () => 0.5, requests: declared });
  const reply = await plugin.fetch({ method: "POST", body: "{}", ...request }).catch(({ code }) => code);
  const [record] = plugin.records;
  return {
    told: reply?.status ?? reply,
    sent: vendor.requests.length,
    mayHaveChanged: record?.mayHaveChanged,
    pauses: clock.pauses,
  };
}

describe("a write of which the vendor says that nothing was done", () => {
  test("is sent again, as long as the vendor asks to wait", async (t) => {
    const later = answer(200, { errors }, { "retry-after": "7" });
    for (const method of ["POST", "PATCH", "PUT"]) {
      const { told, sent, mayHaveChanged, pauses } = await sendTo(t, [later, throttled, answer(201)], {
        request: { method },
      });
      assert.deepEqual([method, told, sent, mayHaveChanged], [method, 201, 3, true]);
      assert.deepEqual(pauses, [7_000, 375]);
    }
  });

  test("is so often as others, and has changed nothing if it never got through", async (t) => {
    const all = await sendTo(t, Array(9).fill(throttled));
    assert.deepEqual([all.told, all.sent, all.mayHaveChanged], [200, 3, false]);
    const long = await sendTo(t, [answer(200, { errors }, { "retry-after": "3600" })]);
    assert.deepEqual([long.sent, long.mayHaveChanged, long.pauses], [1, false, []]);
  });

  test("is not sent once more where it was cut off after that", async (t) => {
    const { told, sent, mayHaveChanged } = await sendTo(t, [throttled, cut]);
    assert.deepEqual([told, sent, mayHaveChanged], ["fetch-failed", 2, true]);
  });

  test("is told by its status, where that is declared", async (t) => {
    const replies = [{ statuses: [429], nothingDone: true }];
    const { told, sent } = await sendTo(t, [answer(429)], { requests: { retries: { replies } } });
    assert.deepEqual([told, sent], [200, 2]);
    const both = [{ ...throttles, statuses: [400] }];
    const other = await sendTo(t, [throttled], { requests: { retries: { replies: both } } });
    assert.deepEqual([other.sent, other.mayHaveChanged], [1, true], "each part has to fit");
  });
});

describe("a write is sent once, and may have changed something, where the vendor", () => {
  const cases: { [what: string]: { reply: Answer; replies?: ReplyMatch[]; path?: string } } = {
    "says it in words that nobody declared": { reply: answer(200, { errors: [{ code: "THROTTLED" }] }) },
    "says something else in that place": {
      reply: answer(200, { errors: [{ extensions: { code: "THROTTLED_ONCE" } }] }),
    },
    "says it, and nobody declared that nothing is done then": {
      reply: throttled,
      replies: [{ at: "/errors/0/extensions/code", is: ["THROTTLED"] }],
    },
    "is declared to say it with another status alone": {
      reply: answer(503, { errors }),
      replies: [{ statuses: [429], nothingDone: true }],
    },
    "executed a part of a GraphQL document": {
      reply: answer(200, { errors, data: { first: { id: 1 }, second: null } }),
      path: "/graphql",
    },
    "executed a GraphQL document of which nothing is left to tell": {
      reply: answer(200, { errors, data: null }),
      path: "/graphql",
    },
    "answers several documents, of which one may have been executed": {
      reply: answer(200, [{ errors }, { data: {} }]),
      replies: [{ at: "/0/errors/0/extensions/code", is: ["THROTTLED"], nothingDone: true }],
      path: "/graphql",
    },
    "echoes the credential, which nobody is to guess so": {
      reply: answer(200, { echo: key }),
      replies: [{ at: "/echo", is: [key], nothingDone: true }],
    },
    "breaks off in the middle of saying it": {
      reply: (response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write(JSON.stringify({ errors }), () => response.destroy());
      },
    },
  };
  for (const [what, { reply, replies = [throttles], path = "/" }] of Object.entries(cases)) {
    test(what, async (t) => {
      const requests = { graphql: { paths: ["/graphql"] }, retries: { replies } };
      const request = { url: `https://api.vendor.test${path}`, body: '{"query":"mutation { pay }"}' };
      const { sent, mayHaveChanged } = await sendTo(t, [reply], { request, requests });
      assert.deepEqual([sent, mayHaveChanged], [1, true]);
    });
  }
});

describe("what may have been changed", () => {
  test("is nothing by a write that the vendor refused each time", async (t) => {
    const retries = { idempotencyKey: { header: "Idempotency-Key", generate: true } };
    const busy = await sendTo(t, Array(3).fill(answer(429)), { requests: { retries } });
    assert.deepEqual([busy.told, busy.sent, busy.mayHaveChanged], [429, 3, false]);
    for (const first of [answer(503), cut]) {
      const { told, mayHaveChanged } = await sendTo(t, [first, answer(409)], { requests: { retries } });
      assert.deepEqual([told, mayHaveChanged], [409, true], "the first one may have");
    }
    for (const status of [402, 408, 424])
      assert.equal((await sendTo(t, [answer(status)])).mayHaveChanged, true, `it may have begun: ${status}`);
  });

  test("is nothing by a GraphQL document that only reads", async (t) => {
    const requests = { graphql: { paths: ["/graphql"] } };
    const url = "https://api.vendor.test/graphql";
    const read = await sendTo(t, [], { request: { url, body: '{"query":"{ shop { name } }"}' }, requests });
    const written = await sendTo(t, [], { request: { url, body: '{"query":"mutation { pay }"}' }, requests });
    assert.deepEqual([read.mayHaveChanged, written.mayHaveChanged], [false, true]);
  });

  test("is nothing by a write that did not leave", async (t) => {
    interceptDials(t);
    const plugin = openPlugin(t, { clock: testClock(), resolve: async () => ["93.184.216.34"] });
    await assert.rejects(plugin.fetch({ method: "POST", body: "pay" }), { code: "fetch-failed" });
    assert.deepEqual(
      plugin.records.map(({ attempts, mayHaveChanged }) => [attempts, mayHaveChanged]),
      [[3, false]],
    );
  });

  test("is something by a write that led elsewhere, whatever is there", async (t) => {
    const elsewhere = answer(307, {}, { location: "/elsewhere" });
    const { told, sent, mayHaveChanged } = await sendTo(t, [elsewhere, answer(404)]);
    assert.deepEqual([told, sent, mayHaveChanged], [404, 2, true]);
  });
});
