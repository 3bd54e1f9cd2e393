import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkRequests } from "../../../manifest/index.ts";
import { places, problemsWith } from "../example-manifest.ts";

const problemsOf = (requests: unknown) => places(problemsWith({ requests }));

describe("what a plugin says of its requests", () => {
  it("may be all of it", () => {
    const all = {
      limits: [
        { type: "sliding-window", requests: 100, seconds: 1, per: "plugin" },
        { type: "fixed-window", requests: 5, seconds: 0.5, methods: ["POST"], paths: ["/v1/**"] },
        {
          type: "token-bucket",
          capacity: 1000,
          refillPerSecond: 50,
          cost: 10,
          hosts: ["api.acme.com"],
          reported: { remaining: "/extensions/cost/left", limit: "header:x-limit" },
        },
        { type: "concurrency", requests: 4, per: "tenant" },
      ],
      graphql: { paths: ["/graphql"] },
      retries: {
        most: 3,
        backoff: "linear",
        delayMs: 100,
        maxDelayMs: 1000,
        jitter: "none",
        statuses: [429],
        failures: ["unreachable"],
        replies: [
          { at: "/errors/0/code", is: ["THROTTLED"] },
          { at: "/errors/0/code", is: ["BUSY"], statuses: [200, 503], nothingDone: true },
          { statuses: [429], nothingDone: true },
        ],
        idempotencyKey: { header: "Idempotency-Key", generate: true },
      },
      circuitBreaker: { failurePercent: 50, minRequests: 5, windowSeconds: 10, openSeconds: 5, statuses: [] },
      cache: [{ paths: ["/v1/products/*"], defaultSeconds: 60 }],
    };
    assert.deepEqual(problemsOf(all), []);
    assert.deepEqual(problemsOf({ circuitBreaker: false }), []);
  });

  it("is of hosts that it may reach, and of paths that are some", () => {
    const limit = { type: "concurrency", requests: 1, hosts: ["other.example.com"] };
    assert.deepEqual(problemsOf({ limits: [limit] }), ["request-host-unknown /requests/limits/0/hosts/0"]);
    assert.deepEqual(problemsOf({ cache: [{ paths: ["/a/../b"] }] }), [
      "path-invalid /requests/cache/0/paths/0",
    ]);
    assert.deepEqual(problemsOf({ graphql: { paths: ["graphql"] } }), [
      "path-invalid /requests/graphql/paths/0",
    ]);
  });

  it("has a first pause that is no longer than the longest", () => {
    const problem = ["request-delay-invalid /requests/retries/delayMs"];
    assert.deepEqual(problemsOf({ retries: { delayMs: 9000 } }), problem);
    assert.deepEqual(problemsOf({ retries: { delayMs: 200, maxDelayMs: 100 } }), problem);
  });

  it("says of which replies it speaks, and of none by a status that says too little", () => {
    const problem = ["request-reply-invalid /requests/retries/replies/0"];
    for (const reply of [
      {},
      { nothingDone: true },
      { at: "/code" },
      { at: "/code", nothingDone: true },
      { is: ["BUSY"], nothingDone: true },
      { is: ["BUSY"], statuses: [429], nothingDone: true },
    ])
      assert.deepEqual(problemsOf({ retries: { replies: [reply] } }), problem, JSON.stringify(reply));
    for (const reply of [
      { statuses: [429] },
      { statuses: [429], nothingDone: false },
      ...[200, 302, 408, 500, 503].map((status) => ({ statuses: [429, status], nothingDone: true })),
    ])
      assert.deepEqual(
        problemsOf({ retries: { replies: [reply] } }),
        [`${problem}/statuses`],
        JSON.stringify(reply),
      );
  });

  it("is refused where it makes no sense", () => {
    for (const requests of [
      { limits: [{ type: "sliding-window", requests: 0, seconds: 1 }] },
      { limits: [{ type: "sliding-window", requests: 1, seconds: 0 }] },
      { limits: [{ type: "sliding-window", requests: 1 }] },
      { limits: [{ type: "token-bucket", capacity: -1, refillPerSecond: 1 }] },
      { limits: [{ type: "token-bucket", capacity: 1, refillPerSecond: 1, reported: { cost: "x" } }] },
      { limits: [{ type: "concurrency", requests: 1, reported: { cost: "/x" } }] },
      { limits: [{ type: "leaky", requests: 1 }] },
      { retries: { most: 11 } },
      { retries: { statuses: [200] } },
      { retries: { replies: [{ at: "code", is: ["BUSY"] }] } },
      { retries: { replies: [{ at: "", is: ["BUSY"], nothingDone: true }] } },
      { retries: { replies: [{ at: "/code", is: [], nothingDone: true }] } },
      { retries: { replies: [{ at: "/code", is: [null], nothingDone: true }] } },
      { retries: { replies: [{ at: "/code", is: ["BUSY"], nothingDone: "yes" }] } },
      { retries: { replies: [{ statuses: [], nothingDone: true }] } },
      { retries: { replies: [{ statuses: ["429"], nothingDone: true }] } },
      { retries: { idempotencyKey: { header: "a b" } } },
      { circuitBreaker: true },
      { circuitBreaker: { openSeconds: 0 } },
      { cache: [{}] },
      { unknown: 1 },
    ])
      assert.notDeepEqual(problemsOf(requests), [], JSON.stringify(requests));
  });

  it("is not looked through item by item where there are more than there can be", () => {
    const numbers = Array.from({ length: 165_000 }, (_, index) => index);
    for (const [requests, pointer] of [
      [{ retries: { failures: numbers } }, "/requests/retries/failures"],
      [{ retries: { replies: [{ at: "/a", is: numbers }] } }, "/requests/retries/replies/0/is"],
      [Object.fromEntries(numbers.slice(0, 1000).map((index) => [`a${index}`, 1])), "/requests"],
    ] as const)
      assert.deepEqual(places(checkRequests(requests)), [`too-many ${pointer}`]);
    assert.deepEqual(problemsOf({ retries: { failures: numbers.slice(0, 3) } }).slice(0, 1), [
      "too-many /requests/retries/failures",
    ]);
  });

  it("has no more paths in all than a request can be held against", () => {
    const paths = Array.from({ length: 100 }, (_, index) => `/v1/a${index}`);
    assert.deepEqual(problemsOf({ cache: [{ paths }, { paths }] }), []);
    const limits = [{ type: "concurrency", requests: 1, paths: ["/v1/b"] }];
    assert.deepEqual(problemsOf({ limits, cache: [{ paths }, { paths }] }), ["too-many /requests"]);
  });

  it("is told no more problems of than anybody mends at a time", () => {
    const hosts = Array.from({ length: 100 }, (_, index) => `host-${index}.example.com`);
    assert.equal(
      checkRequests({ limits: [{ type: "concurrency", requests: 1, hosts }] }, { network: [] }).length,
      50,
    );
    assert.equal(checkRequests({ retries: { statuses: hosts } }).length, 50);
  });
});
