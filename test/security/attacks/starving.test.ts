/** Starving the host: the guilty call pays, and a good tenant of the same plugin gets right answers, during and after. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Capability, defaultLimits, SandboxError } from "@plugboard/sandbox";
import { type Starvation, starving } from "./payloads/starving.ts";
import { openNeighbours } from "./support/neighbours.ts";

/** Small, so that what is bound to be ended is ended soon. */
const limits = {
  deadlineMs: 10_000,
  blockMs: 500,
  cpuMs: 1_200,
  heapBytes: 64 * 2 ** 20,
  externalBytes: 32 * 2 ** 20,
  crashes: 1_000,
};

/** The one place that knows which code means what. */
const endOf: { [code: string]: Starvation["ends"][number] } = {
  "plugin-deadline-exceeded": "time",
  "plugin-cpu-exceeded": "time",
  "plugin-blocked": "time",
  "plugin-out-of-memory": "memory",
  "plugin-external-memory-exceeded": "memory",
  "plugin-failed": "failed",
  "plugin-output-invalid": "invalid",
  "plugin-output-too-large": "too-large",
  "plugin-crashed": "crashed",
};

const fetch: Capability = async () => ({
  status: 200,
  statusText: "",
  url: "",
  headers: [],
  body: new Uint8Array(),
});

for (const isolation of ["thread", "process"] as const)
  describe(`in a ${isolation}, nobody else is starved by`, { concurrency: 2 }, () => {
    for (const [what, { run, ends, binary = false, processOnly, waits }] of Object.entries(starving)) {
      if (processOnly && isolation === "thread") continue;
      test(what, async (t) => {
        const actions = {
          bad: `async (context) => { await null; ${run} }`,
          good: "async ({ input, fetch }) => { await fetch('https://vendor.test/'); return { good: input }; }",
          quick: "({ input }) => ({ quick: input })",
        };
        const { call } = openNeighbours(t, actions, { isolation, binary, limits });
        const lines: unknown[] = [];
        const log: Capability = async (line) => {
          lines.push(line);
          return null;
        };
        // What it takes to start is nobody's.
        assert.deepEqual(await call("quick", "tnt_0", { input: 0 }), { quick: 0 });
        const guilty = call("bad", "tnt_bad", {
          capabilities: { fetch, log },
          ...(waits && { deadlineMs: 1_000 }),
        });
        const during = [1, 2, 3].map((input) => call("quick", `tnt_${input}`, { input, deadlineMs: 20_000 }));
        assert.deepEqual(await Promise.all(during), [{ quick: 1 }, { quick: 2 }, { quick: 3 }]);
        const outcome = await guilty;
        const end = outcome instanceof SandboxError ? (endOf[outcome.code] ?? outcome.code) : "ok";
        assert.ok(
          ends.some((allowed) => allowed === end),
          `It ended with ${end}: ${String(outcome).slice(0, 200)}`,
        );
        if (outcome instanceof SandboxError) assert.ok(outcome.message.length <= defaultLimits.errorBytes);
        assert.ok(lines.length <= defaultLimits.logLines + 1);
        const after = call("good", "tnt_1", { input: 4, deadlineMs: 20_000, capabilities: { fetch } });
        assert.deepEqual(await after, { good: 4 });
      });
    }
  });
