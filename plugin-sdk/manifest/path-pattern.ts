/** `/v1/customers`, `/v1/customers/*` (one segment), `/v1/**` (everything below); `*` stands for whole segments only. */
export function isPathPattern(text: string): boolean {
  if (!text.startsWith("/")) return false;
  const segments = text.slice(1).split("/");
  const canonical = new URL(text.replaceAll("*", "x"), "https://host").pathname === text.replaceAll("*", "x");
  return (
    canonical &&
    !isAmbiguous(text) &&
    segments.every((segment, index) =>
      segment.includes("*") ? segment === "*" || (segment === "**" && index === segments.length - 1) : true,
    )
  );
}

/** A URL's path, looked at once, however many patterns it is held against. */
export interface RequestPath {
  /** Whether it is one that the pattern stands for. */
  fits(pattern: string): boolean;
}

/** @param pathname as `URL.pathname` writes it */
export function requestPath(pathname: string): RequestPath {
  const segments = pathname.split("/");
  let ambiguous: boolean | undefined;
  return {
    fits(pattern) {
      // Most patterns do not fit, which is quicker to see.
      if (!coversSegments(pattern.split("/"), segments)) return false;
      ambiguous ??= isAmbiguous(pathname);
      return !ambiguous;
    },
  };
}

/** Whether a URL's path (as `URL.pathname` writes it) is one that the pattern stands for. */
export function matchesPath(pattern: string, pathname: string): boolean {
  return requestPath(pathname).fits(pattern);
}

/** Whether every path that `inner` stands for is one that `outer` stands for. */
export function coversPath(outer: string, inner: string): boolean {
  return coversSegments(outer.split("/"), inner.split("/"));
}

function coversSegments(outerSegments: readonly string[], innerSegments: readonly string[]): boolean {
  for (const [index, segment] of outerSegments.entries()) {
    const other = innerSegments[index];
    if (other === undefined) return false;
    if (segment === "**") return true;
    if (other === "**") return false;
    if (segment === "*" ? other === "" : segment !== other) return false;
  }
  return outerSegments.length === innerSegments.length;
}

/**
 * Servers differ on what an encoded slash, backslash, dot, semicolon, percent sign or control character and an empty
 * segment mean: what is one path for us may be another for the vendor. Under a grant limited to paths such a path fits
 * nothing. Nor does one that some servers read as such: bytes that are no UTF-8 (an overlong dot, `%c0%ae`) and letters
 * that normalize to a plain one (a full-width slash).
 */
function isAmbiguous(path: string): boolean {
  if (/%(?:2e|2f|5c|25|3b|7f|[01][0-9a-f])|\\|\/\/|;/i.test(path)) return true;
  try {
    const decoded = decodeURIComponent(path);
    return lettersWithMeaning(decoded.normalize("NFKC")) !== lettersWithMeaning(decoded);
  } catch {
    return true;
  }
}

function lettersWithMeaning(path: string): string {
  return path.replace(/[^./\\;%]/g, "");
}
