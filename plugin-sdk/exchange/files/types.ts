import type { Header, PluginReply } from "../types.ts";

/** A file that is whole, as a plugin sees it. */
export interface HeldFile {
  id: string;
  name: string | null;
  contentType: string;
  /** In bytes. */
  size: number;
  /** Of its content, lowercase hex. */
  sha256: string;
  /** RFC 3339, as the next. */
  createdAt: string;
  expiresAt: string;
}

/** A file while it is written. Nobody sees it before it is finished. */
export interface HeldFileWriter {
  id: string;
  readonly size: number;
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<HeldFile>;
  /** Takes away what there is of it, unless it is finished. */
  discard(): Promise<void>;
}

export interface NewHeldFile {
  name: string | null;
  contentType: string;
}

/** Room for one file at a time. */
export interface FilePlace {
  begin(file: NewHeldFile): Promise<HeldFileWriter>;
  /** Must be called, once what was begun in it is finished or discarded. */
  end(): void;
}

/** The files that one call may see and make, wherever a host keeps them. */
export interface FilesOfCall {
  find(id: string): Promise<HeldFile | undefined>;
  /** From `start` up to before `end`. */
  read(id: string, range: { start: number; end: number }): AsyncIterable<Uint8Array>;
  begin(file: NewHeldFile): Promise<HeldFileWriter>;
  /** Takes a place before it is known what comes: what is begun in it is not refused because others are on their way. */
  reserve(): FilePlace;
  /** One that the plugin made. @returns whether there was one */
  remove(id: string): Promise<boolean>;
}

/** A body that is not in memory; each time it is asked for it begins anew. */
export interface FileBody {
  byteLength: number;
  stream(): AsyncIterable<Uint8Array>;
}

/** Takes the body of a successful reply (200 to 299), without the secrets. */
export interface FileTarget {
  /**
   * A reply begins. What came of one before, which was broken off, counts no more.
   * @returns takes the body of this reply: what is still on its way of one before does not get into it
   */
  begin(head: { headers: readonly Header[] }): Promise<(bytes: Uint8Array) => Promise<void>>;
}

/** What goes out of a file, and what comes back into one. */
export interface Transfer {
  body?: FileBody;
  into?: FileTarget;
}

/** A request as the plugin's own `fetch` makes it. */
export interface FileRequest {
  method: string;
  url: string;
  headers: [string, string][];
  body: string | Uint8Array | null;
  redirect: string;
}

/** Sends a request of the plugin's through all that its `fetch` goes through. */
export type SendTransfer = (
  request: FileRequest,
  transfer: Transfer,
  signal: AbortSignal,
) => Promise<PluginReply>;
