import assert from "node:assert/strict";
import { test } from "node:test";
import { checkHealth } from "@plugboard/service-kit/observe";

const good = { name: "good", check: async () => "fine" };
const bad = {
  name: "bad",
  check: async () => Promise.reject(new Error("password of the database is wrong")),
};

test("all well", async () => {
  const { status, checks } = await checkHealth([good]);
  assert.equal(status, "ok");
  assert.equal(checks.good?.status, "ok");
});

test("a failed check fails the whole, one that is not critical degrades it, and neither tells internals", async () => {
  const failed = await checkHealth([good, bad]);
  assert.equal(failed.status, "failed");
  assert.equal((await checkHealth([good, { ...bad, critical: false }])).status, "degraded");
  assert.ok(!JSON.stringify(failed).includes("password"));
});

test("a check that hangs counts as failed, and is told to stop", async () => {
  let stopped = false;
  const hanging = {
    name: "hanging",
    timeoutMs: 1,
    check: (signal: AbortSignal) =>
      new Promise<undefined>((resolve) =>
        signal.addEventListener("abort", () => {
          stopped = true;
          resolve(undefined);
        }),
      ),
  };
  // AbortSignal.timeout does not keep the process alive; a server would.
  const alive = setInterval(() => {}, 1_000);
  const { status, checks } = await checkHealth([hanging]);
  clearInterval(alive);
  assert.equal(stopped, true);
  assert.equal(status, "failed");
  assert.match(checks.hanging?.message ?? "", /no answer within 1 ms/);
});
