import { natives } from "../natives.ts";

type NativeURL = InstanceType<typeof natives.URL>;
type NativeParams = InstanceType<typeof natives.URLSearchParams>;

let wrapParams: (params: NativeParams) => URLSearchParams;

/** `URLSearchParams`, over Node's parser, whose own objects stay outside. */
export class URLSearchParams {
  #params: NativeParams;

  static {
    wrapParams = (params) => {
      const wrapper = new URLSearchParams();
      wrapper.#params = params;
      return wrapper;
    };
  }

  constructor(init?: unknown) {
    this.#params = new natives.URLSearchParams();
    if (init === undefined || init === null) return;
    if (typeof init === "object" && Symbol.iterator in init)
      for (const [name, value] of init as Iterable<[unknown, unknown]>) this.append(name, value);
    else if (typeof init === "object")
      for (const [name, value] of Object.entries(init)) this.append(name, value);
    else this.#params = new natives.URLSearchParams(String(init));
  }

  append(name: unknown, value: unknown): void {
    this.#params.append(String(name), String(value));
  }
  set(name: unknown, value: unknown): void {
    this.#params.set(String(name), String(value));
  }
  delete(name: unknown, value?: unknown): void {
    if (value === undefined) this.#params.delete(String(name));
    else this.#params.delete(String(name), String(value));
  }
  get(name: unknown): string | null {
    return this.#params.get(String(name));
  }
  getAll(name: unknown): string[] {
    return [...this.#params.getAll(String(name))];
  }
  has(name: unknown, value?: unknown): boolean {
    return value === undefined
      ? this.#params.has(String(name))
      : this.#params.has(String(name), String(value));
  }
  sort(): void {
    this.#params.sort();
  }
  get size(): number {
    return this.#params.size;
  }
  forEach(callback: (value: string, name: string, params: URLSearchParams) => void, thisArg?: unknown): void {
    for (const [name, value] of this) callback.call(thisArg, value, name, this);
  }
  *entries(): Generator<[string, string]> {
    for (const [name, value] of [...this.#params]) yield [name, value];
  }
  *keys(): Generator<string> {
    for (const [name] of this.entries()) yield name;
  }
  *values(): Generator<string> {
    for (const [, value] of this.entries()) yield value;
  }
  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }
  toString(): string {
    return this.#params.toString();
  }
  get [Symbol.toStringTag](): string {
    return "URLSearchParams";
  }
}

/** `URL`, over Node's parser. Node's errors carry its own classes, so they are made afresh. */
export class URL {
  #url: NativeURL;
  #searchParams: URLSearchParams | undefined;

  constructor(input: unknown, base?: unknown) {
    const text = String(input);
    const baseText = base === undefined ? undefined : String(base);
    const parsed = natives.URL.canParse(text, baseText) ? new natives.URL(text, baseText) : undefined;
    if (!parsed) throw new TypeError(`Invalid URL: ${JSON.stringify(text.slice(0, 200))}`);
    this.#url = parsed;
  }

  static canParse(input: unknown, base?: unknown): boolean {
    return natives.URL.canParse(String(input), base === undefined ? undefined : String(base));
  }
  static parse(input: unknown, base?: unknown): URL | null {
    return URL.canParse(input, base) ? new URL(input, base) : null;
  }

  get href(): string {
    return this.#url.href;
  }
  set href(value: unknown) {
    const text = String(value);
    if (!natives.URL.canParse(text))
      throw new TypeError(`Invalid URL: ${JSON.stringify(text.slice(0, 200))}`);
    this.#url.href = text;
  }
  get origin(): string {
    return this.#url.origin;
  }
  get protocol(): string {
    return this.#url.protocol;
  }
  set protocol(value: unknown) {
    this.#url.protocol = String(value);
  }
  get username(): string {
    return this.#url.username;
  }
  set username(value: unknown) {
    this.#url.username = String(value);
  }
  get password(): string {
    return this.#url.password;
  }
  set password(value: unknown) {
    this.#url.password = String(value);
  }
  get host(): string {
    return this.#url.host;
  }
  set host(value: unknown) {
    this.#url.host = String(value);
  }
  get hostname(): string {
    return this.#url.hostname;
  }
  set hostname(value: unknown) {
    this.#url.hostname = String(value);
  }
  get port(): string {
    return this.#url.port;
  }
  set port(value: unknown) {
    this.#url.port = String(value);
  }
  get pathname(): string {
    return this.#url.pathname;
  }
  set pathname(value: unknown) {
    this.#url.pathname = String(value);
  }
  get search(): string {
    return this.#url.search;
  }
  set search(value: unknown) {
    this.#url.search = String(value);
  }
  get hash(): string {
    return this.#url.hash;
  }
  set hash(value: unknown) {
    this.#url.hash = String(value);
  }
  get searchParams(): URLSearchParams {
    this.#searchParams ??= wrapParams(this.#url.searchParams);
    return this.#searchParams;
  }
  toString(): string {
    return this.#url.href;
  }
  toJSON(): string {
    return this.#url.href;
  }
  get [Symbol.toStringTag](): string {
    return "URL";
  }
}
