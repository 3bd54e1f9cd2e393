/** Forms of keys that no rule of the library knows: our own, and what several vendors share. */
export const ownPatterns: { kind: string; pattern: RegExp }[] = [
  { kind: "PLUGBOARD_TOKEN", pattern: /\bpb[a-z]_[0-9A-Za-z]{43}\b/g },
  // A private key as JSON (RFC 7517, RFC 8037): a publisher's own signing key, most likely.
  {
    kind: "PRIVATE_JWK",
    pattern: /["']?\bd["']?\s*:\s*["'][A-Za-z0-9_-]{43}["'](?=[^{}]{0,400}["']?(?:kty|crv|x)["']?\s*:)/g,
  },
  {
    kind: "PRIVATE_JWK",
    pattern: /["']?\b(?:kty|crv|x)["']?\s*:[^{}]{0,400}["']?\bd["']?\s*:\s*["'][A-Za-z0-9_-]{43}["']/g,
  },
  // With key material behind it: libraries name the marker alone.
  {
    kind: "PRIVATE_KEY",
    pattern:
      /-----BEGIN (?:[A-Z]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\\r|\\n|\s|["'+]){0,40}[A-Za-z0-9+/=]{40}/g,
  },
  // Many vendors write what a key is for into it: secret and restricted ones of the live system; `pk_` is public.
  { kind: "LIVE_SECRET_KEY", pattern: /\b(?:sk|rk|sec|secret|key)_live_[0-9A-Za-z]{16,250}\b/g },
  { kind: "WEBHOOK_SECRET", pattern: /\bwhsec_[0-9A-Za-z+/]{24,}={0,2}/g },
];

/** A name that promises a secret, and a literal for it. */
const assigned =
  /\b[A-Za-z0-9_$-]{0,40}?(?:secret|passw(?:or)?d|passphrase|api[-_]?key|private[-_]?key|access[-_]?token|auth[-_]?token|client[-_]?secret|credential)[A-Za-z0-9_$-]{0,20}["']?\s{0,4}[:=]\s{0,4}["'`]([^"'`\s\\]{20,200})["'`]/gi;

/** Random-looking values of names that promise a secret. */
export function guesses(text: string): { index: number; secret: string; kind: string; certain: boolean }[] {
  return [...text.matchAll(assigned)]
    .map((match) => ({ index: match.index, secret: match[1] ?? "", kind: "HIGH_ENTROPY", certain: false }))
    .filter(({ secret }) => looksRandom(secret));
}

/** Bits per character above which a text is no words: English has about 4 over all letters, but not with digits among them. */
const minEntropyBits = { hex: 3, other: 3.7 };

function looksRandom(text: string): boolean {
  // Addresses, paths, names of fields and constants are long too.
  if (/^[a-z]+:\/\/|\/|^[A-Z_]+$|^[a-z]+(?:[-_.][a-z]+)*$/.test(text)) return false;
  if (!/\d/.test(text) || !/[A-Za-z]/.test(text)) return false;
  const isHex = /^[0-9a-f]+$/i.test(text);
  return entropyBits(text) >= (isHex ? minEntropyBits.hex : minEntropyBits.other);
}

/** Shannon's entropy of the characters, in bits per character. */
function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
