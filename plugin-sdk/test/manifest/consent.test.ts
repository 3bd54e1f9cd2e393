import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  consentDigest,
  diffPermissions,
  type NetworkPermission,
  type Permissions,
  permitsRequest,
} from "@plugboard/plugin-sdk/manifest";
import fc from "fast-check";

describe("consentDigest", () => {
  const permissions: Permissions = {
    network: [{ hosts: ["api.acme.com"], methods: ["GET"], reason: "Read €" }],
  };

  it("is SHA-256 over the canonical JSON (RFC 8785)", () => {
    // printf '%s' '{"id":"acme/shop","permissions":{"network":[{"hosts":["api.acme.com"],"methods":["GET"],"reason":"Read €"}]}}' | sha256sum
    assert.equal(
      consentDigest({ id: "acme/shop", permissions }),
      "7ebe0f5d83a6c94244341fc7b9f50f0430092f1594fea8e2e8ee4ec9878a93ef",
    );
  });

  it("does not depend on the order of members, and on nothing beside id and permissions", () => {
    const reordered: Permissions = {
      network: [{ reason: "Read €", methods: ["GET"], hosts: ["api.acme.com"] }],
    };
    const more = { permissions: reordered, version: "2.0.0", id: "acme/shop" };
    assert.equal(consentDigest(more), consentDigest({ id: "acme/shop", permissions }));
  });

  it("differs for another plugin and for any other permissions", () => {
    const digests = [
      consentDigest({ id: "acme/shop", permissions }),
      consentDigest({ id: "acme/shop2", permissions }),
      consentDigest({ id: "acme/shop", permissions: {} }),
      consentDigest({ id: "acme/shop", permissions: { network: [] } }),
      consentDigest({ id: "acme/shop", permissions: { ...permissions, binary: { reason: "x" } } }),
      consentDigest({
        id: "acme/shop",
        permissions: { network: [{ hosts: ["api.acme.com"], methods: ["GET"], reason: "Other" }] },
      }),
    ];
    assert.equal(new Set(digests).size, digests.length);
  });
});

