import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { places, problemsWith } from "../example-manifest.ts";

function problemsOfHost(host: string, config?: object) {
  return problemsWith({
    permissions: { network: [{ hosts: [host], methods: ["GET"], reason: "x" }] },
    connection: config ? { config } : undefined,
    auth: undefined,
    contributes: undefined,
  });
}

describe("permissions.network hosts", () => {
  it("may be public names, with a port that is not the default, with placeholders as whole labels", () => {
    for (const host of [
      "api.stripe.com",
      "a.b.c.example.co.uk",
      "xn--mnchen-3ya.de",
      "api.acme.com:8443",
      "acme.com",
    ]) {
      assert.deepEqual(problemsOfHost(host), [], host);
    }
  });

  const refused = [
    "*",
    "*.com",
    "*.acme.com",
    "api.*.com",
    "*:443",
    "https://api.acme.com",
    "api.acme.com/v1",
    "api.acme.com?x",
    "api.acme.com#x",
    "user@api.acme.com",
    "api.acme.com\\@evil.com",
    "127.0.0.1",
    "10.0.0.1:8080",
    "[::1]",
    "::1",
    "[::ffff:7f00:1]:8443",
    "0x7f.1",
    "2130706433",
    "0177.0.0.1",
    "127.1",
    "api.acme.com:443",
    "api.acme.com:0",
    "api.acme.com:65536",
    "api.acme.com:",
    "api.acme.com:08443",
    "api.acme.com:80:80",
    "API.acme.com",
    "api.acme.com.",
    ".acme.com",
    "api..acme.com",
    "-a.acme.com",
    "a-.acme.com",
    "münchen.de",
    "a_b.acme.com",
    "api.acme.com ",
    "api\u0000.acme.com",
    "api.аcme.com",
    "ａpi.acme.com",
    "api。acme.com",

    "a.1",
    `${"a".repeat(64)}.com`,
    `${"a.".repeat(126)}com`,
    "localhost",
    "api.localhost",
    "printer.local",
    "vault.internal",
    "router.home.arpa",
    "x.onion",
    "com",
    "{host}",
    "{a}.{b}",
    "{shop}.com",
    "{shop}.co.uk",
    "x{shop}.acme.com",
    "{shop}x.acme.com",
    "{}.acme.com",
    "{shop.acme.com",
    "{sh-op}.acme.com",
    "{__proto__}.acme.com",
    "api.acme.com:{port}",
    "{shop}.acme.com.",
    "{shop}.localhost",
    "{a}.{b}.io",
  ];
  for (const host of refused) {
    it(`refuses ${JSON.stringify(host).slice(0, 40)}`, () => {
      const config = {
        type: "object",
        properties: Object.fromEntries(
          ["host", "a", "b", "shop", "port"].map((name) => [name, { type: "string", pattern: "^[a-z]+$" }]),
        ),
        required: ["host", "a", "b", "shop", "port"],
      };
      assert.deepEqual(places(problemsOfHost(host, config)), ["host-invalid /permissions/network/0/hosts/0"]);
    });
  }

  it("explains what to write instead", () => {
    assert.match(problemsOfHost("*.acme.com")[0]?.message ?? "", /wildcard; name each host/);
    assert.match(problemsOfHost("https://api.acme.com")[0]?.message ?? "", /write the host alone/);
  });
});

