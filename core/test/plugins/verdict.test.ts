/** Who pays for a plugin's crashes: whoever certainly caused them, and all only if no single tenant explains them. */
import assert from "node:assert/strict";
import test from "node:test";
import { type Crash, judge } from "../../kernel/plugins/quarantine/verdict.ts";

const most = 8;
const crashes = (...groups: [count: number, ...suspects: string[]][]): Crash[] =>
  groups.flatMap(([count, ...suspects]) =>
    Array.from({ length: count }, () => ({
      at: 0,
      suspects: new Set(suspects),
      isCertain: suspects.length === 1,
    })),
  );
/** They met one tenant's calls alone, which does not say that these did it. */
const doubtful = (count: number, suspect: string): Crash[] =>
  Array.from({ length: count }, () => ({ at: 0, suspects: new Set([suspect]), isCertain: false }));

const cases: [what: string, crashes: Crash[], verdict: ReturnType<typeof judge>][] = [
  ["nothing happens before the limit", crashes([7, "a"]), undefined],
  ["one tenant that did it all is kept out alone", crashes([8, "a"]), { tenantId: "a", crashes: 8 }],
  ["also among crashes of others", crashes([3, "b"], [8, "a"]), { tenantId: "a", crashes: 8 }],
  ["one tenant and bad luck keep out nobody else", crashes([7, "a"], [1, "b"]), undefined],
  ["nor do they with some more of it", crashes([7, "a"], [3, "b"]), undefined],
  [
    "two tenants that share it are a plugin's fault",
    crashes([4, "a"], [4, "b"]),
    { tenantId: null, crashes: 8 },
  ],
  ["so are many", crashes([2, "a"], [2, "b"], [2, "c"], [2, "d"]), { tenantId: null, crashes: 8 }],
  [
    "what happens with nobody's call in flight keeps nobody out, since one tenant may have left it behind",
    crashes([20]),
    undefined,
  ],
  ["who was merely there alone is not kept out", doubtful(20, "a"), undefined],
  [
    "a tenant that was there each time may have done it, so the others stay",
    crashes([20, "a", "b"]),
    undefined,
  ],
  ["also when the others change", crashes([5, "a", "b"], [5, "a", "c"], [5, "a", "d"]), undefined],
  [
    "suspects of whom none was there often enough are no explanation",
    crashes([3, "a", "b"], [3, "c", "d"], [3, "e", "f"]),
    { tenantId: null, crashes: 9 },
  ],
];

for (const [what, given, verdict] of cases) {
  test(what, () => assert.deepEqual(judge(given, most), verdict));
}
