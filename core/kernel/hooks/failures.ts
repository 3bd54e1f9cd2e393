/** Tells a failure that goes on, once: when it begins, and when it is another one. */
export interface Failures {
  /** Whether this is news. */
  isNew(installId: string, code: string): boolean;
  /** It runs again. */
  over(installId: string): void;
}

/** What a hook that is not even called fails with, call after call: somebody has to change something first. */
const goesOn: ReadonlySet<string> = new Set([
  "plugin-quarantined",
  "release-not-trusted",
  "plugin-load-failed",
]);
const mostRemembered = 10_000;

export function createFailures(): Failures {
  const known = new Map<string, string>();

  return {
    isNew(installId, code) {
      if (!goesOn.has(code)) return true;
      if (known.get(installId) === code) return false;
      if (known.size >= mostRemembered) known.clear();
      known.set(installId, code);
      return true;
    },
    over(installId) {
      known.delete(installId);
    },
  };
}
