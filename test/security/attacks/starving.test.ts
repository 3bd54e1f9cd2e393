/** Starving the host: the guilty call pays, and a good tenant of the same plugin gets right answers, during and after. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { type Capability, defaultLimits, SandboxError } from "@plugboard/sandbox";
import { type Starvation, starving } from "./payloads/starving.ts";
import { openNeighbours } from "./support/neighbours.ts";

/** Small, so that what is bound to be ended is ended soon. */
const limits = {
  deadlineMs: 10_000,
  blockMs: 150,
  cpuMs: 400,
  heapBytes: 64 * 2 ** 20,
  externalBytes: 32 * 2 ** 20,
  crashes: 1_000,
  cpuMsPerMinute: 600_000,
  tenantCpuMsPerMinute: 600_000,
};

/** Nobody waits so long on any machine, however busy, but who is starved. */
const patienceMs = 120_000;

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

const neighbourly = {
  good: "async ({ input, fetch }) => { await fetch('https://vendor.test/'); return { good: input }; }",
  quick: "({ input }) => ({ quick: input })",
};

/** All of one kind share a sandbox, and so the good ones bear what every one of them leaves. */
describe("starving", { concurrency: 2 }, () => {
  for (const isolation of ["thread", "process"] as const)
    for (const binary of [false, true])
      describe(`in a ${isolation}${binary ? ", with binary data" : ""}, nobody else is starved by`, {
        concurrency: 1,
      }, () => {
        const attacks = Object.entries(starving).filter(
          ([, attack]) =>
            (attack.binary ?? false) === binary && !(attack.processOnly && isolation === "thread"),
        );
        const actions = attacks.map(([what, { run }]) => [what, `async (context) => { await null; ${run} }`]);
        const all = { ...Object.fromEntries(actions), ...neighbourly };
        const { call, events } = openNeighbours({ after }, all, { isolation, binary, limits });
        const endsSoFar = () => events.filter(({ type }) => type === "thread-ended").length;

        for (const [what, { ends, waits }] of attacks)
          test(what, async () => {
            // What it takes to start is nobody's.
            assert.deepEqual(await call("quick", "tnt_0", { input: 0, deadlineMs: patienceMs }), {
              quick: 0,
            });
            const endsBefore = endsSoFar();
            const lines: unknown[] = [];
            const log: Capability = async (line) => {
              lines.push(line);
              return null;
            };
            const tenantId = `tnt_bad_${what}`;
            const guilty = call(what, tenantId, {
              capabilities: { fetch, log },
              ...(waits && { deadlineMs: 1_000 }),
            });
            const during = [1, 2, 3].map((input) =>
              call("quick", `tnt_${input}`, { input, deadlineMs: patienceMs }),
            );
            assert.deepEqual(await Promise.all(during), [{ quick: 1 }, { quick: 2 }, { quick: 3 }]);
            const outcome = await guilty;
            const end = outcome instanceof SandboxError ? (endOf[outcome.code] ?? outcome.code) : "ok";
            assert.ok(
              ends.some((allowed) => allowed === end),
              `It ended with ${end}: ${String(outcome).slice(0, 200)}`,
            );
            if (outcome instanceof SandboxError)
              assert.ok(outcome.message.length <= defaultLimits.errorBytes);
            // Where it is not clear at first whose call was in the way of the others, each is run again alone.
            const runs = 1 + endsSoFar() - endsBefore;
            assert.ok(lines.length <= runs * (defaultLimits.logLines + 1));
            const afterwards = call("good", "tnt_1", {
              input: 4,
              deadlineMs: patienceMs,
              capabilities: { fetch },
            });
            assert.deepEqual(await afterwards, { good: 4 });
          });
      });
});
