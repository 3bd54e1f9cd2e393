/**
 * What a form or a query can hold. What is undefined or null is left out, and so is a list with nothing in it: vendors that
 * empty a list by a form have a way of their own to say so, such as `a=`.
 */
export type FormValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly FormValue[]
  | { readonly [name: string]: FormValue };

/** How {@link form} and {@link withQuery} write what has no one way to be written. */
export interface FormOptions {
  /**
   * How lists are written: `indices` as `a[0]=x&a[1]=y` (default), `brackets` as `a[]=x&a[]=y`, `repeat` as `a=x&a=y`,
   * `comma` as `a=x,y`.
   */
  lists?: "indices" | "brackets" | "repeat" | "comma";
}

/**
 * Form-encodes fields, nested ones with brackets: `metadata[plan]=pro`. As the body of a request it brings its own
 * `Content-Type`.
 *
 * @example
 * await requestJson(fetch, url, { method: "POST", body: form({ email, metadata: { plan: "pro" } }) });
 */
export function form(
  fields: { readonly [name: string]: FormValue },
  options: FormOptions = {},
): URLSearchParams {
  const { lists = "indices" } = options;
  const params = new URLSearchParams();

  function append(name: string, value: FormValue): void {
    if (value === undefined || value === null) return;
    if (typeof value !== "object") params.append(name, String(value));
    else if (!isList(value)) for (const [key, item] of Object.entries(value)) append(`${name}[${key}]`, item);
    else if (value.length === 0) return;
    else if (lists === "comma") params.append(name, value.join(","));
    else
      for (const [index, item] of value.entries())
        append(lists === "repeat" ? name : `${name}[${lists === "indices" ? index : ""}]`, item);
  }

  for (const [name, value] of Object.entries(fields)) append(name, value);
  return params;
}

const isList = (value: object): value is readonly FormValue[] => Array.isArray(value);

/**
 * A URL with a query; fields as in {@link form}.
 *
 * @example
 * withQuery("https://api.example.com/items", { limit: 50, after: cursor }) // …/items?limit=50, when cursor is null
 */
export function withQuery(
  url: string,
  fields: { readonly [name: string]: FormValue },
  options?: FormOptions,
): string {
  const query = form(fields, options).toString();
  if (query === "") return url;
  return `${url}${url.includes("?") ? "&" : "?"}${query}`;
}