describe("diffPermissions", () => {
  const base: NetworkPermission = { hosts: ["api.acme.com"], methods: ["GET"], reason: "Read" };
  function added(before: Permissions, after: Permissions): string[] {
    return diffPermissions(before, after).added.map(({ permission, value }) => `${permission}: ${value}`);
  }
  function removed(before: Permissions, after: Permissions): string[] {
    return diffPermissions(before, after).removed.map(({ permission, value }) => `${permission}: ${value}`);
  }

  it("lists everything, with reasons, for a first install", () => {
    const after: Permissions = {
      network: [{ hosts: ["a.com", "b.com"], methods: ["GET", "POST"], paths: ["/v1/**"], reason: "Call" }],
      storage: { maxBytes: 1_048_576, reason: "Cursors" },
      events: { publish: ["payment.*"], subscribe: ["order.created"], reason: "Tell" },
      hooks: { names: ["record.beforeWrite"], reason: "Normalise" },
      binary: { reason: "Images" },
    };
    assert.deepEqual(diffPermissions(undefined, after), {
      added: [
        { permission: "network", value: "GET a.com/v1/**", reason: "Call" },
        { permission: "network", value: "POST a.com/v1/**", reason: "Call" },
        { permission: "network", value: "GET b.com/v1/**", reason: "Call" },
        { permission: "network", value: "POST b.com/v1/**", reason: "Call" },
        { permission: "storage", value: "up to 1 MiB", reason: "Cursors" },
        { permission: "events", value: "publish payment.*", reason: "Tell" },
        { permission: "events", value: "subscribe order.created", reason: "Tell" },
        { permission: "hooks", value: "record.beforeWrite", reason: "Normalise" },
        { permission: "binary", value: "binary data", reason: "Images" },
      ],
      removed: [],
    });
  });

  it("shows nothing when nothing changed, in whatever order it is written", () => {
    const before = {
      network: [{ ...base, hosts: ["a.com", "b.com"], methods: ["GET", "POST"] as const }].map((one) => ({
        ...one,
        methods: [...one.methods],
      })),
    };
    const after = {
      network: [
        { ...base, hosts: ["b.com"], methods: ["POST" as const] },
        { ...base, hosts: ["b.com"] },
        { ...base, hosts: ["a.com"], methods: ["POST" as const, "GET" as const] },
      ],
    };
    assert.deepEqual(diffPermissions(before, after), { added: [], removed: [] });
  });

  it("shows every way to ask for more, and the same backwards as less", () => {
    const cases: [Permissions, Permissions, string][] = [
      [{ network: [{ ...base, credential: false }] }, { network: [base] }, "network: GET api.acme.com"],
      [
        { network: [base] },
        { network: [base, { ...base, hosts: ["files.acme.com"], credential: false }] },
        "network: GET files.acme.com, without the credential",
      ],
      [
        { network: [base] },
        { network: [{ ...base, hosts: ["api.acme.com", "evil.com"] }] },
        "network: GET evil.com",
      ],
      [
        { network: [base] },
        { network: [{ ...base, hosts: ["api.acme.com", "api.acme.com:8443"] }] },
        "network: GET api.acme.com:8443",
      ],
      [
        { network: [base] },
        { network: [{ ...base, methods: ["GET", "DELETE"] }] },
        "network: DELETE api.acme.com",
      ],
      [
        { network: [{ ...base, paths: ["/v1/a"] }] },
        { network: [{ ...base, paths: ["/v1/a", "/v1/b"] }] },
        "network: GET api.acme.com/v1/b",
      ],
      [
        { network: [{ ...base, paths: ["/v1/a"] }] },
        { network: [{ ...base, paths: ["/v1/*"] }] },
        "network: GET api.acme.com/v1/*",
      ],
      [
        { network: [{ ...base, paths: ["/v1/*"] }] },
        { network: [{ ...base, paths: ["/v1/**"] }] },
        "network: GET api.acme.com/v1/**",
      ],
      [{ network: [{ ...base, paths: ["/v1/**"] }] }, { network: [base] }, "network: GET api.acme.com"],
      [{}, { storage: { maxBytes: 1, reason: "x" } }, "storage: up to 1 bytes"],
      [
        { storage: { maxBytes: 1024, reason: "x" } },
        { storage: { maxBytes: 2048, reason: "x" } },
        "storage: up to 2 KiB",
      ],
      [
        { events: { publish: ["a.b"], reason: "x" } },
        { events: { publish: ["a.b", "a.c"], reason: "x" } },
        "events: publish a.c",
      ],
      [
        { events: { publish: ["a.b"], reason: "x" } },
        { events: { publish: ["a.*"], reason: "x" } },
        "events: publish a.*",
      ],
      [
        { events: { publish: ["a.b"], reason: "x" } },
        { events: { publish: ["a.b"], subscribe: ["a.b"], reason: "x" } },
        "events: subscribe a.b",
      ],
      [
        { events: { publish: ["a.*"], reason: "x" } },
        { events: { publish: ["a.*", "ab.c"], reason: "x" } },
        "events: publish ab.c",
      ],
      [{}, { hooks: { names: ["record.beforeWrite"], reason: "x" } }, "hooks: record.beforeWrite"],
      [{}, { binary: { reason: "x" } }, "binary: binary data"],
    ];
    for (const [narrow, wide, line] of cases) {
      assert.deepEqual(added(narrow, wide), [line]);
      assert.deepEqual(removed(narrow, wide), []);
      assert.deepEqual(added(wide, narrow), []);
      assert.deepEqual(removed(wide, narrow), [line]);
    }
  });

  it("shows a hook that refuses, or no longer does, as another one", () => {
    const skips: Permissions = { hooks: { names: ["response.after", "action.afterRun"], reason: "x" } };
    const refuses: Permissions = { hooks: { ...skips.hooks, onFailure: "refuse" } as never };
    const [plain, guarding] = ["hooks: response.after", "hooks: response.after, and stop what it fails at"];
    assert.deepEqual([added(skips, refuses), removed(skips, refuses)], [[guarding], [plain]]);
    assert.deepEqual([added(refuses, skips), removed(refuses, skips)], [[plain], [guarding]]);
  });

  it("adds nothing only if every request that is allowed now was allowed before", () => {
    const hosts = fc.constantFrom("a.com", "b.com", "{x}.a.com");
    const paths = fc.constantFrom("/v1", "/v1/*", "/v1/**", "/**", "/v1/a", "/v1/a/b", "/*", "/");
    const methods = fc.constantFrom("GET" as const, "POST" as const);
    const permission: fc.Arbitrary<NetworkPermission> = fc.record(
      {
        hosts: fc.uniqueArray(hosts, { minLength: 1 }),
        methods: fc.uniqueArray(methods, { minLength: 1 }),
        paths: fc.uniqueArray(paths, { minLength: 1, maxLength: 3 }),
        reason: fc.constant("x"),
      },
      { requiredKeys: ["hosts", "methods", "reason"] },
    );
    const network = fc.array(permission, { maxLength: 3 });
    fc.assert(
      fc.property(network, network, (before, after) => {
        const isWider = requests.some((request) => permits(after, request) && !permits(before, request));
        if (isWider) assert.notDeepEqual(added({ network: before }, { network: after }), []);
      }),
      { numRuns: 2_000 },
    );
  });
});

const requests = ["a.com", "b.com", "x.a.com"].flatMap((host) =>
  ["/", "/v1", "/v1/", "/v1/a", "/v1/b", "/v1/a/b", "/v1/a/c", "/z"].flatMap((path) =>
    ["GET", "POST"].map((method) => ({ method, url: new URL(`https://${host}${path}`) })),
  ),
);

function permits(network: NetworkPermission[], request: { method: string; url: URL }): boolean {
  return permitsRequest(network, request, { x: "x" });
}
