import { Body, type BodyContent, extractBody, unreadContent } from "./body.ts";
import { Headers } from "./headers.ts";

interface ResponseInit {
  status?: unknown;
  statusText?: unknown;
  headers?: unknown;
}

/** What the fetch capability answered. */
export interface Reply {
  status: number;
  statusText: string;
  url: string;
  headers: [string, string][];
  body: BodyContent;
}

/** `Response` of the Fetch standard, made for one plugin's thread, and the way the host's replies become one. */
export function createResponseClass(binary: boolean) {
  let fromReply: (reply: Reply) => Response;

  class Response extends Body {
    #status: number;
    #statusText: string;
    #headers: Headers;
    #url = "";

    constructor(body?: unknown, init: ResponseInit = {}) {
      const { content, contentType } = extractBody(body);
      super(content, binary);
      this.#status = init.status === undefined ? 200 : Number(init.status);
      if (!Number.isInteger(this.#status) || this.#status < 200 || this.#status > 599)
        throw new RangeError("A response status is a whole number from 200 to 599.");
      this.#statusText = String(init.statusText ?? "");
      this.#headers = new Headers(init.headers);
      if (contentType !== null && !this.#headers.has("content-type"))
        this.#headers.set("content-type", contentType);
    }

    static json(data: unknown, init: ResponseInit = {}): Response {
      const headers = new Headers(init.headers);
      if (!headers.has("content-type")) headers.set("content-type", "application/json");
      return new Response(JSON.stringify(data), { ...init, headers });
    }

    get status(): number {
      return this.#status;
    }
    get statusText(): string {
      return this.#statusText;
    }
    get ok(): boolean {
      return this.#status >= 200 && this.#status < 300;
    }
    get headers(): Headers {
      return this.#headers;
    }
    get url(): string {
      return this.#url;
    }
    get redirected(): boolean {
      return false;
    }
    get type(): string {
      return "basic";
    }

    clone(): Response {
      const copy = new Response(unreadContent(this), {
        status: this.#status,
        statusText: this.#statusText,
        headers: this.#headers,
      });
      copy.#url = this.#url;
      return copy;
    }

    get [Symbol.toStringTag](): string {
      return "Response";
    }

    // Only code inside the class can set the URL; a static block hands that power to this function alone.
    static {
      fromReply = (reply) => {
        const response = new Response(reply.body, reply);
        response.#url = reply.url;
        return response;
      };
    }
  }
  return { Response, fromReply };
}
