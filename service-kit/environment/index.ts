export { EnvironmentError, optional, readEnvironment, withDefault } from "./read-environment.ts";
export { databaseTuning, type LogLevel, serviceVariables, wholeNumber } from "./service-variables.ts";
