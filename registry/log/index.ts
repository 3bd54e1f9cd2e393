export { appendToLog, isLogged, lockLog, logEnd } from "./log.ts";
export { logRoutes } from "./routes.ts";
