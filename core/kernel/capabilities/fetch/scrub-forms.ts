/**
 * The forms that a secret takes when a vendor echoes it: as it is, and as the usual encoders write it. Each is looked
 * for as bytes, so a reply needs no decoding and no content type is trusted.
 */
export function formsOf(secret: string): Buffer[] {
  const plain = [
    secret,
    ...percentForms(secret),
    ...jsonForms(secret),
    htmlForm(secret),
    ...hexForms(secret),
  ];
  const forms = [
    ...plain.map((form) => Buffer.from(form)),
    Buffer.from(secret, "utf16le"),
    Buffer.from(secret, "utf16le").swap16(),
  ];
  // A header with letters beyond ASCII arrives in Latin-1, where these differ from UTF-8.
  if (isLatin1(secret)) forms.push(Buffer.from(secret, "latin1"));
  return [...new Map(forms.map((form) => [form.toString("latin1"), form])).values()];
}

/** As component, as form field, with RFC 3986's strictness, and with every byte encoded; hexadecimal in both cases. */
function percentForms(secret: string): string[] {
  const component = encodeURIComponent(secret);
  const forms = [
    component,
    component.replace(/[!'()*]/g, percent),
    component.replaceAll("%20", "+"),
    new URLSearchParams([["", secret]]).toString().slice(1),
    Buffer.from(secret).toString("hex").replace(/../g, "%$&").toUpperCase(),
  ];
  return forms.flatMap((form) => [form, lowerCodes(form)]);
}

/** As JSON.stringify writes it, with the slash escaped (PHP), and with all that is special escaped (.NET, Rails). */
function jsonForms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const ascii = json.replace(/[^ -~]/g, unicode);
  const cautious = secret.replace(/[^A-Za-z0-9 ._~-]/g, unicode);
  return [json, ascii, cautious]
    .flatMap((form) => [form, form.replaceAll("/", "\\/")])
    .flatMap((form) => [form, form.replace(/\\u[0-9a-f]{4}/g, upperCode)]);
}

function htmlForm(secret: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return secret.replace(/[&<>"']/g, (letter) => entities[letter] ?? letter);
}

function hexForms(secret: string): string[] {
  const hex = Buffer.from(secret).toString("hex");
  return [hex, hex.toUpperCase()];
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
    const url = letters.replaceAll("+", "-").replaceAll("/", "_");
    const percentEncoded = encodeURIComponent(letters);
    return [letters, url, letters.replaceAll("/", "\\/"), percentEncoded, lowerCodes(percentEncoded)];
  });
  return [...new Set(forms)].map((form) => Buffer.from(form));
}

export function isLatin1(text: string): boolean {
  return Buffer.from(text, "latin1").toString("latin1") === text;
}

function lowerCodes(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
}

function percent(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16).toUpperCase()}`;
}

function unicode(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function upperCode(code: string): string {
  return `\\u${code.slice(2).toUpperCase()}`;
}
