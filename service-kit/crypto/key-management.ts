import { CryptoError } from "./errors.ts";
import { type MasterKey, unwrapKey, wrapKey, wrappedPrefix } from "./master-key.ts";

/**
 * Who wraps data keys: this process with its master key, or a key management service that keeps the master key to itself
 * (then each call is a request to it). What is wrapped is text that says under which key it is.
 *
 * Whether an implementation keeps to this is shown by `checkKeyManagement` of `service-kit/testing`.
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
  /** Whether this one has wrapped it, under whichever of its keys; without asking anybody. */
  wrapped(text: string): boolean;
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
    wrapped: (text) => text.startsWith("v1."),
  };
}

/**
 * Moves from one to another without downtime, such as from a master key to a service: the new one wraps, and each unwraps
 * what it has wrapped. Once nothing is left to be wrapped anew, the new one alone will do.
 */
export function movingKeyManagement(to: KeyManagement, from: KeyManagement): KeyManagement {
  return {
    kind: to.kind,
    currentKeyId: to.currentKeyId,
    keyIds: [...to.keyIds, ...from.keyIds],
    currentPrefix: to.currentPrefix,
    wrapped: (text) => to.wrapped(text) || from.wrapped(text),
    wrap: (dataKey) => to.wrap(dataKey),
    async unwrap(wrapped) {
      const of = [to, from].find((one) => one.wrapped(wrapped));
      if (of) return of.unwrap(wrapped);
      throw new CryptoError(
        "sealed-invalid",
        `This is no data key that ${to.kind} or ${from.kind} has wrapped.`,
      );
    },
  };
}
