/** Headers that the HTTP client owns: setting them splits, redirects or breaks requests (RFC 9110, RFC 9112). */
const forbiddenHeaders = new Set([
  "host",
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "date",
  "via",
  "accept-encoding",
  "content-encoding",
  "content-type",
  "set-cookie",
  "origin",
  "referer",
]);
const forbiddenHeaderPrefix = /^(?:proxy-|sec-|x-forwarded-)/;

/** A token of RFC 9110, section 5.6.2. */
export function isToken(name: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);
}

/** Whether a header of this name can carry a credential. */
export function canBeAuthHeader(name: string): boolean {
  const plain = name.toLowerCase();
  return isToken(plain) && !forbiddenHeaders.has(plain) && !forbiddenHeaderPrefix.test(plain);
}
