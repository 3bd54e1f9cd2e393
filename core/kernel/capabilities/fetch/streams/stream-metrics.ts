import type { Metrics } from "@plugboard/service-kit/observe";
import type { StreamObserver } from "./vendor-stream.ts";

export interface StreamMetrics {
  /** A socket is open. Of it hears what is returned. */
  opened(plugin: string): StreamObserver;
}

export function createStreamMetrics(metrics: Metrics): StreamMetrics {
  const open = metrics.gauge({
    name: "plugboard_streams_open",
    help: "WebSockets of vendors that are open.",
    labelNames: ["plugin"],
  });
  const messages = metrics.counter({
    name: "plugboard_stream_messages_total",
    help: "Messages over WebSockets of vendors.",
    labelNames: ["plugin", "direction"],
  });
  const bytes = metrics.counter({
    name: "plugboard_stream_bytes_total",
    help: "Bytes of messages over WebSockets of vendors.",
    labelNames: ["plugin", "direction"],
  });
  const pauses = metrics.counter({
    name: "plugboard_stream_pauses_total",
    help: "How often the host stopped reading a WebSocket: the plugin was behind (full), or the vendor faster than it may be (fast).",
    labelNames: ["plugin", "why"],
  });
  const ends = metrics.counter({
    name: "plugboard_stream_ends_total",
    help: "WebSockets of vendors that ended, by why; ok: the host closed it.",
    labelNames: ["plugin", "code"],
  });
  return {
    opened(plugin) {
      open.inc({ plugin });
      return {
        moved(direction, size) {
          messages.inc({ plugin, direction });
          bytes.inc({ plugin, direction }, size);
        },
        paused: (why) => pauses.inc({ plugin, why }),
        ended(code) {
          open.dec({ plugin });
          ends.inc({ plugin, code });
        },
      };
    },
  };
}
