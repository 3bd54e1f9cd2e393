import type { Metrics } from "@plugboard/service-kit/observe";
import type { CoreOptions } from "./core-options.ts";
import {
  createEgressBroker,
  createHostFetch,
  type EgressBroker,
  type RequestRecord,
  type Transformers,
} from "./kernel/capabilities/index.ts";
import type { HostCount } from "./kernel/changes/index.ts";
import { type LimitReached, nameOfEgressLimit, type PluginSettings } from "./kernel/limits/index.ts";
import type { Activity } from "./modules/activity/index.ts";

type Listener = (record: RequestRecord) => void;

/** The ways out of this process: of plugins, by the broker, and of the host itself. */
export interface Egress {
  egress: EgressBroker;
  hostFetch: ReturnType<typeof createHostFetch>;
  /** Has somebody hear of each request of plugins besides the log; what needs the broker to be made comes after it. */
  hear(listener: Listener): void;
}

export function openEgress(
  { egressRewrite: rewrite, egressHttp2: http2, egressResolve: resolve }: CoreOptions,
  o: {
    activity: Pick<Activity, "record">;
    hosts: Pick<HostCount, "now">;
    settings: PluginSettings;
    limitReached: LimitReached;
    transformers: () => Transformers;
    metrics: Metrics;
  },
): Egress {
  const way = { rewrite, http2, ...(resolve && { resolve }) };
  const listeners: Listener[] = [o.activity.record];
  const egress = createEgressBroker({
    ...way,
    onRequest(record) {
      for (const listener of listeners) listener(record);
    },
    requestsFor: o.settings.requests,
    hosts: o.hosts.now,
    limits: o.settings.hostEgressLimits,
    limitsFor: o.settings.egressLimits,
    onLimit: (limit, pluginId) => o.limitReached(pluginId, nameOfEgressLimit(limit)),
    transformers: o.transformers,
    metrics: o.metrics,
  });
  return {
    egress,
    hostFetch: createHostFetch(way),
    hear: (listener) => void listeners.push(listener),
  };
}
