/** The first wall: every intrinsic is frozen before any other module of the thread is evaluated. */
import "ses";

lockdown({
  // Stacks of host code hold paths of this machine; plugin code gets none, worker/thrown.ts reads them for the host.
  errorTaming: "safe",
  evalTaming: "no-eval",
  // Code may give its own objects members that are named like inherited ones, as vendors' code does.
  overrideTaming: "severe",
  // Sorting by locale and printing dates is harmless; without it vendor code formats wrongly.
  localeTaming: "unsafe",
  // The console goes away altogether, see scuttle.ts.
  consoleTaming: "unsafe",
  errorTrapping: "none",
  unhandledRejectionTrapping: "none",
  reporting: "none",
});
