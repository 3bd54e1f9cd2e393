export { EnvironmentError, optional, readEnvironment, withDefault } from "./read-environment.ts";
export { type LogLevel, serviceVariables } from "./service-variables.ts";
