export { buildPlugin, type PluginBuild, packPlugin, type WrittenPlugin } from "./build/index.ts";
export { CliFailure, exitCodes, type FailureProblem, formatProblem } from "./failure.ts";
export type { CliHost } from "./host.ts";
export { tarballName } from "./names.ts";
export { runCli } from "./run.ts";
