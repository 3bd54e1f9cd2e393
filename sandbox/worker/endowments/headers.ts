/** `Headers` of the Fetch standard, without guards: the host refuses what a plugin may not set. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const BLANKS = "\t\r\n ";
const BAD_VALUE = /[\0\r\n]|[^\t\x20-\x7e\x80-\xff]/;

export class Headers {
  #values = new Map<string, string[]>();

  constructor(init?: unknown) {
    if (init === undefined || init === null) return;
    if (init instanceof Headers)
      for (const [name, values] of init.#values) this.#values.set(name, [...values]);
    else if (typeof init !== "object")
      throw new TypeError("Headers takes an object, an array of pairs or Headers.");
    else if (Symbol.iterator in init) for (const pair of init as Iterable<unknown>) this.#appendPair(pair);
    else for (const [name, value] of Object.entries(init)) this.append(name, value);
  }

  #appendPair(pair: unknown): void {
    const [name, value, ...more] = pair as [string, string];
    if (more.length > 0 || value === undefined)
      throw new TypeError("A header is a pair of a name and a value.");
    this.append(name, value);
  }

  append(name: unknown, value: unknown): void {
    const key = checkName(name);
    const text = checkValue(key, value);
    const existing = this.#values.get(key);
    if (existing) existing.push(text);
    else this.#values.set(key, [text]);
  }

  set(name: unknown, value: unknown): void {
    const key = checkName(name);
    this.#values.set(key, [checkValue(key, value)]);
  }

  get(name: unknown): string | null {
    return this.#values.get(checkName(name))?.join(", ") ?? null;
  }

  has(name: unknown): boolean {
    return this.#values.has(checkName(name));
  }

  delete(name: unknown): void {
    this.#values.delete(checkName(name));
  }

  getSetCookie(): string[] {
    return [...(this.#values.get("set-cookie") ?? [])];
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, thisArg?: unknown): void {
    for (const [name, value] of this) callback.call(thisArg, value, name, this);
  }

  *entries(): Generator<[string, string]> {
    for (const name of [...this.#values.keys()].sort()) {
      const values = this.#values.get(name) ?? [];
      if (name === "set-cookie") for (const value of values) yield [name, value];
      else yield [name, values.join(", ")];
    }
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

  get [Symbol.toStringTag](): string {
    return "Headers";
  }
}

function checkName(name: unknown): string {
  const text = String(name);
  if (!TOKEN.test(text))
    throw new TypeError(`Header name ${JSON.stringify(text.slice(0, 80))} is not a token.`);
  return text.toLowerCase();
}

function checkValue(name: string, value: unknown): string {
  const text = trim(String(value));
  if (BAD_VALUE.test(text))
    throw new TypeError(`The value of header "${name}" holds a character that is not allowed.`);
  return text;
}

/** By hand: a pattern for the end would look from every blank on, which takes its time in a long run of them. */
function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && BLANKS.includes(text.charAt(from))) from += 1;
  while (to > from && BLANKS.includes(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}
