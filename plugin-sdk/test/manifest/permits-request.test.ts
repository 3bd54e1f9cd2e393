import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type NetworkPermission, permitsRequest } from "@plugboard/plugin-sdk/manifest";
import fc from "fast-check";
import { letter } from "../../../test/support/letter.ts";

const network: NetworkPermission[] = [
  { hosts: ["api.acme.com"], methods: ["GET", "POST"], reason: "x" },
  { hosts: ["files.acme.com:8443"], methods: ["PUT"], reason: "x" },
  { hosts: ["{shop}.acme-shops.com"], methods: ["GET"], reason: "x" },
  { hosts: ["xn--mnchen-3ya.de"], methods: ["GET"], reason: "x" },
  {
    hosts: ["limited.acme.com"],
    methods: ["GET"],
    paths: ["/v1/customers", "/v1/customers/*", "/v2/**"],
    reason: "x",
  },
];

function permits(method: string, url: string, config?: { [field: string]: unknown }): boolean {
  return permitsRequest(network, { method, url: new URL(url) }, config);
}

describe("permitsRequest", () => {
  it("permits what is declared, however the URL is spelt", () => {
    for (const url of [
      "https://api.acme.com",
      "https://api.acme.com/v1/customers?limit=3#top",
      "https://API.Acme.COM/",
      "https://api.acme.com:443/",
      "https://ａｐｉ.acme.com/",
      "https://api%2eacme%2ecom/",
      "https:\\\\api.acme.com\\x",
      " https://api.acme.com/ ",
    ]) {
      assert.equal(permits("GET", url), true, url);
    }
    assert.equal(permits("PUT", "https://files.acme.com:8443/x"), true);
    assert.equal(permits("GET", "https://münchen.de/"), true);
  });

  it("permits no other host, port or protocol, and no userinfo", () => {
    for (const url of [
      "http://api.acme.com/",
      "ws://api.acme.com/",
      "ftp://api.acme.com/",
      "file://api.acme.com/etc/passwd",
      "blob:https://api.acme.com/x",
      "data:text/plain,api.acme.com",
      "javascript:api.acme.com",
      "https://user@api.acme.com/",
      "https://user:pass@api.acme.com/",
      "https://:pass@api.acme.com/",
      "https://api.acme.com@evil.com/",
      "https://api.acme.com:x@evil.com/",
      "https://evil.com\\@api.acme.com/",
      "https://api.acme.com./",
      "https://.api.acme.com/",
      "https://api.acme.com..evil.com/",
      "https://api.acme.com.evil.com/",
      "https://xapi.acme.com/",
      "https://acme.com/",
      "https://a.api.acme.com/",
      "https://evil.com/api.acme.com",
      "https://evil.com/?api.acme.com",
      "https://evil.com#api.acme.com",
      "https://api.acme.com:8443/",
      "https://api.acme.com:80/",
      "https://files.acme.com/",
      "https://files.acme.com:443/",
      "https://аpi.acme.com/",
      "https://127.0.0.1/",
      "https://2130706433/",
      "https://[::1]/",
      "https://localhost/",
    ]) {
      for (const method of ["GET", "POST", "PUT"])
        assert.equal(permits(method, url), false, `${method} ${url}`);
    }
  });

  it("compares the method exactly", () => {
    for (const method of [
      "DELETE",
      "get",
      "Get",
      "GET ",
      "HEAD",
      "OPTIONS",
      "",
      "GET\r\nX: y",
      "__proto__",
      "toString",
    ]) {
      assert.equal(permits(method, "https://api.acme.com/"), false, method);
    }
    assert.equal(
      permits("PUT", "https://api.acme.com/"),
      false,
      "methods of one entry do not mix with hosts of another",
    );
  });

  it("permits nothing without permissions", () => {
    const request = { method: "GET", url: new URL("https://api.acme.com/") };
    assert.equal(permitsRequest(undefined, request), false);
    assert.equal(permitsRequest([], request), false);
  });
});

