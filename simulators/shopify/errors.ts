/** Ends a request before any query is looked at, with a reply of Shopify's (https://shopify.dev/docs/api/usage/response-codes). */
export class ShopifyHttpError extends Error {
  readonly status: number;
  /** What stands in `errors`. */
  readonly errors: unknown;
  readonly headers: Record<string, string>;

  constructor(status: number, errors: unknown, headers: Record<string, string> = {}) {
    super(`Shopify answers ${status}.`);
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}
