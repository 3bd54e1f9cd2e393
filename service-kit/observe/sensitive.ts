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

const forms: [RegExp, string][] = [
  // Authorization header values, wherever they were pasted into a text.
  [/\b(Bearer|Basic|Digest|Token)\s+[A-Za-z0-9+/=._~:-]{6,}/gi, `$1 ${redacted}`],
  // scheme://user:password@host
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]+@/gi, `$1:${redacted}@`],
  // name=value and "name": "value", for names that hold secrets
  [
    /(["']?[\w-]*(?:password|passwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|authorization|cookie|credential|signature)["']?\s*[:=]\s*)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"'&,;})\]]+)/gi,
    `$1${redacted}`,
  ],
  // Keys by their well-known form: ours (pbk_…), and those with a prefix such as sk_live_, ghp_, xoxb-, shpat_.
  [/\b(?:[a-z]{2,6}_)(?:live_|test_)?[A-Za-z0-9]{20,}\b/g, redacted],
  [/\bxox[a-z]-[A-Za-z0-9-]{10,}/g, redacted],
  // JSON Web Tokens and PEM private keys
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, redacted],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, redacted],
];

/** Shorter than any secret that could be told by its form. */
const minSecretText = 8;

/** A text with everything in it that looks like a secret replaced. */
export function scrubText(text: string): string {
  if (text.length < minSecretText) return text;
  let clean = text;
  for (const [form, replacement] of forms) clean = clean.replace(form, replacement);
  return clean;
}
