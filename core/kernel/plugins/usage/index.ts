export { createSpendCaps } from "./caps.ts";
export { createUsageReporter, usageReportQueue } from "./reporter.ts";
export { createUsageRoutes } from "./routes.ts";
export { createUsageMeter, type UsageMeter } from "./usage-meter.ts";
