import { natives } from "../natives.ts";
import { needsBinary } from "./coded-error.ts";

const encoder = new natives.TextEncoder();

/** The text that a list of bytes was made from, for when it comes back as a body. */
const textOfList = new WeakMap<object, string>();
export const textOfBytes = (value: object): string | undefined => textOfList.get(value);

/**
 * `TextEncoder` and `TextDecoder`. Without the `binary` permission bytes are a frozen array of numbers: enough for
 * vendors' code that asks for the length or hands it on to fetch, and in the heap, where it is counted.
 */
export function createTextEncoding(binary: boolean) {
  class TextEncoder {
    get encoding(): string {
      return "utf-8";
    }
    encode(text: unknown = ""): Uint8Array | readonly number[] {
      const input = String(text);
      if (binary) return new Uint8Array(encoder.encode(input));
      const list = Object.freeze(Array.from(encoder.encode(input)));
      textOfList.set(list, input);
      return list;
    }
    encodeInto(text: unknown, target: Uint8Array): { read: number; written: number } {
      if (!binary) throw needsBinary("TextEncoder.encodeInto()");
      const { read, written } = encoder.encodeInto(String(text), target);
      return { read, written };
    }
  }

  class TextDecoder {
    #decoder: InstanceType<typeof natives.TextDecoder>;

    constructor(label: unknown = "utf-8", options: { fatal?: unknown; ignoreBOM?: unknown } = {}) {
      try {
        const { fatal, ignoreBOM } = options;
        this.#decoder = new natives.TextDecoder(String(label), {
          fatal: Boolean(fatal),
          ignoreBOM: Boolean(ignoreBOM),
        });
      } catch {
        throw new RangeError("The encoding is not supported.");
      }
    }
    get encoding(): string {
      return this.#decoder.encoding;
    }
    decode(bytes?: unknown, options: { stream?: unknown } = {}): string {
      const stream = Boolean(options.stream);
      if (bytes === undefined) return this.#read(undefined, stream);
      const input = Array.isArray(bytes) && !binary ? Uint8Array.from(bytes as number[]) : bytes;
      if (!(input instanceof ArrayBuffer) && !ArrayBuffer.isView(input))
        throw new TypeError("TextDecoder decodes an ArrayBuffer or a view of one.");
      return this.#read(input as Uint8Array, stream);
    }
    #read(bytes: Uint8Array | undefined, stream: boolean): string {
      try {
        return this.#decoder.decode(bytes, { stream });
      } catch {
        throw new TypeError(`The bytes are not valid ${this.#decoder.encoding}.`);
      }
    }
  }
  return { TextEncoder, TextDecoder };
}
