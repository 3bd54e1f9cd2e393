export const hex = (text: string) => Buffer.from(text).toString("hex");
const everyByte = (text: string) => hex(text).replace(/../g, "%$&");
const lowerCodes = (text: string) => text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
export const json = (text: string) => JSON.stringify(text).slice(1, -1);
const escaped = (text: string, pattern: RegExp) =>
  text.replace(pattern, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** How vendors' frameworks write a text into what they answer. */
export const encoders: Record<string, (text: string) => string> = {
  "as it is": (text) => text,
  "as a URL's component": encodeURIComponent,
  "as a URL's component, in lower case": (text) => lowerCodes(encodeURIComponent(text)),
  "as a form's field": (text) => new URLSearchParams({ a: text }).toString().slice(2),
  "with every byte as %XX": (text) => everyByte(text).toUpperCase(),
  "with every byte as %xx": everyByte,
  "as JSON": json,
  "as JSON, with the slash escaped (PHP)": (text) => json(text).replaceAll("/", "\\/"),
  "as JSON, in ASCII (Python)": (text) => escaped(json(text), /[^ -~]/g),
  "as JSON, with what is special in HTML escaped (Rails, Go)": (text) => escaped(json(text), /[<>&]/g),
  "as JSON, with all that is special escaped (.NET)": (text) =>
    escaped(text, /[^A-Za-z0-9 ._~-]/g).replace(
      /\\u[0-9a-f]{4}/g,
      (code) => `\\u${code.slice(2).toUpperCase()}`,
    ),
  "as JSON in JSON": (text) => json(json(text).replaceAll("/", "\\/")),
  "as a URL in JSON": (text) => json(`https://a.test/?k=${encodeURIComponent(text)}`).replaceAll("/", "\\/"),
  "as a URL in a URL": (text) => encodeURIComponent(`https://a.test/?k=${encodeURIComponent(text)}`),
  "as HTML": (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;"),
  "as HTML, by numbers": (text) => text.replace(/[^A-Za-z0-9]/g, (letter) => `&#${letter.charCodeAt(0)};`),
  "as HTML, by hexadecimal numbers": (text) =>
    text.replace(/[^A-Za-z0-9]/g, (letter) => `&#x${letter.charCodeAt(0).toString(16)};`),
  "as HTML, by names": (text) =>
    text
      .replaceAll("&", "&amp;")
      .replaceAll("+", "&plus;")
      .replaceAll("/", "&sol;")
      .replaceAll("=", "&equals;")
      .replaceAll("?", "&quest;"),
  "as a URL's component, as IIS does it": (text) =>
    text.replace(/[^A-Za-z0-9]/g, (letter) => `%u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`),
  "as JavaScript": (text) => text.replace(/[+/&=\\]/g, (letter) => `\\x${hex(letter)}`),
  "in hexadecimal": hex,
  "in hexadecimal, in upper case": (text) => hex(text).toUpperCase(),
  "in base64": (text) => Buffer.from(text).toString("base64"),
  "in base64url": (text) => Buffer.from(text).toString("base64url"),
  "in base64 with other text, one byte before": (text) => Buffer.from(`:${text}!`).toString("base64"),
  "in base64 with other text, two bytes before": (text) => Buffer.from(`u:${text}!!`).toString("base64"),
  "in base64url with other text": (text) =>
    Buffer.from(`{"authorization":"Bearer ${text}","a":1}`).toString("base64url"),
  "in base64, as a URL's component": (text) => encodeURIComponent(Buffer.from(text).toString("base64")),
  "in base64, in a URL that is base64 itself": (text) =>
    Buffer.from(`https://a.test/?k=${encodeURIComponent(text)}&page=2`).toString("base64url"),
  "in base64, in JSON": (text) => Buffer.from(JSON.stringify({ key: text })).toString("base64"),
  "in base64, in UTF-16": (text) => Buffer.from(`key=${text}`, "utf16le").toString("base64"),
  "in base64, in PHP's JSON": (text) => Buffer.from(`?${text}`).toString("base64").replaceAll("/", "\\/"),
};

/** Any six letters in a row of the secret, plainly or after what a plugin could decode with. */
export function leaks(text: string, credential: string): string[] {
  let views = [text];
  for (let layer = 0; layer < 3; layer++)
    views = [...new Set(views.flatMap((view) => [view, ...decodings(view)]))];
  const parts = Array.from({ length: credential.length - 5 }, (_, i) => credential.slice(i, i + 6));
  return parts.filter((part) => views.some((view) => view.includes(part)));
}

function decodings(text: string): string[] {
  const letter = (_: string, code: string) => String.fromCharCode(Number.parseInt(code, 16));
  return [
    Buffer.from(text.replace(/%([0-9a-f]{2})/gi, letter), "latin1").toString(),
    text
      .replace(/\\u([0-9a-f]{4})/gi, letter)
      .replace(/\\x([0-9a-f]{2})/gi, letter)
      .replace(/\\(.)/g, "$1"),
    text
      .replace(/&#x([0-9a-f]+);/gi, letter)
      .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
      .replace(/&quot;/g, '"')
      .replace(/&lt;/g, "<")
      .replace(/&amp;/g, "&"),
    ...text.split(/[^0-9a-f]+/i).map((part) => Buffer.from(part, "hex").toString()),
    ...text.split(/[^A-Za-z0-9+/_=-]+/).map((part) => Buffer.from(part, "base64").toString()),
  ].filter((view) => view !== "");
}
