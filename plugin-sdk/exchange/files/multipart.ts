import { randomUUID } from "node:crypto";
import { checkId, checkName, invalid, listOf, membersOf, notFound } from "./arguments.ts";
import type { FileBody, FilesOfCall, HeldFile } from "./types.ts";

const maxParts = 100;
const maxFieldBytes = 1024 * 1024;
const maxFieldName = 256;

type Part = { head: Buffer; text: Buffer } | { head: Buffer; file: HeldFile };

/**
 * A form with files in it, as browsers send it (multipart/form-data, RFC 7578): `[{ name, value } | { name, file, filename? }]`,
 * in this order. Its length is known before it is sent.
 * @throws ExchangeRefusal `file-invalid-argument`, `file-not-found`
 */
export async function multipartBody(
  files: FilesOfCall,
  form: unknown,
): Promise<{ contentType: string; body: FileBody }> {
  const boundary = `plugboard-${randomUUID()}`;
  const parts = await Promise.all(
    listOfParts(form).map((part, index) => readPart(files, part, index, boundary)),
  );
  const end = Buffer.from(`--${boundary}--\r\n`);
  const lineEnd = Buffer.from("\r\n");
  const sizes = parts.map((part) => {
    const content = "file" in part ? part.file.size : part.text.length;
    return part.head.length + content + lineEnd.length;
  });
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: {
      byteLength: sizes.reduce((sum, size) => sum + size, end.length),
      async *stream() {
        for (const part of parts) {
          yield part.head;
          if ("file" in part) yield* files.read(part.file.id, { start: 0, end: part.file.size });
          else yield part.text;
          yield lineEnd;
        }
        yield end;
      },
    },
  };
}

function listOfParts(form: unknown): unknown[] {
  if (!Array.isArray(form) || form.length === 0) throw invalid("The form must be a list of its parts.");
  return listOf(form, maxParts);
}

async function readPart(files: FilesOfCall, part: unknown, index: number, boundary: string): Promise<Part> {
  const { name, value, file: id, filename } = membersOf(part, ["name", "value", "file", "filename"]);
  const where = `form[${index}]`;
  if (typeof name !== "string" || name === "" || name.length > maxFieldName)
    throw invalid(`${where} needs a name of at most ${maxFieldName} characters.`);
  const field = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"`;
  if (id === undefined) {
    if (typeof value !== "string" || Buffer.byteLength(value) > maxFieldBytes)
      throw invalid(`${where} needs a value of at most ${maxFieldBytes} bytes, or a file.`);
    return { head: Buffer.from(`${field}\r\n\r\n`), text: Buffer.from(value) };
  }
  if (value !== undefined) throw invalid(`${where} has both a value and a file.`);
  const file = await files.find(checkId(id));
  if (!file) throw notFound(checkId(id));
  const called = quoted(checkName(filename) ?? file.name ?? file.id);
  const head = `${field}; filename="${called}"\r\nContent-Type: ${file.contentType}\r\n\r\n`;
  return { head: Buffer.from(head), file };
}

/** As browsers escape names (https://html.spec.whatwg.org/#multipart-form-data). */
function quoted(name: string): string {
  return name.toWellFormed().replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/"/g, "%22");
}
