export { buildPlugin, type PluginBuild, packPlugin, tarballName, type WrittenPlugin } from "./build/index.ts";
export { CliFailure, exitCodes, type FailureProblem, formatProblem } from "./failure.ts";
export type { CliHost } from "./host.ts";
export { runCli } from "./run.ts";
