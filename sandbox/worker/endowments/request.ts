import { AbortController, AbortSignal, follow } from "./abort.ts";
import { Body, type BodyContent, extractBody, unreadContent } from "./body.ts";
import { Headers } from "./headers.ts";
import { URL } from "./url.ts";

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const REDIRECT_MODES = ["follow", "manual", "error"];
const UPPER_CASED = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH"];

interface RequestInit {
  method?: unknown;
  headers?: unknown;
  body?: unknown;
  signal?: unknown;
  redirect?: unknown;
}

/** `Request` of the Fetch standard, made for one plugin's thread. URLs must be absolute: there is no page. */
export function createRequestClass(binary: boolean) {
  class Request extends Body {
    #method: string;
    #url: string;
    #headers: Headers;
    #signal: AbortSignal;
    #redirect: string;

    constructor(input: unknown, init: RequestInit = {}) {
      const base = input instanceof Request ? input : undefined;
      const given = init.body !== undefined && init.body !== null;
      const { content, contentType } = given
        ? extractBody(init.body)
        : { content: base ? unreadContent(base) : null, contentType: null };
      super(content, binary);
      this.#url = base ? base.#url : new URL(input).href;
      this.#method = normalizeMethod(init.method ?? base?.method ?? "GET");
      if (content !== null && (this.#method === "GET" || this.#method === "HEAD"))
        throw new TypeError(`A ${this.#method} request has no body.`);
      this.#headers = new Headers(init.headers ?? base?.headers);
      if (contentType !== null && !this.#headers.has("content-type"))
        this.#headers.set("content-type", contentType);
      this.#redirect = redirectMode(init.redirect ?? base?.redirect ?? "follow");
      const parent = init.signal === undefined ? base?.signal : init.signal;
      const controller = new AbortController();
      if (parent instanceof AbortSignal) follow(controller, parent);
      else if (parent !== undefined && parent !== null) throw new TypeError("signal must be an AbortSignal.");
      this.#signal = controller.signal;
    }

    get method(): string {
      return this.#method;
    }
    get url(): string {
      return this.#url;
    }
    get headers(): Headers {
      return this.#headers;
    }
    get signal(): AbortSignal {
      return this.#signal;
    }
    get redirect(): string {
      return this.#redirect;
    }

    clone(): Request {
      const content: BodyContent = unreadContent(this);
      return new Request(this.#url, {
        method: this.#method,
        headers: this.#headers,
        body: content ?? undefined,
        signal: this.#signal,
        redirect: this.#redirect,
      });
    }

    get [Symbol.toStringTag](): string {
      return "Request";
    }
  }
  return Request;
}

export type Request = InstanceType<ReturnType<typeof createRequestClass>>;

function normalizeMethod(value: unknown): string {
  const text = String(value);
  if (!METHOD.test(text)) throw new TypeError(`${JSON.stringify(text.slice(0, 40))} is not an HTTP method.`);
  const upper = text.toUpperCase();
  return UPPER_CASED.includes(upper) ? upper : text;
}

function redirectMode(value: unknown): string {
  const mode = String(value);
  if (!REDIRECT_MODES.includes(mode))
    throw new TypeError(`redirect must be one of ${REDIRECT_MODES.join(", ")}.`);
  return mode;
}
