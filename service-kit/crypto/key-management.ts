import { type MasterKey, unwrapKey, wrapKey, wrappedPrefix } from "./master-key.ts";

/**
 * Who wraps data keys: this process with its master key, or a key management service that keeps the master key to itself
 * (then each call is a request to it). What is wrapped is text that says under which key it is.
 */
export interface KeyManagement {
  /** For people: `local`, or the name of the service. */
  readonly kind: string;
  /** Of the key that wraps now. Safe to show. */
  readonly currentKeyId: string;
  /** Of all keys that are at hand, the current one among them. */
  readonly keyIds: readonly string[];
  wrap(dataKey: Buffer): Promise<string>;
  /** @throws CryptoError `master-key-unknown` if the key it is under is not at hand, `sealed-invalid` if it was changed */
  unwrap(wrapped: string): Promise<Buffer>;
  /** What everything begins with that is wrapped under the current key, and nothing that is under an earlier one. */
  readonly currentPrefix: string;
}

/** Wraps with the master key of this process. */
export function localKeyManagement(master: MasterKey): KeyManagement {
  return {
    kind: "local",
    currentKeyId: master.id,
    keyIds: [...master.keys.keys()],
    wrap: async (dataKey) => wrapKey(master, dataKey),
    unwrap: async (wrapped) => unwrapKey(master, wrapped),
    currentPrefix: wrappedPrefix(master),
  };
}
