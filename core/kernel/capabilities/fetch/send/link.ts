import type { Header, OutgoingRequest } from "../types.ts";

/** What a vendor says before the body. */
export interface VendorHead {
  status: number;
  statusText: string;
  headers: Header[];
}

/** A body that is not in memory: its length has to be known, and it can be had once. */
export interface StreamedBody {
  byteLength: number;
  stream(): AsyncIterable<Uint8Array>;
}

/** Takes a body piece by piece, decompressed. Nothing more is read of the vendor than it has taken. */
export type BodySink = (piece: Buffer) => void | Promise<void>;

/** What goes out over a link, and what of it. */
export type LinkRequest = Omit<OutgoingRequest, "body"> & { body: Uint8Array | StreamedBody | null };

/** One open connection to one place. Whatever it is asked later, it goes to the address that it was opened to. */
export interface Link {
  /** Takes a place for a request, if there is one. It has to be sent then. */
  claim(): boolean;
  /**
   * Sends a request for which there is a place. Exactly one of `end` and `failed` is heard at the end.
   * @returns takes the request back, whatever has become of it; nothing is heard any more
   */
  send(request: LinkRequest, hears: Hears): () => void;
  close(): void;
}

/** What is heard of one request on a link, in this order. What `head` or `piece` throws ends it, and is what `failed` hears. */
export interface Hears {
  /** From now on something of the request may reach the vendor. */
  leaving(): void;
  /** Interim answers are left out. */
  head(head: VendorHead, flow: Flow): void;
  piece(piece: Buffer): void;
  end(): void;
  /** @param error may hold what was sent, or what came */
  failed(error: unknown): void;
}

/** Holds a body back. */
export interface Flow {
  pause(): void;
  resume(): void;
}
