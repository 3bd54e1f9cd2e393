export {
  defaultFileLimits,
  defaultHostFileLimits,
  type FileLimits,
  type HostFileLimits,
} from "./limits.ts";
export { createPluginFiles, type PluginFiles } from "./plugin-files.ts";
export { createFiles, type FileOwner, type Files, pruneFiles } from "./store.ts";
export type { StoredFile } from "./stored-file.ts";
export type { FileWriter } from "./writer.ts";
