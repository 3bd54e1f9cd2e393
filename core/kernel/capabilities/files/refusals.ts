import { CapabilityError } from "../errors.ts";
import type { FileLimits, HostFileLimits } from "./limits.ts";

export function fileTooLarge(most: number): CapabilityError {
  return new CapabilityError("file-too-large", `A file may have ${most} bytes; this one has more.`);
}

export function writerGone(): CapabilityError {
  return new CapabilityError("file-aborted", "The file was taken away while it was being written.");
}

/** What the database says of a file that it takes no more of. */
export type Full = "tenant-files" | "tenant-bytes" | "install-files" | "install-bytes";

export function filesFull(full: Full, limits: FileLimits & HostFileLimits): CapabilityError {
  const { reached, what } = {
    "install-files": { reached: "files", what: `This install has ${limits.files} files` },
    "install-bytes": {
      reached: "fileStorageBytes",
      what: `The files of this install have ${limits.fileStorageBytes} bytes`,
    },
    "tenant-files": { reached: "filesPerTenant", what: `This tenant has ${limits.filesPerTenant} files` },
    "tenant-bytes": {
      reached: "fileStorageBytesPerTenant",
      what: `The files of this tenant have ${limits.fileStorageBytesPerTenant} bytes`,
    },
  }[full] as { reached: CapabilityError["reached"]; what: string };
  return new CapabilityError(
    "files-limit-exceeded",
    `${what}, as many as may be. Delete some, or wait until they have expired.`,
    reached,
  );
}

/** Of files on their way, and whose they are. */
const transfersOf = {
  fileTransfersPerInstall: "this install",
  fileTransfersPerPlugin: "this plugin",
  fileTransfersPerTenant: "this tenant",
  hostFileTransfers: "this host",
} as const;

export type TransferLimit = keyof typeof transfersOf;

export function filesBusy(reached: TransferLimit, most: number): CapabilityError {
  const whose = transfersOf[reached];
  return new CapabilityError(
    "files-busy",
    `${most} files of ${whose} are on their way, as many as may be. Repeat it when one has come through.`,
    reached,
  );
}

export function operationsBusy(operations: number): CapabilityError {
  return new CapabilityError(
    "files-busy",
    `${operations} operations on files of this install are under way, as many as may be. Repeat it when one has ended.`,
  );
}
