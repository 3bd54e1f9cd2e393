/** Who pays for a plugin's crashes: whoever certainly caused them, and all only if many did, or nobody. */
import assert from "node:assert/strict";
import test from "node:test";
import { type Crash, judge } from "../../kernel/plugins/quarantine/verdict.ts";

const most = 8;
const crashes = (...groups: [count: number, ...suspects: string[]][]): Crash[] =>
  groups.flatMap(([count, ...suspects]) =>
    Array.from({ length: count }, () => ({ at: 0, suspects: new Set(suspects) })),
  );
const ofAll = (crashes: number, culprits: number) => ({ tenantId: null, crashes, culprits });

const cases: [what: string, crashes: Crash[], verdict: ReturnType<typeof judge>][] = [
  ["nothing happens before the limit", crashes([7, "a"]), undefined],
  ["one tenant that did it all is kept out alone", crashes([8, "a"]), { tenantId: "a", crashes: 8 }],
  ["also among crashes of others", crashes([3, "b"], [8, "a"]), { tenantId: "a", crashes: 8 }],
  ["two tenants that share it are two", crashes([4, "a"], [4, "b"]), ofAll(8, 2)],
  [
    "so are two and whomever they have suspected",
    crashes([4, "a", "v"], [4, "b", "v"], [4, "a", "w"]),
    ofAll(12, 1),
  ],
  ["as many tenants as there are, they count", crashes([2, "a"], [2, "b"], [2, "c"], [2, "d"]), ofAll(8, 4)],
  ["a tenant that was there each time may have done it alone", crashes([20, "a", "b"]), ofAll(20, 1)],
  ["also when the others change", crashes([5, "a", "b"], [5, "a", "c"], [5, "a", "d"]), ofAll(15, 1)],
  [
    "suspects with nobody in common are so many",
    crashes([3, "a", "b"], [3, "c", "d"], [3, "e", "f"]),
    ofAll(9, 3),
  ],
  [
    "what is certain counts before what is not",
    crashes([7, "a", "b", "c"], [1, "a"], [1, "b"], [1, "c"]),
    ofAll(10, 3),
  ],
  ["what happened before any code of the plugin's ran is not its doing", crashes([20]), undefined],
  [
    "what ends where no tenant's code ran is the release's own fault",
    crashes([8, ""]),
    ofAll(8, Number.POSITIVE_INFINITY),
  ],
  ["but not where it may have been a tenant's", crashes([8, "", "a"]), undefined],
];

for (const [what, given, verdict] of cases) {
  test(what, () => assert.deepEqual(judge(given, most), verdict));
}
