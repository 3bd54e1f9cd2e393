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

/** The files of one install, in memory, as a host keeps them in its database. */
export interface TestFiles extends HeldFiles {
  /** The `files` of one call. @param fetch the plugin's own, for bodies of any size */
  open(fetch: Capability | undefined): { functions: { [name: string]: Capability }; close(): Promise<void> };
}

const dayMs = 24 * 60 * 60_000;

export function createTestFiles({ now = Date.now }: { now?: () => number } = {}): TestFiles {
  const files = new Map<string, { file: HeldFile; content: Buffer }>();
  let made = 0;

  function keep(
    content: Buffer,
    about: { name: string | null; contentType: string },
    id = `fil_${++made}`,
  ): HeldFile {
    const file = {
      id,
      ...about,
      size: content.length,
      sha256: createHash("sha256").update(content).digest("hex"),
      createdAt: new Date(now()).toISOString(),
      expiresAt: new Date(now() + dayMs).toISOString(),
    };
    files.set(id, { file, content });
    return file;
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
      finish: async () => keep(Buffer.concat(pieces), about, id),
      discard: async () => {},
    };
  };

  const ofCall: FilesOfCall = {
    find: async (id) => files.get(id)?.file,
    async *read(id, { start, end }) {
      const held = files.get(id);
      if (held) yield held.content.subarray(start, end);
    },
    begin,
    // On an author's machine nobody else's files are on their way.
    reserve: () => ({ begin, end: () => {} }),
    remove: async (id) => files.delete(id),
  };

  return {
    open(fetch) {
      const { functions, close } = openFileFunctions({
        files: ofCall,
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
      return keep(Buffer.from(content), about).id;
    },
    content(id) {
      const held = files.get(id);
      return held && new Uint8Array(held.content);
    },
    all: () => [...files.values()].map(({ file }) => file),
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
