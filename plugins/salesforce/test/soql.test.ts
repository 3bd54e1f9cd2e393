/** Whatever stands in a value that somebody else wrote: it stays this one value, and the query what it is. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PluginError } from "@plugboard/plugin-sdk";
import {
  parseSoql,
  type SalesforceSimulator,
  startSalesforceSimulator,
} from "@plugboard/simulator-salesforce";
import fc from "fast-check";
import { letter } from "../../../test/support/letter.ts";
import { type Condition, condition, name, path } from "../api/soql.ts";

const accessToken = "00Dacme!token";
let vendor: SalesforceSimulator;
before(async () => {
  vendor = await startSalesforceSimulator({ accessTokens: { [accessToken]: "acme" } });
});
after(() => vendor.close());

/** What attackers write, and what parsers stumble over, between whatever else there is. */
const fragments = [
  "'",
  "\\",
  "\\'",
  "%",
  "_",
  "\\%",
  '"',
  "\n",
  "\\u0027",
  "')",
  " OR Name != '",
  "--",
  "/*",
  ":x",
];
const hostileOf = (unit: "grapheme-ascii" | typeof letter) =>
  fc
    .array(fc.oneof(fc.constantFrom(...fragments), fc.string({ unit, maxLength: 4 })), { maxLength: 8 })
    .map((parts) => parts.join(""));
const hostile = hostileOf(letter);
const scalar = fc.oneof(
  hostile,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);

function meantBy(value: unknown) {
  if (typeof value === "string") return ["text", value];
  if (typeof value === "number") return ["number", value === 0 ? 0 : value];
  return value === null ? ["null", null] : ["boolean", value];
}

test("a value is one literal of the query, with the meaning that it has", () => {
  const oneValue = fc.record({ operator: fc.constantFrom("equals", "not-equals", "less"), value: scalar });
  const list = fc.record({
    operator: fc.constantFrom("in", "not-in"),
    value: fc.array(scalar, { minLength: 1, maxLength: 5 }),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(oneValue, list), { minLength: 1, maxLength: 4 }), (given) => {
      const conditions = given.map((one) => condition({ field: "Owner.Name", ...one } as Condition));
      const { where, ...rest } = parseSoql(
        `SELECT Id FROM Account WHERE ${conditions.join(" AND ")} LIMIT 7`,
      );
      assert.deepEqual([rest.limit, rest.from.names, rest.select.length], [7, ["Account"], 1]);
      const parts = where?.kind === "and" ? where.parts : [where];
      assert.deepEqual(
        parts.map((part) => {
          assert.ok(part?.kind === "comparison" && "names" in part.by);
          return [
            part.by.names,
            part.values.map(({ kind, ...literal }) => [kind, "value" in literal && literal.value]),
          ];
        }),
        given.map(({ value }) => [["Owner", "Name"], [value].flat().map(meantBy)]),
      );
    }),
    { numRuns: 500 },
  );
});

test("a value of a LIKE has no wildcards, and finds what has it, and nothing else", async () => {
  const send = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${vendor.url}/services/data/v66.0${path}`, {
      method,
      headers: { Authorization: `Bearer ${accessToken}`, "Content-Type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    return response.status === 204 ? undefined : response.json();
  };
  // Letters whose case only some know how to change are left out; so is what is too long for the field.
  const texts = hostileOf("grapheme-ascii").filter((text) => text !== "" && text.length < 75);
  await fc.assert(
    fc.asyncProperty(texts, texts, async (value, other) => {
      const Name = `x${value}y`;
      const { id } = (await send("POST", "/sobjects/Invoice__c", { Name })) as { id: string };
      const finds = async (operator: "contains" | "starts-with", value: string) => {
        const soql = `SELECT Id FROM Invoice__c WHERE ${condition({ field: "Name", operator, value })}`;
        const { totalSize } = (await send("GET", `/query?q=${encodeURIComponent(soql)}`)) as {
          totalSize?: number;
        };
        return totalSize;
      };
      const [name, wanted] = [Name.toLowerCase(), other.toLowerCase()];
      assert.equal(await finds("contains", value), 1);
      assert.equal(await finds("contains", other), name.includes(wanted) ? 1 : 0);
      assert.equal(await finds("starts-with", `x${value}`), 1);
      assert.equal(await finds("starts-with", other), name.startsWith(wanted) ? 1 : 0);
      await send("DELETE", `/sobjects/Invoice__c/${id}`);
    }),
    { numRuns: 60 },
  );
});

test("what is no name never gets into a query", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      for (const write of [name, path])
        try {
          assert.match(write(text), /^[A-Za-z][A-Za-z0-9_]*([.][A-Za-z][A-Za-z0-9_]*)*$/);
        } catch (error) {
          assert.ok(error instanceof PluginError && error.code === "invalid-input", String(error));
        }
    }),
  );
});
