import qs from "qs";

/** Parameters as they arrive: `metadata[plan]=pro&expand[]=sources` is text in nested objects and lists. */
export type RawValue = string | RawValue[] | { [name: string]: RawValue };
export type RawParams = { [name: string]: RawValue };

/** Parses a form-encoded body or a query string. Objects have no prototype, so no name is special. */
export function parseForm(text: string): RawParams {
  // parse() answers unknown text values only; `undefined` stands for holes in lists, which allowSparse keeps off.
  return qs.parse(text, { plainObjects: true, depth: 10, parameterLimit: 1000 }) as RawParams;
}
