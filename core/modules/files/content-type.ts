/** RFC 9110, section 8.3.1, without quoted values that nobody needs here: what is kept goes into a header again. */
const mediaType =
  /^[!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+(?:; ?[!#$%&'*+.^_`|~0-9a-z-]+="?[!#$%&'*+.^_`|~0-9a-z-]+"?)*$/i;

const unknownType = "application/octet-stream";
const maxLength = 255;

/** What a client says that a file is, if that can be said again; else that nobody knows. */
export function contentTypeOf(header: string | undefined): string {
  const given = header?.trim() ?? "";
  return given.length <= maxLength && mediaType.test(given) ? given : unknownType;
}
