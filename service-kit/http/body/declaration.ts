import type { Readable } from "node:stream";
import type { Static, TSchema } from "typebox";

/** A body handed over as the bytes that came, such as a signed webhook. */
export interface RawBody {
  /** Media types it takes; `*` takes any, and none at all. */
  raw: string[];
  maxBytes: number;
  /** The handler reads it when it has looked at the rest of the request, and may refuse to go on at any piece. */
  isRead?: "by the handler";
}

/** A body that is still to be read. */
export interface UnreadBody {
  /**
   * @param grow hears of each piece before it is kept; what it throws ends the reading
   * @throws PlugboardError `payload-too-large`, `request-incomplete`
   */
  read(grow?: (bytes: number) => void): Promise<Buffer>;
  /** The same, piece by piece: what is not taken yet stays with the client. Once, and instead of `read`. */
  stream(): AsyncGenerator<Buffer, void, undefined>;
}

export interface MultipartField {
  maxBytes: number;
  description?: string;
  optional?: boolean;
}

/** An upload (multipart/form-data): text fields first, then one file, which the handler reads as a stream. */
export interface MultipartBody {
  multipart: {
    fields: Record<string, MultipartField>;
    file: { name: string; mediaTypes: string[]; maxBytes: number; description?: string };
  };
}

/** A schema stands for a JSON body. */
export type BodyDeclaration = RawBody | MultipartBody | TSchema;

export interface MultipartContent<
  Fields extends Record<string, MultipartField> = Record<string, MultipartField>,
> {
  fields: { [Name in keyof Fields]: Fields[Name] extends { optional: true } ? string | undefined : string };
  file: {
    /** As the client named it: never a path to write to. */
    filename: string | undefined;
    mediaType: string;
    /** Fails with `payload-too-large` past the limit, with `request-incomplete` if the upload is cut. Read it to its end. */
    stream: Readable;
  };
}

export type BodyOf<Body> = Body extends {
  multipart: { fields: infer Fields extends Record<string, MultipartField> };
}
  ? MultipartContent<Fields>
  : Body extends RawBody
    ? Body extends { isRead: "by the handler" }
      ? UnreadBody
      : Buffer
    : Body extends TSchema
      ? Static<Body>
      : undefined;

export function isRawBody(body: BodyDeclaration): body is RawBody {
  return "raw" in body && Array.isArray(body.raw);
}

export function isMultipartBody(body: BodyDeclaration): body is MultipartBody {
  return "multipart" in body && typeof body.multipart === "object";
}
