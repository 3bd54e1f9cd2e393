/** Why no plugin can be made of a description, in words for whoever asked for it. */
export class DescriptionError extends Error {
  override readonly name = "DescriptionError";
  readonly code: DescriptionErrorCode;
  /** Further lines, each a thing by itself: what there is to choose from, what is wrong. */
  readonly details: string[];

  constructor(code: DescriptionErrorCode, message: string, details: string[] = []) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/**
 * - `description-malformed`: the text is no JSON or YAML object, or too large or too deep to be read;
 * - `description-unsupported`: a version of OpenAPI that is not read;
 * - `description-server-unknown`: it does not say where the API is;
 * - `operations-not-found`: the selection has no operation in it;
 * - `operations-too-many`: it has more than one plugin should have.
 */
export type DescriptionErrorCode =
  | "description-malformed"
  | "description-unsupported"
  | "description-server-unknown"
  | "operations-not-found"
  | "operations-too-many";
