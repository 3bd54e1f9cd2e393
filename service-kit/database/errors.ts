export type DatabaseErrorCode =
  | "database-url-invalid"
  | "database-unreachable"
  | "database-refused"
  | "database-too-old"
  | "data-dir-unusable"
  | "data-dir-foreign"
  | "binaries-missing"
  | "account-unusable"
  | "server-failed"
  | "migration-invalid"
  | "migration-failed";

/** Something about the database that an operator has to put right. The message is one line and says how. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The SQLSTATE or system error code of something thrown, if it has one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message : String(error);
}
