import { createHash } from "node:crypto";
import { type Capability, CapabilityError, type Payload } from "@plugboard/sandbox";
import {
  ExchangeRefusal,
  type FilesOfCall,
  type HeldFile,
  openFileFunctions,
  type PluginReply,
  type SendTransfer,
} from "../../exchange/index.ts";
import type { HeldFiles } from "../held-files.ts";
import { hostLimits } from "./limits.ts";

/** The files of one tenant, in memory, as a host keeps them in its database: those of the plugin's install, and others. */
export interface TestFiles extends HeldFiles {
  /** Of these ids, those that no file of the tenant's has. */
  missing(ids: readonly string[]): string[];
  /** The `files` of one call. */
  open(call: {
    /** What the call's input hands over: to be read, not taken away. */
    handed: readonly string[];
    /** The plugin's own, for bodies of any size. */
    fetch: Capability | undefined;
  }): { functions: { [name: string]: Capability }; close(): Promise<void> };
}

interface Kept {
  file: HeldFile;
  content: Buffer;
  /** The plugin made it. */
  isOwn: boolean;
}

const dayMs = 24 * 60 * 60_000;

export function createTestFiles({ now = Date.now }: { now?: () => number } = {}): TestFiles {
  const files = new Map<string, Kept>();
  let made = 0;

  function keep(
    content: Buffer,
    about: { name: string | null; contentType: string },
    { id = `fil_${++made}`, isOwn }: { id?: string; isOwn: boolean },
  ): HeldFile {
    const file = {
      id,
      ...about,
      size: content.length,
      sha256: createHash("sha256").update(content).digest("hex"),
      createdAt: new Date(now()).toISOString(),
      expiresAt: new Date(now() + dayMs).toISOString(),
    };
    files.set(id, { file, content, isOwn });
    return file;
  }

  /** Unless its time is over. */
  function held(id: string): Kept | undefined {
    const kept = files.get(id);
    return kept && Date.parse(kept.file.expiresAt) > now() ? kept : undefined;
  }

  const begin: FilesOfCall["begin"] = async (about) => {
    const id = `fil_${++made}`;
    const pieces: Buffer[] = [];
    let size = 0;
    return {
      id,
      get size() {
        return size;
      },
      async write(bytes) {
        size += bytes.length;
        if (size > hostLimits.fileBytes)
          throw new CapabilityError("file-too-large", `A file may have ${hostLimits.fileBytes} bytes.`);
        pieces.push(Buffer.from(bytes));
      },
      finish: async () => keep(Buffer.concat(pieces), about, { id, isOwn: true }),
      discard: async () => {},
    };
  };

  function ofCall(handed: readonly string[]): FilesOfCall {
    const seen = (id: string) => (handed.includes(id) || files.get(id)?.isOwn ? held(id) : undefined);
    return {
      find: async (id) => seen(id)?.file,
      async *read(id, { start, end }) {
        const kept = seen(id);
        if (kept) yield kept.content.subarray(start, end);
      },
      begin,
      // On an author's machine nobody else's files are on their way.
      reserve: () => ({ begin, end: () => {} }),
      remove: async (id) => files.get(id)?.isOwn === true && files.delete(id),
    };
  }

  return {
    missing: (ids) => ids.filter((id) => !held(id)),
    open({ handed, fetch }) {
      const { functions, close } = openFileFunctions({
        files: ofCall(handed),
        send: fetch && sendThrough(fetch),
      });
      const capabilities = Object.entries(functions).map(([name, run]): [string, Capability] => [
        name,
        async (payload, { signal }) => {
          try {
            return (await run(payload, { signal })) as Payload | undefined;
          } catch (error) {
            throw error instanceof ExchangeRefusal ? new CapabilityError(error.code, error.message) : error;
          }
        },
      ]);
      return { functions: Object.fromEntries(capabilities), close };
    },
    put(content, { name, contentType } = {}) {
      const about = { name: name ?? null, contentType: contentType ?? "application/octet-stream" };
      return keep(Buffer.from(content), about, { isOwn: false }).id;
    },
    content(id) {
      const kept = held(id);
      return kept && new Uint8Array(kept.content);
    },
    all: () => [...files.keys()].flatMap((id) => held(id)?.file ?? []),
  };
}

/** On an author's machine bodies pass through memory. */
function sendThrough(fetch: Capability): SendTransfer {
  return async (request, { body, into }, signal) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of body?.stream() ?? []) pieces.push(piece);
    const payload = { ...request, body: body ? new Uint8Array(Buffer.concat(pieces)) : request.body };
    const reply = (await fetch(payload, { callId: "call_test", signal })) as unknown as PluginReply;
    if (!into || reply.status < 200 || reply.status > 299) return reply;
    const write = await into.begin(reply);
    await write(reply.body);
    return { ...reply, body: new Uint8Array(0) };
  };
}
