import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ContributedSchemaError,
  checkContributedSchema,
  compileContributedSchema,
  compileOffer,
  type JsonSchema,
} from "@plugboard/plugin-sdk/manifest";
import fc from "fast-check";
import { places } from "./example-manifest.ts";

function problemsOf(schema: JsonSchema, value: unknown): string[] {
  return places(compileContributedSchema(schema)(value));
}

describe("compileContributedSchema", () => {
  const customer: JsonSchema = {
    type: "object",
    properties: {
      email: { type: "string", format: "email" },
      name: { type: "string", minLength: 1, maxLength: 5, pattern: "^[A-Z]" },
      code: { type: "string", pattern: "^[0-9]+$" },
      tags: { type: "array", items: { type: "string", enum: ["a", "b"] }, maxItems: 2, uniqueItems: true },
    },
    required: ["email"],
    additionalProperties: false,
  };
  it("finds nothing wrong with a value that fits", () => {
    assert.deepEqual(
      problemsOf(customer, { email: "a@example.com", name: "Anna", code: "12", tags: ["a", "b"] }),
      [],
    );
  });

  it("reports every problem with its place", () => {
    const value = { email: "x", name: "anna-maria", code: "1a", tags: ["a", "c", "a"], phone: 1 };
    assert.deepEqual(problemsOf(customer, value).sort(), [
      "duplicate-item /tags",
      "not-allowed /tags/1",
      "too-long /name",
      "too-many /tags",
      "unknown-field /phone",
      "wrong-format /code",
      "wrong-format /email",
      "wrong-format /name",
    ]);
    assert.deepEqual(problemsOf(customer, {}), ["missing /email"]);
    assert.deepEqual(problemsOf(customer, []), ["wrong-type "]);
  });

  it("does not change the value", () => {
    const value = Object.freeze({ email: "a@example.com" });
    const schema = { type: "object", properties: { email: { type: "string" }, plan: { default: "free" } } };
    assert.deepEqual(problemsOf(schema, value), []);
    assert.deepEqual(value, { email: "a@example.com" });
  });

  it("does not change its mind when the schema is changed later", () => {
    const schema = structuredClone(customer) as { required: string[] };
    const check = compileContributedSchema(schema as unknown as JsonSchema);
    schema.required = [];
    assert.deepEqual(places(check({})), ["missing /email"]);
  });

  it("follows local references and evaluates all of the vocabulary", () => {
    const schema: JsonSchema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $defs: {
        money: {
          type: "object",
          properties: { amount: { type: "integer", minimum: 0 } },
          required: ["amount"],
        },
      },
      type: "object",
      properties: {
        price: { $ref: "#/$defs/money" },
        pair: {
          type: "array",
          prefixItems: [{ type: "string" }, { type: "number", multipleOf: 0.5 }],
          items: false,
        },
        any: { anyOf: [{ type: "null" }, { const: { a: [1] } }] },
        one: { oneOf: [{ type: "integer" }, { type: "number", minimum: 5 }] },
        not: { not: { type: "string" } },
        list: { type: "array", contains: { const: 1 }, minContains: 2 },
      },
      patternProperties: { "^x-": { type: "string" } },
      propertyNames: { maxLength: 8 },
      dependentRequired: { one: ["price"] },
      if: { properties: { not: { const: 1 } }, required: ["not"] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required: ["any"] },
    };
    const good = {
      price: { amount: 1 },
      pair: ["a", 1.5],
      any: { a: [1] },
      one: 1,
      not: 1,
      list: [1, 1],
      "x-a": "b",
    };
    assert.deepEqual(problemsOf(schema, good), []);
    const bad = {
      price: { amount: -1 },
      pair: [1, 0.3, 2],
      any: 1,
      one: 5,
      not: "x",
      list: [1],
      "x-a": 1,
      ninechars: 1,
    };
    const pointers = new Set(compileContributedSchema(schema)(bad).map(({ pointer }) => pointer));
    assert.deepEqual([...pointers].sort(), [
      "/any",
      "/list",
      "/ninechars",
      "/not",
      "/one",
      "/pair",
      "/pair/0",
      "/pair/1",
      "/price/amount",
      "/x-a",
    ]);
  });

  it("accepts and refuses what each format says", () => {
    const formats: { [format: string]: [good: string, bad: string] } = {
      "date-time": ["2026-01-31T12:00:00Z", "2026-02-31T12:00:00Z"],
      date: ["2026-01-31", "2026-13-01"],
      time: ["12:00:00Z", "25:00:00Z"],
      duration: ["P1DT2H", "1 day"],
      email: ["a@example.com", "a@"],
      hostname: ["api.example.com", "-a.com"],
      ipv4: ["127.0.0.1", "127.0.0.256"],
      ipv6: ["::1", ":::1"],
      uri: ["https://example.com/", "example"],
      "uri-reference": ["/a?b", "\\"],
      uuid: ["6f1b2d9e-52f3-4b6a-9a0e-1f2d3c4b5a69", "6f1b2d9e"],
      "json-pointer": ["/a/b~1c", "a"],
    };
    for (const [format, [good, bad]] of Object.entries(formats)) {
      assert.deepEqual(problemsOf({ type: "string", format }, good), [], format);
      assert.deepEqual(problemsOf({ type: "string", format }, bad), ["wrong-format "], format);
    }
  });

  it("tells patterns apart", () => {
    const patterns = ["^a+$", "^b+$", "c", "^[^d]*$"];
    const schema = {
      type: "object",
      properties: Object.fromEntries(
        patterns.map((pattern, index) => [`p${index}`, { type: "string", pattern }]),
      ),
    };
    assert.deepEqual(problemsOf(schema, { p0: "aa", p1: "bb", p2: "xcx", p3: "abc" }), []);
    assert.deepEqual(problemsOf(schema, { p0: "bb", p1: "aa", p2: "x", p3: "d" }).length, 4);
  });

  it("matches patterns as ECMA-262 does", () => {
    const characters = fc.string({
      unit: fc.constantFrom("a", "b", "-", ".", "1", "é", "😀", "A"),
      maxLength: 6,
    });
    const patterns = fc.constantFrom(
      "^a",
      "b$",
      "^[a-z]+$",
      "a|b",
      "^(?:a|b-)*$",
      "\\d",
      "^.$",
      "^..$",
      "^[^a]*$",
      "a{2,3}",
      "\\.",
      "^\\S+$",
      "\\p{L}",
      "^\\u00e9",
      "[\\w-]b",
      "(?<x>a)b",
    );
    fc.assert(
      fc.property(patterns, characters, (pattern, text) => {
        assert.equal(
          problemsOf({ type: "string", pattern }, text).length === 0,
          new RegExp(pattern, "u").test(text),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe("schemas that are refused", () => {
  const cases: { [name: string]: [schema: object, place: string] } = {
    "a remote reference": [{ $ref: "https://evil.com/schema.json" }, "wrong-format /$ref"],
    "a reference to a file": [{ $ref: "file:///etc/passwd" }, "wrong-format /$ref"],
    "a reference to the meta-schema": [
      { $ref: "https://json-schema.org/draft/2020-12/schema" },
      "wrong-format /$ref",
    ],
    "a reference to anywhere": [{ $ref: "#/properties/a" }, "wrong-format /$ref"],
    "a reference to nothing": [{ $ref: "#/$defs/missing" }, "schema-refused "],
    "a reference to an inherited name": [{ $ref: "#/$defs/constructor", $defs: {} }, "schema-refused "],
    "a schema that contains itself": [
      {
        $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
        $ref: "#/$defs/node",
      },
      "schema-refused ",
    ],
    $dynamicRef: [{ $dynamicRef: "#x" }, "unknown-field /$dynamicRef"],
    $id: [{ $id: "https://plugboard.dev/schemas/plugin-1.json" }, "unknown-field /$id"],
    $anchor: [{ $anchor: "x" }, "unknown-field /$anchor"],
    "another dialect": [{ $schema: "http://json-schema.org/draft-07/schema#" }, "not-allowed /$schema"],
    unevaluatedProperties: [{ unevaluatedProperties: false }, "unknown-field /unevaluatedProperties"],
    "a keyword of ajv's own": [{ $data: "1/x" }, "unknown-field /$data"],
    "a comparison with data": [
      { type: "string", const: "x", maxLength: { $data: "1/x" } },
      "wrong-type /maxLength",
    ],
    "a misspelt keyword": [{ type: "object", propertys: {} }, "unknown-field /propertys"],
    "a type that does not exist": [{ type: "text" }, "not-allowed /type"],
    "a format that does not exist": [{ format: "regex" }, "not-allowed /format"],
    "a keyword of the wrong type": [{ required: "name" }, "wrong-type /required"],
    "a negative length": [{ minLength: -1 }, "too-small /minLength"],
    "then without if": [{ [String("then")]: true }, "missing /if"],
    "if alone": [{ if: true }, "missing /then"],
    "minContains alone": [{ minContains: 1 }, "missing /contains"],
    "__proto__ as a property": [
      JSON.parse('{"properties":{"__proto__":{"type":"string"}}}'),
      "forbidden-name /properties/__proto__",
    ],
    "uniqueItems without a bound": [
      { type: "array", items: { type: "string" }, uniqueItems: true },
      "unique-items-refused /uniqueItems",
    ],
    "uniqueItems of many": [
      { type: "array", items: { type: "string" }, maxItems: 1001, uniqueItems: true },
      "unique-items-refused /uniqueItems",
    ],
    "uniqueItems of objects": [
      { type: "array", items: { type: "object" }, maxItems: 10, uniqueItems: true },
      "unique-items-refused /uniqueItems",
    ],
    "a pattern that is none": [{ pattern: "(" }, "pattern-refused /pattern"],
    "a pattern with a back-reference": [{ pattern: "(a)\\1" }, "pattern-refused /pattern"],
    "a pattern with look-ahead": [{ pattern: "(?=a)" }, "pattern-refused /pattern"],
    "a pattern with look-behind": [{ pattern: "(?<!a)b" }, "pattern-refused /pattern"],
    "a pattern with large repeats": [
      { pattern: "^[a-z]{1,999}[a-z]{1,999}[a-z]{1,999}$" },
      "pattern-refused /pattern",
    ],
    "a pattern with nested repeats": [{ pattern: "((a{100}){100}){100}" }, "pattern-refused /pattern"],
    "a long pattern": [{ pattern: "a".repeat(513) }, "too-long /pattern"],
    "a pattern of names": [
      { patternProperties: { "(x)\\1": true } },
      "pattern-refused /patternProperties/(x)\\1",
    ],
    "a pattern deep inside": [
      { properties: { a: { anyOf: [true, { items: { not: { pattern: "(?=a)" } } }] } } },
      "pattern-refused /properties/a/anyOf/1/items/not/pattern",
    ],
    "a pattern in an unused definition": [
      { $defs: { x: { pattern: "(?=a)" } } },
      "pattern-refused /$defs/x/pattern",
    ],
  };
  for (const [name, [schema, place]] of Object.entries(cases)) {
    it(name, () => {
      assert.deepEqual(places(checkContributedSchema(schema)), [place]);
      assert.throws(() => compileContributedSchema(schema as JsonSchema), ContributedSchemaError);
    });
  }

  it("too many parts by doubling references", () => {
    const $defs: { [name: string]: object } = { d0: { type: "string" } };
    for (let index = 1; index < 30; index += 1) {
      $defs[`d${index}`] = { anyOf: [{ $ref: `#/$defs/d${index - 1}` }, { $ref: `#/$defs/d${index - 1}` }] };
    }
    assert.deepEqual(places(checkContributedSchema({ $defs, $ref: "#/$defs/d29" })), ["schema-refused "]);
  });

  it("too many parts", () => {
    const properties = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`p${index}`, {}]));
    assert.deepEqual(places(checkContributedSchema({ properties })), ["schema-refused "]);
  });

  it("too many patterns, each of which would do", () => {
    const properties = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`p${index}`, { pattern: `^[a-z]{1,900}${index}$` }]),
    );
    const problems = checkContributedSchema({ properties });
    assert.ok(problems.length > 50);
    assert.match(problems[0]?.message ?? "", /one too many/);
  });

  it("too deep", () => {
    let schema: object = { type: "string" };
    for (let index = 0; index < 100; index += 1) schema = { not: schema };
    assert.equal(checkContributedSchema(schema)[0]?.code, "too-deep");
  });
});

describe("schemas and values that mean harm", () => {
  it("cannot run code through names, patterns, constants or texts", () => {
    const payload = `"];globalThis.pwned=true;//\`\${globalThis.pwned=true}'\u2028*/globalThis.pwned=true/*`;
    const schema: JsonSchema = {
      title: payload,
      description: payload,
      $comment: payload,
      type: "object",
      properties: {
        [payload]: { const: payload, default: payload },
        "a'b": { enum: [payload, { [payload]: payload }] },
      },
      required: [payload, "constructor", "toString"],
      dependentRequired: { [payload]: [payload] },
      dependentSchemas: { [payload]: { minProperties: 0 } },
      patternProperties: { "\\$\\{globalThis.pwned=true\\}": { type: "string" } },
      additionalProperties: false,
    };
    const check = compileContributedSchema(schema);
    check({ [payload]: payload, "a'b": 1 });
    check({ [payload]: 1, x: payload });
    assert.equal(Reflect.get(globalThis, "pwned"), undefined);
  });

  it("cannot count inherited properties as there, nor pollute prototypes", () => {
    const schema = {
      type: "object",
      properties: { toString: { type: "string" } },
      required: ["constructor", "toString", "hasOwnProperty"],
    };
    assert.deepEqual(problemsOf(schema, {}).sort(), [
      "missing /constructor",
      "missing /hasOwnProperty",
      "missing /toString",
    ]);
    assert.deepEqual(problemsOf({ type: "object" }, JSON.parse('{"__proto__":{"polluted":1}}')), [
      "forbidden-name ",
    ]);
    assert.equal(Reflect.get({}, "polluted"), undefined);
  });

  it("cannot overflow the stack with depth", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`);
    assert.deepEqual(problemsOf({ const: 1 }, deep), ["too-deep "]);
    assert.deepEqual(
      problemsOf(
        { type: "array", items: { type: "string" } },
        JSON.parse("[".repeat(50_000) + "]".repeat(50_000)),
      ),
      ["too-deep "],
    );
  });

  it("cannot make patterns that explode in a backtracking engine take long", () => {
    for (const pattern of ["^(a+)+$", "^(a|aa)+$", "^(.*a){20}$", "(x+x+)+y", "^([a-z]+)*\\d$"]) {
      assert.notDeepEqual(problemsOf({ type: "string", pattern }, `${"a".repeat(5_000)}!`), [], pattern);
    }
  });

  it("cannot spend more than the budget on patterns", () => {
    const schema = { type: "array", items: { type: "string", pattern: "^(?:[a-z]{1,400}x)+$" } };
    const values = new Array(1_000).fill("y".repeat(1_000));
    assert.deepEqual(
      problemsOf(schema, values),
      ["wrong-format /0"],
      "the first item that does not fit ends it",
    );
    const fitting = new Array(1_000).fill(`${"y".repeat(300)}x`.repeat(3));
    assert.deepEqual(problemsOf(schema, fitting), ["too-complex "]);
  });

  it("cannot make alternatives over long lists take long, or fill the memory with errors", () => {
    const anyOf = Array.from({ length: 200 }, (_, index) => ({ const: `never ${index}` }));
    const values = new Array(500_000).fill(0);
    assert.deepEqual(
      problemsOf({ type: "array", items: { anyOf: [...anyOf.slice(1), { type: "number" }] } }, values),
      ["too-complex "],
    );
    assert.equal(problemsOf({ type: "array", items: { type: "string" } }, values).length, 1);
  });

  it("cannot make formats take long", () => {
    for (const format of ["email", "uri", "hostname", "uri-reference", "json-pointer", "duration", "ipv6"]) {
      const text = "a".repeat(1_000_000);
      assert.deepEqual(problemsOf({ type: "string", format }, `${text}@${text}!`), ["wrong-format "], format);
    }
  });

  it("may be as large as the limit, for small and for large values", () => {
    const names = Array.from({ length: 998 }, (_, index) => `p${index}`);
    const properties = Object.fromEntries(names.map((name) => [name, { type: "string" }]));
    const schema = { type: "object", properties, additionalProperties: { type: "integer" } };
    assert.deepEqual(problemsOf(schema, { p1: 1, p2: 2 }), ["wrong-type /p1", "wrong-type /p2"]);
    const large = Object.fromEntries(
      Array.from({ length: 5_000 }, (_, index) => [`p${index}`, index < 998 ? "x" : index]),
    );
    assert.deepEqual(problemsOf(schema, large), []);
    assert.deepEqual(problemsOf(schema, { ...large, p1: 1, p2: 2 }), ["wrong-type /p1"]);
  });

  it("compare what is allowed as JSON, whatever its members are called", () => {
    const object = { a: [1, { b: null }], valueOf: 0 };
    const same = { valueOf: 0, a: [1, { b: null }] };
    for (const schema of [{ enum: ["a", object] }, { const: object }]) {
      assert.deepEqual(problemsOf(schema, same), []);
      for (const other of [
        { valueOf: 0 },
        { toString: 0 },
        { ...object, c: 1 },
        { ...object, a: {} },
        [],
        0,
        null,
      ])
        assert.deepEqual(problemsOf(schema, other), ["not-allowed "]);
    }
    assert.deepEqual(problemsOf({ enum: [null, 1, []] }, []), []);
    assert.deepEqual(problemsOf({ enum: [null, 1, []] }, {}), ["not-allowed "]);
  });

  it("are compiled whenever they passed the check", () => {
    const leaf = fc.constantFrom<object | boolean>(
      true,
      false,
      { type: "string", minLength: 1 },
      { type: "integer" },
      { const: null },
      { enum: ["a", 1, { b: [] }] },
      { pattern: "^a" },
      { format: "date" },
      { $ref: "#/$defs/x" },
    );
    const { schema } = fc.letrec((tie) => ({
      schema: fc.oneof({ maxDepth: 4 }, leaf, tie("object"), tie("combined"), tie("array")),
      object: fc.record(
        {
          type: fc.constant("object"),
          properties: fc.dictionary(fc.constantFrom("a", "b", "x-1", "constructor"), tie("schema"), {
            maxKeys: 3,
          }),
          required: fc.uniqueArray(fc.constantFrom("a", "q", "toString")),
          additionalProperties: tie("schema"),
          patternProperties: fc.dictionary(fc.constantFrom("^x-", "a", "."), tie("schema"), { maxKeys: 2 }),
          propertyNames: tie("schema"),
          dependentSchemas: fc.dictionary(fc.constantFrom("a", "b"), tie("schema"), { maxKeys: 2 }),
        },
        { requiredKeys: [] },
      ),
      combined: fc.record(
        {
          anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }),
          allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }),
          oneOf: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }),
          not: tie("schema"),
          if: tie("schema"),
          else: tie("schema"),
        },
        { requiredKeys: [] },
      ),
      array: fc.record(
        {
          items: tie("schema"),
          prefixItems: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }),
          contains: tie("schema"),
          minContains: fc.nat(3),
          type: fc.constantFrom("array", ["array", "null"]),
        },
        { requiredKeys: [] },
      ),
    }));
    let compiled = 0;
    fc.assert(
      fc.property(schema, fc.jsonValue({ maxDepth: 3 }), (generated, value) => {
        const root = { ...Object(generated), $defs: { x: { type: "string" } } } as JsonSchema;
        if (checkContributedSchema(root).length > 0) return;
        compiled += 1;
        compileContributedSchema(root)(value);
      }),
      { numRuns: 600 },
    );
    assert.ok(compiled > 100, `only ${compiled} schemas were compiled`);
  });
});

describe("the files that an input hands over", () => {
  const file = { type: "string", format: "file-id" };
  const text = { type: "string" };
  const filesIn = (input: JsonSchema, value: unknown) => {
    const run = { title: "Run", input, output: {} };
    const offer = compileOffer(
      { permissions: {}, contributes: { actions: { run } } },
      { kind: "action", name: "run" },
    );
    assert.deepEqual(offer?.checkInput(value), []);
    return offer?.filesIn(value).sort();
  };
  const { filed, noted } = { filed: "fil_1", noted: "fil_2" };

  it("are the ids where it asks for files, however deep", () => {
    const row = { type: "object", properties: { scans: { type: "array", items: { $ref: "#/$defs/scan" } } } };
    const schema = { $defs: { scan: { anyOf: [file, { type: "null" }] } }, allOf: [row] };
    assert.deepEqual(filesIn(schema, { scans: [filed, null], note: noted }), [filed]);
  });

  it("are no texts that may stand in their place", () => {
    assert.deepEqual(filesIn({ anyOf: [file, text] }, "hello"), []);
    assert.deepEqual(filesIn({ not: file }, "hello"), []);
  });

  it("are not what another part of the schema is for", () => {
    const pair = { type: "array", prefixItems: [file, text], items: file };
    assert.deepEqual(filesIn(pair, [filed, noted, "fil_3"]), [filed, "fil_3"]);
    const named = { type: "object", properties: { note: text }, additionalProperties: file };
    assert.deepEqual(filesIn(named, { note: noted, scan: filed }), [filed]);
    assert.deepEqual(filesIn({ propertyNames: file }, { [filed]: noted }), []);
  });
});
