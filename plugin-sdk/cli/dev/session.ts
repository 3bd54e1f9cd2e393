import { randomUUID } from "node:crypto";
import type { Json } from "../../author/index.ts";
import { createPluginFetch, type PluginEgress, type TracedRequest } from "../../egress/index.ts";
import type { Manifest } from "../../manifest/index.ts";
import {
  createTestEvents,
  createTestFiles,
  createTestStorage,
  hostLimits,
  type LogLine,
  openPluginHost,
  type PluginHost,
  type PublishedEvent,
} from "../../testing/host/index.ts";
import { tryPackPlugin } from "../build/index.ts";
import { CliFailure, type FailureProblem } from "../failure.ts";

/** What happens while a plugin is worked on, in order. */
export type DevEvent =
  | { type: "loaded"; plugin: string; version: string; tookMs: number; warnings: FailureProblem[] }
  /** What is wrong; the version before goes on serving, if there is one. */
  | { type: "refused"; message: string; problems: FailureProblem[]; serving: boolean }
  | { type: "request"; request: TracedRequest }
  | { type: "log"; line: LogLine }
  | { type: "event"; event: PublishedEvent };

/** A plugin under work: what was built last and works, and what it has stored and told since the start. */
export interface DevSession {
  /** Builds anew and swaps, unless something is wrong. Calls under way finish in the version that they began in. */
  reload(): Promise<void>;
  /** What serves now. */
  serving(): { manifest: Manifest; host: PluginHost } | undefined;
  /** What was wrong at the last try; nothing, when what is on disk is what serves. */
  problems(): FailureProblem[];
  storage(): { [key: string]: Json };
  events(): PublishedEvent[];
  close(): Promise<void>;
}

export interface DevSessionOptions {
  directory: string;
  egress: Omit<PluginEgress, "trace">;
  config: { [field: string]: Json };
  tell(event: DevEvent): void;
}

export function createDevSession({ directory, egress, config, tell }: DevSessionOptions): DevSession {
  let current: { manifest: Manifest; host: PluginHost } | undefined;
  let problems: FailureProblem[] = [];
  let queue: Promise<void> = Promise.resolve();
  const storage = createTestStorage({ maxBytes: () => current?.manifest.permissions.storage?.maxBytes ?? 0 });
  const events = createTestEvents({
    types: () => current?.manifest.permissions.events?.publish ?? [],
    heard: (event) => tell({ type: "event", event }),
  });

  const files = createTestFiles();

  async function load(): Promise<void> {
    const startedAt = performance.now();
    const { built, failure } = await tryPackPlugin({ directory }).catch(failed);
    if (!built) return refuse(failure);
    const { manifest } = built;
    const parts = { ...egress, trace: (request: TracedRequest) => tell({ type: "request", request }) };
    const host = openPluginHost(built, {
      fetch: createPluginFetch(manifest, parts),
      fetchLarge: createPluginFetch(manifest, { ...parts, maxBodyBytes: hostLimits.fileBytes }),
      files,
      writeLog: (line) => tell({ type: "log", line }),
      storage,
      events,
      config,
      newKey: randomUUID,
    });
    const before = current;
    current = { manifest, host };
    problems = [];
    const tookMs = Math.round(performance.now() - startedAt);
    tell({
      type: "loaded",
      plugin: manifest.id,
      version: manifest.version,
      tookMs,
      warnings: built.warnings,
    });
    // Not waited for: a call that hangs would keep the next version out.
    void before?.host.close();
  }

  function refuse({ message, problems: found }: CliFailure): void {
    problems = found.length > 0 ? found : [{ message }];
    tell({ type: "refused", message, problems, serving: current !== undefined });
  }

  return {
    reload() {
      queue = queue.then(load, load);
      return queue;
    },
    serving: () => current,
    problems: () => problems,
    storage: () => storage.content(),
    events: () => events.published,
    async close() {
      await queue.catch(() => {});
      await current?.host.close();
    },
  };
}

/** What cannot even be begun, such as a plugin.json that is gone, is one of the things that are mended while it runs. */
function failed(error: unknown): { built?: undefined; failure: CliFailure } {
  if (error instanceof CliFailure) return { failure: error };
  throw error;
}
