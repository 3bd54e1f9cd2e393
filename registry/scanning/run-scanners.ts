import { type Isolation, openSandbox, type PluginShape } from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import type { ScannedPackage, Scanner, ScanResult } from "./scanner.ts";

/** What one scanner said. */
export interface ScannerOutcome extends ScanResult {
  name: string;
  version: string;
}

const atOnce = 3;

/** For loading alone: nothing is called, so a package needs far less than when it serves. */
const loadLimits = { deadlineMs: 25_000, cpuMs: 5_000, backOffMs: 100 };

/**
 * Has every scanner look at a package, some at a time. None keeps the others from looking, so that all there is to say
 * is said at once.
 *
 * @param isolation of the sandbox in which its code is loaded
 * @returns one outcome per scanner, in their order
 */
export async function runScanners(
  scanners: readonly Scanner[],
  pkg: Omit<ScannedPackage, "describe">,
  { isolation, logger }: { isolation: Isolation; logger: Logger },
): Promise<ScannerOutcome[]> {
  const { manifest, mainCode: code } = pkg.content;
  const { id, version, permissions } = manifest;
  const plugin = { id, version, code, binary: permissions.binary !== undefined };
  const sandbox = openSandbox(plugin, { isolation, limits: loadLimits });
  let shape: Promise<PluginShape> | undefined;
  const scanned: ScannedPackage = {
    ...pkg,
    describe() {
      shape ??= sandbox.describe();
      return shape;
    },
  };
  const outcomes: ScannerOutcome[] = [];
  const left = scanners.entries();
  async function work(): Promise<void> {
    // One iterator for all who work: each takes what nobody took.
    for (const [index, scanner] of left) outcomes[index] = await runOne(scanner, scanned, logger);
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, work));
    return outcomes;
  } finally {
    await sandbox.close({ graceMs: 0 });
  }
}

async function runOne(scanner: Scanner, pkg: ScannedPackage, logger: Logger): Promise<ScannerOutcome> {
  const { name, version, deadlineMs } = scanner;
  const abort = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`No answer within ${deadlineMs} ms.`)), deadlineMs);
  try {
    const result = await Promise.race([scanner.scan(pkg, abort.signal), late.promise]);
    return { name, version, ...result };
  } catch (error) {
    logger.warn({ err: error, scanner: name, plugin: pkg.statement.id }, "a scanner could not look");
    // Why it could not is the operator's to read, in the log: it may speak of the registry's inside.
    const message = `The registry's scanner "${name}" could not complete its look. Nothing is wrong with the package by this alone.`;
    return {
      name,
      version,
      verdict: "error",
      problems: [{ code: "scan-error", pointer: "", message }],
      report: {},
    };
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}
