export { createClosing } from "./closing.ts";
export { createReports } from "./reports.ts";
export { usageRoutes } from "./routes.ts";
export { createUsageView } from "./usage.ts";
