/** What hooks may take. */
export interface HookLimits {
  /** Wall clock of one hook, in ms; the hook point's own time counts where it is shorter. */
  hookMs: number;
  /** Of the patch that is recorded for one change, in bytes. */
  hookChangeBytes: number;
  /** Of a request's or reply's body that hooks are handed, in bytes; a larger one is not. */
  hookBodyBytes: number;
  /** Observers of one tenant in one plugin that are in flight → skipped. */
  observersPerTenant: number;
  /** Observers of all plugins that are in flight → skipped. */
  hostObservers: number;
}

export const defaultHookLimits: HookLimits = {
  hookMs: 30_000,
  hookChangeBytes: 16 * 1024,
  hookBodyBytes: 256 * 1024,
  observersPerTenant: 32,
  hostObservers: 256,
};
