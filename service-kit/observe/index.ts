export { type CheckResult, checkHealth, type Health, type HealthCheck } from "./health.ts";
export { createLogger, type Logger, type LoggerOptions, type LogLevel, logLevels } from "./logger.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export { redact } from "./redact.ts";
