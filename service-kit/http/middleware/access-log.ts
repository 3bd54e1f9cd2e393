import type { Logger } from "../../observe/index.ts";
import type { Observer } from "./observe.ts";

/**
 * One line per request. It names the route, not the path: a path can hold a secret, such as that of
 * an incoming webhook.
 */
export function accessLog(logger: Logger): Observer {
  return {
    ended({ requestId, method, route, status, durationMs, aborted }) {
      if (!logger.isLevelEnabled("info")) return;
      const line = { requestId, method, route, status, durationMs: Math.round(durationMs * 100) / 100 };
      logger.info(aborted ? { ...line, aborted } : line, "request");
    },
  };
}
