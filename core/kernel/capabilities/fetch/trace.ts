import type { Refusal } from "@plugboard/plugin-sdk/exchange";
import type { Logger } from "@plugboard/service-kit/observe";
import type { CapabilityErrorCode } from "../errors.ts";
import type { Clock } from "./clock.ts";
import { type RequestRecord, ungrantedHost } from "./metrics.ts";
import type { Requester } from "./pacing/index.ts";
import type { PluginRequest, VendorResponse } from "./types.ts";

/** What is remembered of a request: for the host's log and metrics never a path, query, header or body. */
export interface Trace {
  accepted(request: PluginRequest): void;
  granted(host: string): void;
  /** @param mayChange something at the vendor, as long as nobody says otherwise */
  sent(request: PluginRequest, mayChange: boolean): void;
  /** Of the attempt that was sent last: by what it is known that it changed nothing. */
  judged(refusal: Refusal | undefined): void;
  received(response: VendorResponse): void;
  /** What of a reply went by into a file. */
  passed(bytes: number): void;
  /** Nothing was sent. */
  fromCache(status: number): void;
  /** Writes the log line. */
  close(code: CapabilityErrorCode | "ok"): RequestRecord;
}

/** Refusals that an honest, working plugin does not run into. */
const suspicious: string[] = [
  "fetch-invalid-request",
  "fetch-not-granted",
  "fetch-address-not-public",
  "fetch-redirect-refused",
];

export function openTrace(scope: { connection: Requester; log: Logger }, clock: Clock): Trace {
  const startedAt = clock.now();
  const { id: connectionId, tenantId, pluginId: plugin } = scope.connection;
  let method: string | undefined;
  let path: string | undefined;
  let status: number | undefined;
  let host = ungrantedHost;
  let attempts = 0;
  /** Attempts that may have changed something. */
  let changing = 0;
  let isRefused = false;
  let requestBytes = 0;
  let responseBytes = 0;
  let isCached = false;

  return {
    accepted(request) {
      method = request.method;
      path = request.url.pathname;
    },
    granted(declaredHost) {
      host = declaredHost;
    },
    sent({ streamed, body }, mayChange) {
      attempts++;
      if (mayChange) changing++;
      requestBytes += (streamed ?? body)?.byteLength ?? 0;
    },
    judged(refusal) {
      if (refusal) changing--;
      isRefused ||= refusal === "status";
    },
    received(response) {
      status = response.status;
      responseBytes += response.body.byteLength;
    },
    passed(bytes) {
      responseBytes += bytes;
    },
    fromCache(cached) {
      status = cached;
      isCached = true;
    },
    close(code) {
      const durationMs = clock.now() - startedAt;
      const sizes = { requestBytes, responseBytes };
      const fields = { method, host, status, code, attempts, isCached, durationMs, ...sizes };
      if (suspicious.includes(code)) scope.log.warn(fields, "fetch refused");
      else scope.log.debug(fields, "fetch");
      return {
        plugin,
        tenantId,
        connectionId,
        method,
        path,
        host,
        status,
        code,
        durationMs,
        attempts,
        mayHaveChanged: changing > 0,
        isRefused,
        isCached,
        ...sizes,
      };
    },
  };
}
