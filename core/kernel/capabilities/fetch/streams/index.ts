export { createStreamOpener, type StreamOpener, type StreamOpening, type StreamScope } from "./open.ts";
export { isUnauthorizedClose, type StreamClose, StreamEnded } from "./stream-ended.ts";
export { createStreamMetrics } from "./stream-metrics.ts";
export type { CarriedMessage, VendorStream } from "./vendor-stream.ts";