describe("permitsRequest with a placeholder", () => {
  it("fills it from the connection's config", () => {
    for (const [shop, url] of [
      ["berlin", "https://berlin.acme-shops.com/admin"],
      ["Berlin", "https://BERLIN.acme-shops.com/admin"],
      ["acme--uat", "https://acme--uat.acme-shops.com/"],
      [42, "https://42.acme-shops.com/"],
    ] as const) {
      assert.equal(permits("GET", url, { shop }), true, url);
    }
  });

  it("permits no other tenant's host", () => {
    assert.equal(permits("GET", "https://paris.acme-shops.com/", { shop: "berlin" }), false);
    assert.equal(permits("GET", "https://acme-shops.com/", { shop: "berlin" }), false);
    assert.equal(permits("GET", "https://x.berlin.acme-shops.com/", { shop: "berlin" }), false);
    assert.equal(permits("GET", "https://{shop}.acme-shops.com/", {}), false);
  });

  const odd: unknown[] = [
    undefined,
    null,
    "",
    " ",
    "a.b",
    "evil.com/",
    "evil.com#",
    "evil.com?",
    "evil.com\\",
    "evil.com:443",
    "x@evil.com",
    "a/../b",
    "*",
    "-a",
    "a-",
    "a b",
    "a\n",
    "a\0",
    "ä",
    "xn--",
    "ａ",
    "\u212a",
    "a".repeat(64),
    "%61",
    "{shop}",
    -1,
    1.5,
    Number.NaN,
    1e21,
    10n,
    true,
    ["berlin"],
    { toString: () => "berlin" },
    new String("berlin"),
    () => "berlin",
  ];
  for (const [index, shop] of odd.entries()) {
    it(`permits nothing when the value is odd (${index}: ${typeof shop})`, () => {
      for (const url of [
        "https://berlin.acme-shops.com/",
        "https://evil.com/",
        "https://evil.com/.acme-shops.com",
        "https://k.acme-shops.com",
        "https://a.acme-shops.com/",
        "https://true.acme-shops.com/",
        "https://10.acme-shops.com/",
      ]) {
        assert.equal(permits("GET", url, { shop }), false, url);
      }
    });
  }

  it("takes no value from a prototype", () => {
    assert.equal(permits("GET", "https://berlin.acme-shops.com/", Object.create({ shop: "berlin" })), false);
    const inherited: NetworkPermission[] = [
      { hosts: ["{constructor}.acme.com"], methods: ["GET"], reason: "x" },
    ];
    assert.equal(
      permitsRequest(inherited, { method: "GET", url: new URL("https://object.acme.com/") }, {}),
      false,
    );
  });

  it("never leaves the domain that the manifest fixes, whatever the value", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: letter }), fc.webUrl(), fc.domain()),
        fc.webUrl(),
        (shop, url) => {
          const candidates = [url];
          if (URL.canParse(`https://${shop}.acme-shops.com/`))
            candidates.push(`https://${shop}.acme-shops.com/`);
          for (const candidate of candidates) {
            if (permits("GET", candidate, { shop })) {
              assert.match(new URL(candidate).hostname, /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.acme-shops\.com$/);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("permitsRequest with paths", () => {
  function limited(path: string): boolean {
    return permits("GET", `https://limited.acme.com${path}`);
  }

  it("permits the paths and what their wildcards stand for", () => {
    for (const path of [
      "/v1/customers",
      "/v1/customers?x=/../",
      "/v1/customers/42",
      "/v1/./customers",
      "/v1/x/../customers",
      "/v1/%2e%2e/v1/customers",
      "/v2/",
      "/v2/a/b/c",
      "/v1/customers/a%20b",
    ]) {
      assert.equal(limited(path), true, path);
    }
  });

  it("permits no other path", () => {
    for (const path of [
      "/",
      "/v1",
      "/v1/",
      "/v1/customers/",
      "/v1/customers/42/keys",
      "/v1/customersx",
      "/V1/customers",
      "/v2",
      "/v2x",
      "/v2/../v1",
      "/v3",
    ]) {
      assert.equal(limited(path), false, path);
    }
  });

  it("permits no path that the vendor might read as another", () => {
    for (const path of [
      "/v2/..%2fv1/keys",
      "/v2/..%5cv1/keys",
      "/v2/%252e%252e/v1",
      "/v2//keys",
      "/v2/a;b",
      "/v2/%00",
      "/v1/customers/%2F",
      "/v2/%2E%2E%2Fkeys",
      "//v2/x",
      "/v1/customers/..%2Fkeys",
      "/v2/..%3b/v1/keys",
      "/v2/..%0d/keys",
      "/v2/%09/keys",
      "/v2/%c0%ae%c0%ae/v1/keys", // overlong dots
      "/v2/%c0%afv1/keys",
      "/v2/%ff",
      "/v2/%",
      "/v2/%zz",
      "/v2/\uff0e\uff0e\uff0fv1/keys", // full-width dots and slash
      "/v2/\u2025/v1/keys", // a leader of two dots
      "/v2/\ufe68keys", // a small backslash
    ]) {
      assert.equal(limited(path), false, path);
    }
  });
});
