import type { Logger } from "../observe/index.ts";

/**
 * Has this process outlive a rejection that nobody hears; the log tells of it as an error, which is a defect of ours. Node would
 * end the process: with it the calls of all tenants, at a moment that code nobody trusts may have chosen. Whoever waits for
 * something is told as always. An exception that nobody catches still ends it, for it leaves work half done.
 */
export function outliveRejections(logger: Pick<Logger, "error">): void {
  process.on("unhandledRejection", (reason) => {
    logger.error({ err: reason }, "something failed, and nobody was there to hear of it");
  });
}
