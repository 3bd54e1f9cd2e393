/** The part of a release that does not hold. */
export type ReleasePart =
  | "registry-signature"
  | "index"
  | "blocked"
  | "delegation"
  | "publisher-signature"
  | "tarball"
  | "identity";

/** A release that must not be installed or run; `part` says what did not verify, `message` why. */
export class ReleaseError extends Error {
  override name = "ReleaseError";
  readonly code = "release-not-trusted";
  readonly part: ReleasePart;

  constructor(part: ReleasePart, message: string, options?: ErrorOptions) {
    super(message, options);
    this.part = part;
  }
}
