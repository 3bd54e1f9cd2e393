import { natives } from "../natives.ts";
import { needsBinary } from "./coded-error.ts";

const encoder = new natives.TextEncoder();

/**
 * `TextEncoder` and `TextDecoder`. Without the `binary` permission they can be made, as vendors' code does when it
 * is loaded, but not used: their work is typed arrays.
 */
export function createTextEncoding(binary: boolean) {
  class TextEncoder {
    get encoding(): string {
      return "utf-8";
    }
    encode(text: unknown = ""): Uint8Array {
      if (!binary) throw needsBinary("TextEncoder");
      return new Uint8Array(encoder.encode(String(text)));
    }
    encodeInto(text: unknown, target: Uint8Array): { read: number; written: number } {
      if (!binary) throw needsBinary("TextEncoder");
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
      if (!binary) throw needsBinary("TextDecoder");
      const stream = Boolean(options.stream);
      if (bytes === undefined) return this.#decoder.decode(undefined, { stream });
      if (!(bytes instanceof ArrayBuffer) && !ArrayBuffer.isView(bytes))
        throw new TypeError("TextDecoder decodes an ArrayBuffer or a view of one.");
      try {
        return this.#decoder.decode(bytes as Uint8Array, { stream });
      } catch {
        throw new TypeError(`The bytes are not valid ${this.#decoder.encoding}.`);
      }
    }
  }
  return { TextEncoder, TextDecoder };
}
