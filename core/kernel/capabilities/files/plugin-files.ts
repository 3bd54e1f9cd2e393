import {
  ExchangeRefusal,
  type FilesOfCall,
  type HeldFile,
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
import type { StoredFile } from "./stored-file.ts";

/** The files of plugins, each install its own. One for the process: it knows what is under way. */
export interface PluginFiles {
  /** The `files` of one call. */
  open(call: {
    tenantId: string;
    installId: string;
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
    open({ tenantId, installId, handed, limits, send }) {
      const own = { tenantId, installId };
      const turn = turnOf(own, { operations: maxOperations, busy: operationsBusy });
      const ownerOf = (id: string) => (handed.includes(id) ? { tenantId } : own);

      /** Taken before a request goes out whose answer is to go into a file: a write that was carried out is not refused then. */
      const reserved = new Set<() => void>();

      function beginTransfer(): () => void {
        const [end] = reserved;
        if (!end) return files.transfers.begin(tenantId);
        reserved.delete(end);
        return end;
      }

      const ofCall: FilesOfCall = {
        async find(id) {
          const file = await turn(() => files.find(ownerOf(id), id));
          return file && toHeldFile(file);
        },
        read: (id, range) => files.read(ownerOf(id), id, range, turn),
        async begin(about) {
          const end = beginTransfer();
          try {
            const writer = await files.begin(own, about, { limits, turn });
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
          } catch (error) {
            end();
            throw error;
          }
        },
        remove: (id) => turn(() => files.remove(own, id)),
      };

      /** A file that goes out is on its way too. */
      const sendCounted: SendTransfer | undefined =
        send &&
        (async (request, transfer, signal) => {
          const out = transfer.body ? files.transfers.begin(tenantId) : undefined;
          let incoming: (() => void) | undefined;
          try {
            incoming = transfer.into && files.transfers.begin(tenantId);
            if (incoming) reserved.add(incoming);
            return await send(request, transfer, signal);
          } finally {
            out?.();
            if (incoming && reserved.delete(incoming)) incoming();
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
