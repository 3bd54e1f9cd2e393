import type { IncomingMessage } from "node:http";
import { httpErrors } from "../http-errors.ts";

/** The media type of a Content-Type header, in lower case, without parameters; empty if there is none. */
function mediaTypeOf(contentType: string | undefined): string {
  const end = contentType?.indexOf(";") ?? -1;
  return (end === -1 ? (contentType ?? "") : (contentType ?? "").slice(0, end)).trim().toLowerCase();
}

/** @throws PlugboardError `unsupported-media-type`, naming what is taken. `*` takes any. */
export function requireMediaType(request: IncomingMessage, taken: string[]): void {
  const given = mediaTypeOf(request.headers["content-type"]);
  if (!taken.includes("*") && !taken.includes(given)) {
    const found = given ? `is ${given.slice(0, 100)}` : "is missing";
    throw httpErrors.error(
      "unsupported-media-type",
      `The Content-Type ${found}; expected ${taken.join(" or ")}.`,
    );
  }
  const encoding = request.headers["content-encoding"];
  if (encoding && encoding.toLowerCase() !== "identity") {
    throw httpErrors.error(
      "unsupported-media-type",
      `The Content-Encoding is ${encoding.slice(0, 100)}; send the body without compression.`,
    );
  }
}
