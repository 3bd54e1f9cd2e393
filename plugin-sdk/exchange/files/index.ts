export { openFileFunctions } from "./functions.ts";
export type {
  FileBody,
  FileRequest,
  FilesOfCall,
  FileTarget,
  HeldFile,
  HeldFileWriter,
  SendTransfer,
  Transfer,
} from "./types.ts";
