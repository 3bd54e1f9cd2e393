import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics } from "@plugboard/service-kit/observe";

test("metrics of two services do not mix", async () => {
  const [one, two] = [createMetrics({ runtime: false }), createMetrics({ runtime: false })];
  one.counter({ name: "calls_total", help: "Calls.", labelNames: ["plugin"] }).inc({ plugin: "a/b" });
  two.counter({ name: "calls_total", help: "Calls." }).inc(5);
  assert.match(await one.text(), /calls_total\{plugin="a\/b"\} 1/);
  assert.match(await two.text(), /calls_total 5/);
});

test("the process is measured too", async () => {
  const text = await createMetrics().text();
  assert.match(text, /process_resident_memory_bytes \d+/);
});
