import { natives } from "../natives.ts";
import { needsBinary } from "./coded-error.ts";
import { textOfBytes } from "./text-encoding.ts";
import { URLSearchParams } from "./url.ts";

export type BodyContent = string | Uint8Array | null;

const utf8 = new natives.TextDecoder();
const utf8Encoder = new natives.TextEncoder();

let contentOf: (body: Body) => BodyContent;
let isUsed: (body: Body) => boolean;

/** What `Request` and `Response` share: content that can be read once. */
export class Body {
  #content: BodyContent;
  #used = false;
  #binary: boolean;

  static {
    contentOf = (body) => body.#content;
    isUsed = (body) => body.#used;
  }

  constructor(content: BodyContent, binary: boolean) {
    this.#content = content;
    this.#binary = binary;
  }

  get bodyUsed(): boolean {
    return this.#used;
  }

  /** There are no streams in the sandbox: use text(), json() or arrayBuffer(). */
  get body(): null {
    return null;
  }

  #take(): BodyContent {
    if (this.#used) throw new TypeError("The body was read before; clone() it to read it twice.");
    if (this.#content !== null) this.#used = true;
    return this.#content;
  }

  async text(): Promise<string> {
    return toText(this.#take());
  }

  async json(): Promise<unknown> {
    return JSON.parse(toText(this.#take()));
  }

  async bytes(): Promise<Uint8Array> {
    if (!this.#binary) throw needsBinary("bytes()");
    return toBytes(this.#take());
  }

  async arrayBuffer(): Promise<ArrayBufferLike> {
    if (!this.#binary) throw needsBinary("arrayBuffer()");
    return toBytes(this.#take()).buffer;
  }
}

const toText = (content: BodyContent): string =>
  content === null ? "" : typeof content === "string" ? content : utf8.decode(content);

const toBytes = (content: BodyContent): Uint8Array =>
  content === null
    ? new Uint8Array(0)
    : typeof content === "string"
      ? utf8Encoder.encode(content)
      : new Uint8Array(content);

/** The content, for the host and for clone(); throws when it was read already. */
export function unreadContent(body: Body): BodyContent {
  if (isUsed(body)) throw new TypeError("The body was read before.");
  return contentOf(body);
}

/** What a caller may give as `body`, and the content type that it implies. */
export function extractBody(value: unknown): { content: BodyContent; contentType: string | null } {
  if (value === undefined || value === null) return { content: null, contentType: null };
  if (value instanceof URLSearchParams)
    return { content: value.toString(), contentType: "application/x-www-form-urlencoded;charset=UTF-8" };
  if (value instanceof ArrayBuffer) return { content: new Uint8Array(value.slice(0)), contentType: null };
  if (ArrayBuffer.isView(value))
    return {
      content: new Uint8Array(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)),
      contentType: null,
    };
  const text = (typeof value === "object" ? textOfBytes(value) : undefined) ?? String(value);
  return { content: text, contentType: "text/plain;charset=UTF-8" };
}
