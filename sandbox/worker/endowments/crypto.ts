import { natives } from "../natives.ts";
import { needsBinary } from "./coded-error.ts";

const MAX_RANDOM_BYTES = 65_536;

/** `crypto`: random values. Keys and signatures belong to the host, which holds the credentials. */
export function createCrypto(binary: boolean) {
  return {
    randomUUID: (): string => natives.randomUUID(),
    getRandomValues<T>(target: T): T {
      if (!binary) throw needsBinary("crypto.getRandomValues()");
      if (!ArrayBuffer.isView(target) || target.byteLength > MAX_RANDOM_BYTES)
        throw new TypeError(
          `crypto.getRandomValues() takes a typed array of at most ${MAX_RANDOM_BYTES} bytes.`,
        );
      natives.randomFillSync(new Uint8Array(target.buffer, target.byteOffset, target.byteLength));
      return target;
    },
  };
}
