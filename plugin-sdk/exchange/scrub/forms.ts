/** From here on half of a secret is worth as much as all of it. */
const minHalvedLength = 32;

/** A signed token (RFC 7515); what stands before its signature, other tokens of the same issuer have in common. */
const signedToken = /^[\w-]+\.[\w-]+\.([\w-]{32,})$/;

/**
 * The parts of a secret that are looked for. A vendor's message may hold the beginning of a long key alone, because it
 * was cut to a length; each half is as secret as the whole, and what holds the whole holds both.
 */
export function partsOf(secret: string): string[] {
  const [, signature] = signedToken.exec(secret) ?? [];
  if (signature !== undefined) return [secret, signature];
  if (secret.length < minHalvedLength || secret.includes(".")) return [secret];
  const middle = Math.ceil(secret.length / 2);
  const halves = [secret.slice(0, middle), secret.slice(middle)];
  return halves.every((half) => half.isWellFormed()) ? halves : [secret];
}

/**
 * The forms that a secret takes when a vendor echoes it, before any escaping: as it is, in one case, in hexadecimal, and
 * in the charsets a reply may be in. Looked for as bytes, so that no content type has to be believed.
 */
export function formsOf(secret: string): Buffer[] {
  const hex = Buffer.from(secret).toString("hex");
  const texts = [secret, secret.toLowerCase(), secret.toUpperCase(), secret.replaceAll(" ", "+")];
  const forms = [...texts, hex, hex.toUpperCase()].map((form) => Buffer.from(form));
  forms.push(Buffer.from(secret, "utf16le"), Buffer.from(secret, "utf16le").swap16());
  if (isLatin1(secret)) forms.push(Buffer.from(secret, "latin1"));
  return unique(forms);
}

/**
 * What base64 and base64url make of the secret inside any longer text (`user:secret`, a JSON document, a URL): for each
 * of the three ways its bytes can fall on the encoder's groups of three, the letters that depend on the secret alone.
 */
export function base64FormsOf(secret: string): Buffer[] {
  const escaped = [encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  const encoded = unique([
    ...[secret, ...escaped].map((text) => Buffer.from(text)),
    Buffer.from(secret, "utf16le"), // .NET's `Encoding.Unicode`
  ]);
  const forms = encoded.flatMap((bytes) =>
    [0, 1, 2].flatMap((before) => {
      const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
      const first = Math.ceil((before * 8) / 6);
      const end = Math.floor(((before + bytes.length) * 8) / 6);
      const letters = text.slice(first, end);
      return [letters, letters.replaceAll("+", "-").replaceAll("/", "_")];
    }),
  );
  return unique(forms.map((form) => Buffer.from(form)));
}

export function isLatin1(text: string): boolean {
  return Buffer.from(text, "latin1").toString("latin1") === text;
}

export function unique(forms: Buffer[]): Buffer[] {
  return [...new Map(forms.map((form) => [form.toString("latin1"), form])).values()];
}
