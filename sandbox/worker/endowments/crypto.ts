import { natives } from "../natives.ts";
import { needsBinary } from "./coded-error.ts";

const MAX_RANDOM_BYTES = 65_536;

/** `crypto`: random values. Keys and signatures belong to the host, which holds the credentials. */
export function createCrypto(binary: boolean) {
  return {
    randomUUID: (): string => natives.randomUUID(),
    getRandomValues<T>(target: T): T {
      if (!binary) throw needsBinary("crypto.getRandomValues()");
      const bytes = bytesOf(target);
      if (!bytes || bytes.length > MAX_RANDOM_BYTES)
        throw new TypeError(
          `crypto.getRandomValues() takes a typed array of at most ${MAX_RANDOM_BYTES} bytes.`,
        );
      natives.randomFillSync(bytes);
      return target;
    },
  };
}

const typedArray: object = Object.getPrototypeOf(Uint8Array.prototype);
const getter = (name: string) => Object.getOwnPropertyDescriptor(typedArray, name)?.get;
const [bufferOf, offsetOf, lengthOf] = ["buffer", "byteOffset", "byteLength"].map(getter);

/** The memory of a typed array, by the language's own getters: the array may have members of its own with these names. */
function bytesOf(target: unknown): Uint8Array | undefined {
  if (!bufferOf || !offsetOf || !lengthOf || !ArrayBuffer.isView(target)) return undefined;
  const [buffer, offset, length] = [bufferOf, offsetOf, lengthOf].map((read) =>
    Reflect.apply(read, target, []),
  );
  return new Uint8Array(buffer, offset, length);
}
