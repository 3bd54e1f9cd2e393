import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkManifest, type Manifest, manifestSchema } from "@plugboard/plugin-sdk/manifest";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { exampleManifest, places, problemsWith } from "./example-manifest.ts";

describe("checkManifest", () => {
  it("accepts a manifest that uses everything", () => {
    const result = checkManifest(exampleManifest);
    assert.deepEqual(result.problems, []);
    assert.deepEqual(result.manifest, exampleManifest);
  });

  it("goes by a schema that is one", () => {
    assert.equal(new Ajv2020().validateSchema(manifestSchema), true);
  });

  it("accepts the least that a manifest can be, as before a build", () => {
    const { id, version, displayName, description, license, engines, main } = exampleManifest;
    const least = { id, version, displayName, description, license, engines, main, permissions: {} };
    assert.deepEqual(checkManifest(least).problems, []);
  });

  it("gives a copy: what happens to the original later changes nothing", () => {
    const original = structuredClone(exampleManifest);
    const { manifest } = checkManifest(original);
    original.permissions.network?.[0]?.hosts.push("evil.com");
    assert.deepEqual(manifest, exampleManifest);
  });

  it("reports all problems at once, of the schema and of the rules", () => {
    const problems = problemsWith({
      id: "Acme",
      version: "v1",
      extra: 1,
      engines: { plugboard: "soon" },
      permissions: { network: [{ hosts: ["*.com"], methods: ["get"], reason: " " }] },
      contributes: { actions: { Bad: { title: "", input: { type: "string" }, output: true } } },
    });
    assert.deepEqual(places(problems).sort(), [
      "engines-invalid /engines/plugboard",
      "not-allowed /permissions/network/0/methods/0",
      "too-short /contributes/actions/Bad/title",
      "unknown-field /extra",
      "version-invalid /version",
      "wrong-format /contributes/actions/Bad",
      "wrong-format /id",
      "wrong-format /permissions/network/0/reason",
      "wrong-type /contributes/actions/Bad/output",
    ]);
  });

  it("says what was wrong and what was expected", () => {
    const [problem] = problemsWith({ displayName: undefined });
    assert.deepEqual(problem, {
      code: "missing",
      pointer: "/displayName",
      message: "displayName is missing; expected a name to show, 1 to 80 characters.",
    });
    const [unknown] = problemsWith({ pricing: { model: "free", amount: 3 } });
    assert.equal(
      unknown?.message,
      "amount is not a known field; known here are model, price, interval, trialDays, currency, meters.",
    );
    const [method] = problemsWith({
      permissions: { network: [{ hosts: ["api.acme.com"], methods: ["GET", "get"], reason: "x" }] },
      connection: undefined,
      auth: undefined,
    });
    assert.match(method?.message ?? "", /^methods\[1\] must be one of "GET", "HEAD",/);
  });

  it("names a field with slashes and tildes by an escaped pointer", () => {
    assert.deepEqual(places(problemsWith({ "a/b~c": 1 })), ["unknown-field /a~1b~0c"]);
  });

  it("refuses unknown fields at every level", () => {
    for (const path of objectPaths(exampleManifest)) {
      // A schema's own vocabulary and the names of properties, settings and actions have tests of their own.
      if (path.includes("properties") || path.join("/") === "contributes/actions") continue;
      const manifest = structuredClone(exampleManifest);
      Object.assign(at(manifest, path), { surprise: 1 });
      const found = checkManifest(manifest).problems.filter(({ pointer }) => pointer.endsWith("/surprise"));
      assert.equal(found.length, 1, `an unknown field in /${path.join("/")} was accepted`);
    }
  });

  it("refuses every field of the wrong type", () => {
    for (const path of valuePaths(exampleManifest)) {
      if (path.includes("config") || path.includes("input") || path.includes("output")) continue;
      const manifest = structuredClone(exampleManifest);
      Reflect.set(at(manifest, path.slice(0, -1)), path.at(-1) ?? "", 12.5);
      assert.notDeepEqual(checkManifest(manifest).problems, [], `12.5 was accepted at /${path.join("/")}`);
    }
  });

  it("refuses what is not an object", () => {
    for (const value of [null, undefined, 1, "{}", [], true, () => 1, Symbol("x"), 1n]) {
      const { problems } = checkManifest(value);
      assert.equal(problems[0]?.pointer, "", String(value));
    }
  });

  it("refuses __proto__ at any depth", () => {
    const text = JSON.stringify(exampleManifest).replace('"reason"', '"__proto__":{"polluted":1},"reason"');
    assert.deepEqual(places(checkManifest(JSON.parse(text)).problems), [
      "forbidden-name /permissions/network/0/__proto__",
    ]);
  });

  it("refuses what is not plain JSON, without running it", () => {
    let ran = 0;
    const getter = {
      ...exampleManifest,
      get homepage() {
        ran += 1;
        return "x";
      },
    };
    const inherited = Object.create({ ...exampleManifest });
    const hidden = Object.defineProperty({ ...exampleManifest }, "secret", { value: 1, enumerable: false });
    const symbol = { ...exampleManifest, [Symbol("x")]: 1 };
    const sparse = { ...exampleManifest, keywords: new Array(3) };
    const date = { ...exampleManifest, license: new Date(0) };
    const nan = { ...exampleManifest, license: Number.NaN };
    const surrogate = { ...exampleManifest, license: "\ud800" };
    for (const value of [getter, inherited, hidden, symbol, sparse, date, nan, surrogate]) {
      const { problems } = checkManifest(value);
      assert.deepEqual([...new Set(problems.map(({ code }) => code))], ["not-json"]);
    }
    assert.equal(ran, 0);
  });

  it("refuses what is too deep, too long, too large, or never ends", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100)}1${"}".repeat(100)}`);
    assert.equal(checkManifest({ ...exampleManifest, deep }).problems[0]?.code, "too-deep");
    const long = { ...exampleManifest, license: "x".repeat(20_001) };
    assert.deepEqual(places(checkManifest(long).problems), ["too-long /license"]);
    const large = { ...exampleManifest, keywords: new Array(200_000).fill("x") };
    assert.equal(checkManifest(large).problems[0]?.code, "too-large");
    const longName = { ...exampleManifest, ["x".repeat(501)]: 1 };
    assert.deepEqual(places(checkManifest(longName).problems), ["not-json "]);
    const circular: { [name: string]: unknown } = { ...exampleManifest };
    circular.self = circular;
    assert.equal(checkManifest(circular).problems[0]?.code, "too-deep");
  });

  it("never reports more than 100 problems", () => {
    const hooks = Array.from({ length: 5_000 }, (_, index) => `hook-${index}`);
    assert.equal(problemsWith({ contributes: { hooks } }).length, 100);
  });

  it("answers to any JSON, with problems or with what it was given", () => {
    const fields = fc.record(
      Object.fromEntries(Object.keys(exampleManifest).map((field) => [field, fc.jsonValue({ maxDepth: 4 })])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fields, (changes) => {
        const value = { ...exampleManifest, ...changes };
        const { manifest, problems } = checkManifest(value);
        assert.equal(manifest === undefined, problems.length > 0);
        if (manifest) assert.deepEqual(manifest, value);
        for (const { code, message, pointer } of problems) {
          assert.match(code, /^[a-z-]+$/);
          assert.match(pointer, /^(?:\/(?:[^~/]|~[01])*)*$/);
          assert.match(message, /\.$/);
        }
      }),
      { numRuns: 300 },
    );
  });
});

function* objectPaths(value: unknown, path: string[] = []): Generator<string[]> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield path;
  for (const [key, child] of Object.entries(value)) yield* objectPaths(child, [...path, key]);
}

function* valuePaths(value: unknown, path: string[] = []): Generator<string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) yield* valuePaths(child, [...path, key]);
}

function at(manifest: Manifest, path: string[]): object {
  let value: unknown = manifest;
  for (const key of path) value = Reflect.get(Object(value), key);
  assert.ok(typeof value === "object" && value !== null);
  return value;
}
