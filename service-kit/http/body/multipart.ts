import type { IncomingMessage } from "node:http";
import { PassThrough, type Readable } from "node:stream";
import busboy from "busboy";
import { httpErrors } from "../http-errors.ts";
import { type Problem, textProblem } from "../problems.ts";
import type { MultipartBody, MultipartContent } from "./declaration.ts";
import { discardRest } from "./read.ts";

type Declared = MultipartBody["multipart"];

/**
 * Reads the text fields of an upload and resolves when its file begins, so that the file is streamed,
 * never held whole. Fields have to come before the file.
 *
 * @throws PlugboardError `invalid-request` (a part missing, unknown, or twice), `payload-too-large`,
 *   `unsupported-media-type`, `request-incomplete`.
 */
export function readMultipart(request: IncomingMessage, declared: Declared): Promise<MultipartContent> {
  return new Promise((resolve, reject) => {
    const parser = openParser(request, declared);
    const fields = new Map<string, string>();
    const problems: Problem[] = [];
    let file: PassThrough | undefined;
    let settled = false;

    function refuse(error: Error) {
      request.unpipe(parser);
      discardRest(request);
      settled = true;
      if (file) file.destroy(error);
      else reject(error);
    }

    parser.on("field", (name, value, { valueTruncated }) => {
      if (settled && !file) return;
      const field = Object.hasOwn(declared.fields, name) ? declared.fields[name] : undefined;
      const message = fieldProblem(value, { known: !!field, twice: fields.has(name), late: !!file });
      if (message) problems.push({ in: "body", pointer: `/${name}`, message });
      else fields.set(name, value);
      if (file && message) refuse(invalid(problems));
      if (field && (valueTruncated || Buffer.byteLength(value) > field.maxBytes)) {
        refuse(tooLarge(name, field.maxBytes));
      }
    });

    parser.on("file", (name, stream, { filename, mimeType: mediaType }) => {
      stream.on("error", () => refuse(incomplete()));
      if (name !== declared.file.name) {
        problems.push({ in: "body", pointer: `/${name}`, message: "is not a known part" });
      }
      const error = settled
        ? undefined
        : fileError(mediaType, declared, [...problems, ...missingFields(declared, fields)]);
      if (error) refuse(error);
      if (settled) {
        stream.resume();
        return;
      }
      settled = true;
      file = capped(stream, declared.file);
      resolve({ fields: Object.fromEntries(fields), file: { filename, mediaType, stream: file } });
    });

    // Not once: a broken upload is reported for each broken part.
    parser.on("error", () => refuse(incomplete()));
    parser.once("partsLimit", () =>
      refuse(invalid([{ in: "body", pointer: "", message: "has too many parts" }])),
    );
    parser.once("close", () => {
      if (settled) return;
      const pointer = `/${declared.file.name}`;
      refuse(
        invalid([
          ...problems,
          ...missingFields(declared, fields),
          { in: "body", pointer, message: "is required" },
        ]),
      );
    });
    request.once("close", () => {
      if (!request.complete) refuse(incomplete());
    });
    request.pipe(parser);
  });
}

function openParser(request: IncomingMessage, declared: Declared): busboy.Busboy {
  const fieldSizes = Object.values(declared.fields).map((field) => field.maxBytes);
  try {
    return busboy({
      headers: request.headers,
      limits: {
        fields: fieldSizes.length + 1,
        files: 1,
        parts: fieldSizes.length + 2,
        fieldNameSize: 100,
        fieldSize: Math.max(1, ...fieldSizes) + 1,
        fileSize: declared.file.maxBytes + 1,
        headerPairs: 20,
      },
    });
  } catch {
    throw httpErrors.error(
      "unsupported-media-type",
      "The Content-Type of a multipart/form-data body names a boundary.",
    );
  }
}

/** Passes the file on, and fails as soon as it is past its limit. */
function capped(source: Readable, file: Declared["file"]): PassThrough {
  const target = new PassThrough();
  let size = 0;
  source.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > file.maxBytes) {
      target.destroy(tooLarge(file.name, file.maxBytes));
      source.resume();
    }
  });
  source.pipe(target);
  // Whether or not anyone listens: a file that fails after its reader has left must not end the process.
  target.on("error", () => source.unpipe(target).resume());
  return target;
}

function fieldProblem(
  value: string,
  is: { known: boolean; twice: boolean; late: boolean },
): string | undefined {
  if (!is.known) return "is not a known part";
  if (is.twice) return "came more than once";
  if (is.late) return "has to come before the file";
  return textProblem(value);
}

function fileError(mediaType: string, declared: Declared, problems: Problem[]): Error | undefined {
  if (problems.length > 0) return invalid(problems);
  const taken = declared.file.mediaTypes;
  if (taken.includes(mediaType)) return undefined;
  return httpErrors.error(
    "unsupported-media-type",
    `The part ${declared.file.name} is ${mediaType}; expected ${taken.join(" or ")}.`,
  );
}

function missingFields(declared: Declared, fields: Map<string, string>): Problem[] {
  return Object.entries(declared.fields)
    .filter(([name, field]) => !field.optional && !fields.has(name))
    .map(([name]) => ({
      in: "body",
      pointer: `/${name}`,
      message: "is required, and has to come before the file",
    }));
}

function invalid(problems: Problem[]) {
  return httpErrors.error("invalid-request", "The upload does not have the parts it should.", { problems });
}

function tooLarge(name: string, maxBytes: number) {
  return httpErrors.error("payload-too-large", `The part ${name} is larger than ${maxBytes} bytes.`, {
    maxBytes,
  });
}

function incomplete() {
  return httpErrors.error(
    "request-incomplete",
    "The upload ended before all of it had arrived, or is not multipart/form-data.",
  );
}
