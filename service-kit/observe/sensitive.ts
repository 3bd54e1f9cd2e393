/**
 * What counts as a secret when something is logged: by the name it is stored under, and, in free
 * text, by its form. Deliberately wide: a lost detail in a log line costs less than a leaked key.
 */

export const redacted = "[redacted]";

const secretWord =
  /auth(?!or(?!i[sz]))|cookie|passw|passphrase|passcode|secret|credential|apikey|accesskey|private(?:key|jwk)|masterkey|datakey|signingkey|encryptionkey|jwt|bearer/;
const token = /token(?!s?(used|count|limit|type|bucket))/;
const exactly = new Set([
  "key",
  "keys",
  "jwk",
  "session",
  "sid",
  "otp",
  "pin",
  "csrf",
  "xsrf",
  "signature",
  "assertion",
]);

const known = new Map<string, boolean>();
const maxKnown = 2000;

/** Whether a property, header or parameter of this name holds a secret. */
export function isSensitiveName(name: string): boolean {
  const before = known.get(name);
  if (before !== undefined) return before;
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const sensitive = exactly.has(plain) || secretWord.test(plain) || token.test(plain);
  if (known.size < maxKnown) known.set(name, sensitive);
  return sensitive;
}

interface Form {
  /** Rules most texts out at once; the pattern is looked for in the rest. */
  mayOccur(text: string): boolean;
  pattern: RegExp;
  replacement: string;
}

const nameOfSecret =
  "password|passwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|authorization|cookie|credential|signature";
const hasNameOfSecret = new RegExp(nameOfSecret, "i");

/** Repetitions in front of what decides are bounded: a text that is logged may be an attacker's, and long. */
const forms: Form[] = [
  {
    // The value of an Authorization header, wherever it was pasted into a text.
    mayOccur: (text) => text.includes(" "),
    pattern: /\b(Bearer|Basic|Digest|Token)\s+[A-Za-z0-9+/=._~:-]{6,}/gi,
    replacement: `$1 ${redacted}`,
  },
  {
    // scheme://user:password@host
    mayOccur: (text) => text.includes("@") && text.includes("://"),
    pattern: /(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@]*):[^\s@/]+@/gi,
    replacement: `$1:${redacted}@`,
  },
  {
    // name=value and "name": "value"
    mayOccur: (text) => (text.includes("=") || text.includes(":")) && hasNameOfSecret.test(text),
    pattern: new RegExp(
      `(["']?[\\w-]{0,40}(?:${nameOfSecret})["']?\\s*[:=]\\s*)(?:"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|[^\\s"'&,;})\\]]+)`,
      "gi",
    ),
    replacement: `$1${redacted}`,
  },
  {
    // Keys that tell by a prefix what they are: pbk_…, sk_live_…, ghp_…, shpat_…; and not the ids that newId makes,
    // without which a line would not say what it is about; nor the thumbprint of a public key, written as "kid …".
    mayOccur: (text) => text.includes("_"),
    pattern:
      /(?<!\bkid (?=[\w-]{43}(?![\w-]))[\w-]{0,42})\b(?!(?:tnt|key|ins|con|pub|evt|call)_[0-9a-f]{32}\b)[a-z]{2,6}_(?:live_|test_)?[A-Za-z0-9]{20,}\b/g,
    replacement: redacted,
  },
  {
    mayOccur: (text) => text.includes("xox"),
    pattern: /\bxox[a-z]-[A-Za-z0-9-]{10,}/g,
    replacement: redacted,
  },
  {
    // JSON Web Tokens
    mayOccur: (text) => text.includes("eyJ"),
    pattern: /\beyJ[A-Za-z0-9_-]{8,1000}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g,
    replacement: redacted,
  },
  {
    mayOccur: (text) => text.includes("-----BEGIN"),
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    replacement: redacted,
  },
];

/** Shorter than any secret that could be told by its form. */
const minSecretText = 8;

/** A text with everything in it that looks like a secret replaced. */
export function scrubText(text: string): string {
  if (text.length < minSecretText) return text;
  let clean = text;
  for (const { mayOccur, pattern, replacement } of forms) {
    if (mayOccur(clean)) clean = clean.replace(pattern, replacement);
  }
  return clean;
}
