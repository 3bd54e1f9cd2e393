import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  Registry,
} from "prom-client";

/** The metrics of one service, apart from prom-client's global registry. */
export interface Metrics {
  counter<Label extends string>(o: Omit<CounterConfiguration<Label>, "registers">): Counter<Label>;
  gauge<Label extends string>(o: Omit<GaugeConfiguration<Label>, "registers">): Gauge<Label>;
  histogram<Label extends string>(o: Omit<HistogramConfiguration<Label>, "registers">): Histogram<Label>;
  /** What a scrape gets, in the Prometheus text format. */
  text(): Promise<string>;
  contentType: string;
}

/** @param o.runtime also measures the process: memory, event loop delay, garbage collection. Default true. */
export function createMetrics(o: { runtime?: boolean } = {}): Metrics {
  const register = new Registry();
  const registers = [register];
  if (o.runtime ?? true) collectDefaultMetrics({ register });
  return {
    counter: (configuration) => new Counter({ ...configuration, registers }),
    gauge: (configuration) => new Gauge({ ...configuration, registers }),
    histogram: (configuration) => new Histogram({ ...configuration, registers }),
    text: () => register.metrics(),
    contentType: register.contentType,
  };
}
