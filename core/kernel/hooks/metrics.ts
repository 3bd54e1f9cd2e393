import type { Metrics } from "@plugboard/service-kit/observe";

/** `outcome`: `ok`, `changed`, `hook-busy`, `hook-answer-invalid`, or one of the host's error codes. */
export type CountHook = (run: { hook: string; plugin: string; outcome: string }) => void;

export function createHookMetrics(metrics: Metrics): CountHook {
  const runs = metrics.counter({
    name: "plugboard_hook_runs_total",
    help: "Hooks that were run about other plugins' calls, by how they ended.",
    labelNames: ["hook", "plugin", "outcome"],
  });
  return (run) => runs.inc(run);
}
