export { createStreams, type StreamState, type Streams } from "./streams.ts";
export { type SupervisorKernel, startSupervisor } from "./supervisor.ts";
