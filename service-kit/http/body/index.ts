import type { IncomingMessage } from "node:http";
import type { Problem } from "../problems.ts";
import { compileValidator } from "../validator.ts";
import { type BodyDeclaration, isMultipartBody, isRawBody, type UnreadBody } from "./declaration.ts";
import { parseJson } from "./json.ts";
import { requireMediaType } from "./media-type.ts";
import { readMultipart } from "./multipart.ts";
import { readBody, streamBody } from "./read.ts";

export type {
  BodyDeclaration,
  BodyOf,
  MultipartBody,
  MultipartContent,
  MultipartField,
  RawBody,
  UnreadBody,
} from "./declaration.ts";
export { isMultipartBody, isRawBody } from "./declaration.ts";

/** What a body turned out to be, and what is wrong with it. */
export interface BodyContent {
  value: unknown;
  problems: Problem[];
}

/** Reads, parses and checks the body of a request as its route declares it. */
export type BodyReader = (request: IncomingMessage) => Promise<BodyContent>;

const defaultMaxBodyBytes = 1024 * 1024;

export function compileBodyReader(body: BodyDeclaration, maxBodyBytes = defaultMaxBodyBytes): BodyReader {
  if (isRawBody(body)) {
    return async (request) => {
      requireMediaType(request, body.raw);
      if (body.isRead) {
        const value: UnreadBody = {
          read: (grow) => readBody(request, body.maxBytes, grow),
          stream: () => streamBody(request, body.maxBytes),
        };
        return { value, problems: [] };
      }
      return { value: await readBody(request, body.maxBytes), problems: [] };
    };
  }
  if (isMultipartBody(body)) {
    return async (request) => {
      requireMediaType(request, ["multipart/form-data"]);
      return { value: await readMultipart(request, body.multipart), problems: [] };
    };
  }
  const validate = compileValidator(body, { in: "body", coerce: false });
  return async (request) => {
    requireMediaType(request, ["application/json"]);
    const { value, problems } = parseJson(await readBody(request, maxBodyBytes));
    return { value, problems: [...validate(value), ...problems] };
  };
}
