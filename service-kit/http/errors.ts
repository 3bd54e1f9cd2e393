/** One row of a service's error table. */
export interface ErrorDefinition {
  /** The HTTP status it answers with. */
  status: number;
  /** A few words that do not change from one occurrence to the next (RFC 9457 `title`). */
  title: string;
  /** For the documentation: what it means and what to do about it. */
  description: string;
}

export type ErrorTable = Record<string, ErrorDefinition>;

export interface PlugboardErrorOptions {
  cause?: unknown;
  /** Response headers, such as `Retry-After`. */
  headers?: Record<string, string>;
}

/** An error with a stable code, which the HTTP layer turns into `application/problem+json` (RFC 9457). */
export class PlugboardError extends Error {
  override readonly name = "PlugboardError";
  readonly code: string;
  readonly status: number;
  readonly title: string;
  /** Whether a client may see the message. */
  readonly expose: boolean;
  /** Further members of the problem document. */
  readonly members: Record<string, unknown>;
  readonly headers: Record<string, string>;

  constructor(
    code: string,
    definition: ErrorDefinition,
    detail: string,
    members: Record<string, unknown> = {},
    options: PlugboardErrorOptions = {},
  ) {
    super(detail, "cause" in options ? { cause: options.cause } : {});
    this.code = code;
    this.status = definition.status;
    this.title = definition.title;
    this.expose = definition.status !== 500;
    this.members = members;
    this.headers = options.headers ?? {};
  }
}

export interface DefinedErrors<Table extends ErrorTable> {
  table: Table;
  /**
   * Makes the error to throw.
   *
   * @param detail what was wrong this time, what was expected, what to do; a client sees it, unless the status is 500.
   * @param members further members of the problem document, such as `problems`.
   */
  error(
    code: keyof Table & string,
    detail: string,
    members?: Record<string, unknown>,
    options?: PlugboardErrorOptions,
  ): PlugboardError;
}

/** Binds a table of errors to a function that makes them, so that only codes of the table can be thrown. */
export function defineErrors<const Table extends ErrorTable>(table: Table): DefinedErrors<Table> {
  return {
    table,
    error(code, detail, members, options) {
      const definition = table[code];
      if (!definition) throw new TypeError(`The error code ${code} is not in the table.`);
      return new PlugboardError(code, definition, detail, members, options);
    },
  };
}
