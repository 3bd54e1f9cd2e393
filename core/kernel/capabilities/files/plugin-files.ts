import {
  ExchangeRefusal,
  type FilesOfCall,
  type HeldFile,
  type HeldFileWriter,
  openFileFunctions,
  type SendTransfer,
} from "@plugboard/plugin-sdk/exchange";
import type { Capability, Payload } from "@plugboard/sandbox";
import type { DatabaseShare } from "../database-share.ts";
import { CapabilityError } from "../errors.ts";
import type { OpenCapability } from "../open-capability.ts";
import { createTurns } from "../turns.ts";
import type { FileLimits } from "./limits.ts";
import { operationsBusy } from "./refusals.ts";
import type { Files } from "./store.ts";
import type { NewFile, StoredFile } from "./stored-file.ts";
import type { FileWriter } from "./writer.ts";

/** The files of plugins, each install its own. One for the process: it knows what is under way. */
export interface PluginFiles {
  /** The `files` of one call. */
  open(call: {
    tenantId: string;
    installId: string;
    /** `publisher/name` */
    plugin: string;
    /** Files of the tenant that the call's input hands over: to be read, not taken away. */
    handed: readonly string[];
    limits: FileLimits;
    /** Left out where there is nobody to send to. */
    send?: SendTransfer | undefined;
  }): OpenCapability;
}

/** Of one install on this host, at the database or waiting for it. */
const maxOperations = 256;

const KiB = 1024;
/** What the arguments of each function take as JSON; ids and options take less. */
const maxArgumentBytes: { [name: string]: number } = {
  "files.append": 8 * KiB * KiB,
  "files.fetch": 16 * KiB * KiB,
};
const maxOtherArgumentBytes = 16 * KiB;

export function createPluginFiles({ files, share }: { files: Files; share: DatabaseShare }): PluginFiles {
  const turnOf = createTurns({ share });

  return {
    open({ tenantId, installId, plugin, handed, limits, send }) {
      const own = { tenantId, installId };
      const turn = turnOf(own, { operations: maxOperations, busy: operationsBusy });
      const beginTransfer = () => files.transfers.begin(tenantId, { installId, plugin, limits });
      const ownerOf = (id: string) => (handed.includes(id) ? { tenantId } : own);

      /** @param end gives back the place that it has, if it is its own */
      async function begin(about: NewFile, end: () => void): Promise<HeldFileWriter> {
        try {
          return toHeldWriter(await files.begin(own, about, { limits, turn }), end);
        } catch (error) {
          end();
          throw error;
        }
      }

      const ofCall: FilesOfCall = {
        async find(id) {
          const file = await turn(() => files.find(ownerOf(id), id));
          return file && toHeldFile(file);
        },
        read: (id, range) => files.read(ownerOf(id), id, range, turn),
        begin: async (about) => begin(about, beginTransfer()),
        reserve() {
          const end = beginTransfer();
          return { begin: (about) => begin(about, () => {}), end };
        },
        remove: (id) => turn(() => files.remove(own, id)),
      };

      /** A file that goes out is on its way too; where one comes back for it, in the place that this one has. */
      const sendCounted: SendTransfer | undefined =
        send &&
        (async (request, transfer, signal) => {
          const out = transfer.body && !transfer.into ? beginTransfer() : undefined;
          try {
            return await send(request, transfer, signal);
          } finally {
            out?.();
          }
        });
      const { functions, close } = openFileFunctions({ files: ofCall, send: sendCounted });
      const capabilities = Object.entries(functions).map(([name, run]): [string, Capability] => {
        const capability: Capability = async (payload, { signal }) =>
          (await asOurs(run(payload, { signal }))) as Payload | undefined;
        const most = maxArgumentBytes[name] ?? maxOtherArgumentBytes;
        capability.checkSize = (size) => {
          if (size > most) throw tooLarge(size, most);
        };
        return [name, capability];
      });
      return { functions: Object.fromEntries(capabilities), close };
    },
  };
}

function toHeldFile({ installId: _, ...file }: StoredFile): HeldFile {
  return file;
}

function toHeldWriter(writer: FileWriter, end: () => void): HeldFileWriter {
  return {
    id: writer.id,
    get size() {
      return writer.size;
    },
    write: writer.write,
    async finish() {
      const file = await writer.finish();
      end();
      return toHeldFile(file);
    },
    async discard() {
      end();
      await writer.discard();
    },
  };
}

function tooLarge(size: number, most: number): CapabilityError {
  return new CapabilityError(
    "file-invalid-argument",
    `The arguments take ${size} bytes; ${most} are the most. Write a file in several parts.`,
  );
}

async function asOurs<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof ExchangeRefusal ? new CapabilityError(error.code, error.message) : error;
  }
}
