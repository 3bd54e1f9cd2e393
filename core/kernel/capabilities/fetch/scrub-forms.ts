/**
 * The forms that a secret takes when a vendor echoes it, before any escaping: as it is, in hexadecimal, and in the
 * charsets a reply may be in. Looked for as bytes, so that no content type has to be believed.
 */
export function formsOf(secret: string): Buffer[] {
  const hex = Buffer.from(secret).toString("hex");
  const forms = [secret, secret.replaceAll(" ", "+"), hex, hex.toUpperCase()].map((form) =>
    Buffer.from(form),
  );
  forms.push(Buffer.from(secret, "utf16le"), Buffer.from(secret, "utf16le").swap16());
  if (isLatin1(secret)) forms.push(Buffer.from(secret, "latin1"));
  return unique(forms);
}

/**
 * What base64 and base64url make of the secret inside any longer text (`user:secret`, a JSON document): for each of
 * the three ways its bytes can fall on the encoder's groups of three, the letters that depend on the secret alone.
 */
export function base64FormsOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  const forms = [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    const first = Math.ceil((before * 8) / 6);
    const end = Math.floor(((before + bytes.length) * 8) / 6);
    const letters = encoded.slice(first, end);
    return [letters, letters.replaceAll("+", "-").replaceAll("/", "_")];
  });
  return unique(forms.map((form) => Buffer.from(form)));
}

export function isLatin1(text: string): boolean {
  return Buffer.from(text, "latin1").toString("latin1") === text;
}

export function unique(forms: Buffer[]): Buffer[] {
  return [...new Map(forms.map((form) => [form.toString("latin1"), form])).values()];
}