describe("placeholders in hosts", () => {
  function problemsOfField(field: object, required: string[] = ["shop"]) {
    return places(
      problemsOfHost("{shop}.acme.com", { type: "object", properties: { shop: field }, required }),
    );
  }
  const refusal = ["placeholder-invalid /permissions/network/0/hosts/0"];

  it("are settings that can hold one DNS label alone", () => {
    const safe = [
      { type: "string", pattern: "^[a-z0-9][a-z0-9-]*$" },
      { type: "string", pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$" },
      { type: "string", pattern: "^(?:eu|us)\\d{1,2}$" },
      { type: "string", pattern: "^[A-Za-z\\d\\-]+$" },
      { type: "string", pattern: "^[a-z-]{3,20}$" },
      { type: "string", enum: ["eu", "us-1"] },
      { const: "eu" },
      { type: "integer", minimum: 0, maximum: 99 },
    ];
    for (const field of safe) assert.deepEqual(problemsOfField(field), [], JSON.stringify(field));
  });

  it("are refused when a value could be anything else", () => {
    const unsafe = [
      { type: "string" },
      { type: "string", maxLength: 10 },
      { type: "string", format: "hostname" },
      { type: "number", minimum: 0 },
      { type: "integer" },
      { type: "integer", minimum: -1 },
      { type: ["string", "object"], pattern: "^[a-z]+$" },
      { type: "string", enum: ["eu", "a.b"] },
      { type: "string", enum: ["eu", 1] },
      { const: "evil.com/" },
      { pattern: "^[a-z]+$" },
      ...[
        "[a-z]+",
        "^[a-z]+",
        "[a-z]+$",
        "^.+$",
        "^[^/]+$",
        "^\\w+$",
        "^\\S+$",
        "^[a-z.]+$",
        "^[a-z]+\\.[a-z]+$",
        "^[A-z]+$",
        "^[a-z]|[a-z]$",
        "^a$|^b.c$",
        "^(a|b$",
        "^[ -~]+$",
        "^[+--]+$",
        "^[a-z@]+$",
        "^[\\s]+$",
        "^\\D+$",
        "^[a-\\d]+$",
        "^\\x2e$",
        "^a\\$",
        "^[a-z]+\\n$",
        "^(?i:a)$",
        "^(?!x)a$",
        "^$.*$",
        "^[a-z]+$.*^$",
      ].map((pattern) => ({ type: "string", pattern })),
    ];
    for (const field of unsafe) {
      const problems = problemsOfField(field);
      assert.ok(problems.includes(refusal[0] ?? ""), `${JSON.stringify(field)} was taken for safe`);
    }
  });

  it("never have a pattern that anything but letters, digits and dashes matches", () => {
    const piece = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          "[a-z]",
          "[a-z0-9-]",
          "[A-Z\\d]",
          "\\d",
          "a",
          "-",
          "(?:",
          "(",
          ")",
          "|",
          "*",
          "+",
          "{1,3}",
          "?",
          "[-a]",
          "\\-",
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          "^",
          "$",
          ".",
          "\\.",
          "[^a]",
          "\\w",
          "[a-z.]",
          "[+-9]",
          "[A-z]",
          "\\s",
          "\\x2e",
          "(?!a)",
          "[\\d.]",
          "\\u002f",
          "\\$",
        ),
      },
    );
    const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => `^${pieces.join("")}$`);
    const unit = fc.constantFrom(..."ab09AZ-./\\@:[]^_`%+,?# \n\0é".split(""));
    const values = fc.array(fc.string({ unit, minLength: 1, maxLength: 4 }), {
      minLength: 100,
      maxLength: 100,
    });
    let accepted = 0;
    fc.assert(
      fc.property(pattern, values, (text, candidates) => {
        if (problemsOfField({ type: "string", pattern: text }).length > 0) return;
        accepted += 1;
        const matched = candidates.filter((value) => new RegExp(text, "u").test(value));
        for (const value of matched) assert.match(value, /^[A-Za-z0-9-]+$/, text);
      }),
      { numRuns: 1_500 },
    );
    assert.ok(accepted > 50, `only ${accepted} patterns were accepted`);
  });

  it("are refused when the setting is optional or not there", () => {
    const field = { type: "string", pattern: "^[a-z]+$" };
    assert.deepEqual(problemsOfField(field, []), refusal);
    assert.deepEqual(places(problemsOfHost("{shop}.acme.com")), refusal);
    assert.deepEqual(places(problemsOfHost("{shop}.acme.com", { type: "object", properties: {} })), refusal);
    assert.deepEqual(
      places(
        problemsOfHost("{constructor}.acme.com", {
          type: "object",
          properties: {},
          required: ["constructor"],
        }),
      ),
      refusal,
    );
  });
});

describe("permissions.network paths", () => {
  function problemsOfPath(path: string) {
    const permissions = {
      network: [{ hosts: ["api.acme.com"], methods: ["GET"], paths: [path], reason: "x" }],
    };
    return places(problemsWith({ permissions, auth: undefined, contributes: undefined }));
  }

  it("are paths as a URL parser writes them, with whole segments as wildcards", () => {
    for (const path of [
      "/",
      "/v1",
      "/v1/",
      "/v1/customers/*",
      "/v1/*/items",
      "/v1/**",
      "/**",
      "/a%20b",
      "/services/data/*/query",
    ]) {
      assert.deepEqual(problemsOfPath(path), [], path);
    }
  });

  it("are refused in any other form", () => {
    for (const path of [
      "v1",
      "*",
      "/v1/cus*",
      "/**/x",
      "/v1/***",
      "//v1",
      "/v1//x",
      "/a/../b",
      "/./a",
      "/a b",
      "/a%2fb",
      "/a%2Eb",
      "/a\\b",
      "/a?b",
      "/a#b",
      "/a;b",
      "https://x/y",
      "/ü",
    ]) {
      assert.deepEqual(problemsOfPath(path), ["path-invalid /permissions/network/0/paths/0"], path);
    }
  });
});
