import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { letter } from "../../../test/support/letter.ts";
import { parseStrictJson, StrictJsonError } from "../../json/index.ts";

describe("parseStrictJson", () => {
  it("parses what JSON.parse does, from text and from bytes, however it is spaced", () => {
    const json = fc
      .jsonValue({ stringUnit: letter })
      .filter((value) => !JSON.stringify(value).includes("__proto__"));
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 2, "\t", "\r\n"), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        assert.deepEqual(parseStrictJson(text), JSON.parse(text));
        assert.deepEqual(parseStrictJson(Buffer.from(text)), JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it("accepts equal names in different objects, and texts that look like names", () => {
    for (const text of [
      '[{"a":1},{"a":2}]',
      '{"a":{"a":{"a":1}}}',
      '{"a":"\\"a\\":1","b":["a","a"]}',
      '{"a":":","\\\\":1,"\\\\\\"":2}',
    ]) {
      assert.deepEqual(parseStrictJson(text), JSON.parse(text));
    }
  });

  it("refuses a name that stands twice in one object, in any spelling, at any depth", () => {
    for (const text of [
      '{"a":1,"a":1}',
      '{"a":1,"\\u0061":2}',
      '[{"x":[{"b":1,"c":{},"b":2}]}]',
      '{"a" :1,"b":2, "a"\n:3}',
      '{"":1,"":2}',
      '{"\\"":1,"\\u0022":2}',
      '{"toString":1,"toString":2}',
    ]) {
      assert.throws(() => parseStrictJson(text), StrictJsonError, text);
    }
  });

  it("refuses a duplicate wherever it is put", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { minKeys: 1, maxKeys: 5 }),
        fc.nat(),
        (members, pick) => {
          const written = Object.entries(members).map(
            ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
          );
          const again = written[pick % written.length] ?? "";
          assert.throws(() => parseStrictJson(`[{${[...written, again].join(",")}}]`), StrictJsonError);
        },
      ),
    );
  });

  it("refuses __proto__, byte order marks, bytes that are not UTF-8, and what is not JSON", () => {
    for (const text of [
      '{"__proto__":1}',
      '{"a":{"\\u005f_proto__":{}}}',
      "\ufeff{}",
      "",
      "{",
      "{'a':1}",
      "[1,]",
      "NaN",
      "01",
      "// x\n1",
      "1 2",
      '"\t"',
    ]) {
      assert.throws(() => parseStrictJson(text), StrictJsonError, text);
      assert.throws(() => parseStrictJson(Buffer.from(text)), StrictJsonError, text);
    }
    for (const bytes of [
      [0xff],
      [0x22, 0xc3, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0x22, 0xc0, 0xaf, 0x22],
    ]) {
      assert.throws(() => parseStrictJson(Buffer.from(bytes)), StrictJsonError);
    }
  });

  it("is not overwhelmed by long strings or deep nesting", () => {
    const long = JSON.stringify({ ["n".repeat(1_000_000)]: "\\".repeat(2_000_000) });
    assert.deepEqual(parseStrictJson(long), JSON.parse(long));
    const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
    assert.doesNotThrow(() => parseStrictJson(nested(128)));
    for (const depth of [129, 1_000_000])
      assert.throws(() => parseStrictJson(nested(depth)), StrictJsonError);
  });
});
