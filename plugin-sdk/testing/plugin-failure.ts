import { placesOf, type SourcePlace } from "../cli/build/index.ts";

/**
 * An action or a hook failed: with the code, details and retryAfterMs of what it threw.
 *
 * @example
 * await assert.rejects(host.run("get-item", { id: "none" }), { name: "PluginFailure", code: "not-found" });
 */
export class PluginFailure extends Error {
  override readonly name = "PluginFailure";
  readonly code: string;
  readonly details: unknown;
  readonly retryAfterMs: number | undefined;
  /** Where the author's code threw, when it did. */
  readonly place: SourcePlace | undefined;

  constructor(failure: SandboxFailure, originOf: (line: number, column: number) => Partial<SourcePlace>) {
    const { thrown } = failure;
    super(thrown?.message ?? failure.message, { cause: failure });
    this.code = thrown?.code ?? failure.code;
    this.details = thrown?.details;
    this.retryAfterMs = thrown?.retryAfterMs;
    const places = placesOf(thrown?.stack, originOf);
    this.place = places.find(isOwn);
    // What the author wrote, not what was made of it.
    const frames = places.map(({ file, line, column }) => `    at ${file}:${line}:${column}`);
    if (frames.length > 0) this.stack = [`${this.name}: ${this.message}`, ...frames].join("\n");
  }
}

/** What the author wrote, and no package: `new PluginError()` itself is the innermost frame of many a stack. */
function isOwn({ file }: SourcePlace): boolean {
  return !file.includes("node_modules/") && !file.startsWith("../");
}

/** The sandbox's error, in words of our own: authors see this type, and none of the sandbox's. */
interface SandboxFailure extends Error {
  code: string;
  thrown?: { code?: string; message: string; details?: unknown; retryAfterMs?: number; stack?: string };
}
