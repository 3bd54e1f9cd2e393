import type { IncomingMessage } from "node:http";
import { compileValidator } from "../validator.ts";
import { type BodyDeclaration, isMultipartBody, isRawBody } from "./declaration.ts";
import { parseJson } from "./json.ts";
import { requireMediaType } from "./media-type.ts";
import { readMultipart } from "./multipart.ts";
import { readBody } from "./read.ts";

export type {
  BodyDeclaration,
  BodyOf,
  MultipartBody,
  MultipartContent,
  MultipartField,
  RawBody,
} from "./declaration.ts";
export { isMultipartBody, isRawBody } from "./declaration.ts";

/** Reads, parses and checks the body of a request as its route declares it. */
export type BodyReader = (request: IncomingMessage) => Promise<unknown>;

const defaultMaxBodyBytes = 1024 * 1024;

export function compileBodyReader(
  body: BodyDeclaration | undefined,
  maxBodyBytes = defaultMaxBodyBytes,
): BodyReader {
  if (body === undefined) return async () => undefined;
  if (isRawBody(body)) {
    return async (request) => {
      requireMediaType(request, body.raw);
      return readBody(request, body.maxBytes);
    };
  }
  if (isMultipartBody(body)) {
    return async (request) => {
      requireMediaType(request, ["multipart/form-data"]);
      return readMultipart(request, body.multipart);
    };
  }
  const validate = compileValidator(body, { in: "body", coerce: false });
  return async (request) => {
    requireMediaType(request, ["application/json"]);
    const value = parseJson(await readBody(request, maxBodyBytes));
    validate(value);
    return value;
  };
}
