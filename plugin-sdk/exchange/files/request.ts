import {
  checkContentType,
  checkId,
  checkName,
  contentTypeOf,
  invalid,
  listOf,
  membersOf,
  notFound,
} from "./arguments.ts";
import { multipartBody } from "./multipart.ts";
import type {
  FileBody,
  FileRequest,
  FilesOfCall,
  FileTarget,
  HeldFile,
  HeldFileWriter,
  SendTransfer,
} from "./types.ts";

const bodyless = ["GET", "HEAD"];

/** What `files.fetch` answers. */
export interface FileReply {
  status: number;
  statusText: string;
  url: string;
  headers: { [name: string]: string };
  /** What the body went into: with `into`, where the status is from 200 to 299. */
  file: HeldFile | null;
  /** The body, where it went into no file. */
  text: string;
}

/**
 * `files.fetch(url, init)`: a request whose body is a file or has files in it, or whose reply goes into one.
 * @throws ExchangeRefusal `file-invalid-argument`, `file-not-found`; what `send` and the files throw
 */
export async function fetchFile(
  payload: unknown,
  o: { files: FilesOfCall; send: SendTransfer; signal: AbortSignal },
): Promise<FileReply> {
  const { files, send, signal } = o;
  const [url, init] = listOf(payload, 2);
  if (typeof url !== "string") throw invalid("The first argument is the URL.");
  const options = membersOf(init, ["method", "headers", "body", "into", "redirect"]);
  const { method = "GET", redirect = "follow" } = options;
  if (typeof method !== "string" || typeof redirect !== "string")
    throw invalid("The method, and redirect, must be text.");
  const { plain, streamed, contentType } = await readBody(files, options.body);
  if (streamed && bodyless.includes(method.toUpperCase()))
    throw invalid(`A ${method} request has no body; say another method.`);
  const request: FileRequest = {
    method,
    url,
    headers: withContentType(headersOf(options.headers), contentType),
    body: plain,
    redirect,
  };
  const target = options.into === undefined ? undefined : openTarget(files, options.into);
  try {
    const reply = await send(
      request,
      { ...(streamed && { body: streamed }), ...(target && { into: target }) },
      signal,
    );
    const isIn = target !== undefined && reply.status >= 200 && reply.status < 300;
    return {
      status: reply.status,
      statusText: reply.statusText,
      url: reply.url,
      headers: joined(reply.headers),
      file: isIn ? await target.finish(reply.headers) : null,
      text: isIn ? "" : Buffer.from(reply.body).toString("utf8"),
    };
  } finally {
    await target?.close();
  }
}

interface ReadBody {
  plain: string | Uint8Array | null;
  streamed?: FileBody;
  /** What it is, where the plugin does not say. */
  contentType?: { is: string; always: boolean };
}

async function readBody(files: FilesOfCall, body: unknown): Promise<ReadBody> {
  if (body === undefined || body === null) return { plain: null };
  if (typeof body === "string" || body instanceof Uint8Array) return { plain: body };
  const { file: id, form } = membersOf(body, ["file", "form"]);
  if ((id === undefined) === (form === undefined))
    throw invalid("The body must be text, { file } or { form }.");
  if (form !== undefined) {
    const { contentType, body: streamed } = await multipartBody(files, form);
    return { plain: null, streamed, contentType: { is: contentType, always: true } };
  }
  const file = await files.find(checkId(id));
  if (!file) throw notFound(checkId(id));
  const stream = () => files.read(file.id, { start: 0, end: file.size });
  const streamed = { byteLength: file.size, stream };
  return { plain: null, streamed, contentType: { is: file.contentType, always: false } };
}

/**
 * Into a file of its own for each reply that begins, of which the last counts. All have one place, taken before anything is
 * sent: a write that the vendor has carried out is not refused for want of one.
 */
function openTarget(files: FilesOfCall, into: unknown) {
  const { name, contentType } = membersOf(into, ["name", "contentType"]);
  const checkedName = checkName(name);
  const checkedType = contentType === undefined ? undefined : checkContentType(contentType);
  const place = files.reserve();
  // A promise, for a reply can break off while its file is being begun, and that one has to be taken away too.
  let writer: Promise<HeldFileWriter> | undefined;

  const begin = (headers: Parameters<typeof contentTypeOf>[0]) =>
    place.begin({ name: checkedName, contentType: checkedType ?? contentTypeOf(headers) });
  async function discard(): Promise<void> {
    const begun = await writer?.catch(() => undefined);
    await begun?.discard();
  }
  return {
    async begin({ headers }: Parameters<FileTarget["begin"]>[0]) {
      writer = discard().then(() => begin(headers));
      const begun = await writer;
      return (bytes: Uint8Array) => begun.write(bytes);
    },
    /** A reply without a body is an empty file. */
    async finish(headers: Parameters<typeof contentTypeOf>[0]) {
      writer ??= begin(headers);
      return (await writer).finish();
    },
    async close() {
      try {
        await discard();
      } finally {
        place.end();
      }
    },
  };
}

function headersOf(headers: unknown): [string, string][] {
  if (headers === undefined || headers === null) return [];
  if (Array.isArray(headers)) return headers as [string, string][];
  if (typeof headers === "object") return Object.entries(headers) as [string, string][];
  throw invalid("The headers must be an object, or a list of [name, value] pairs.");
}

function withContentType(headers: [string, string][], type: ReadBody["contentType"]): [string, string][] {
  if (!type) return headers;
  const isType = ([name]: [string, string]) => String(name).toLowerCase() === "content-type";
  if (!type.always && headers.some(isType)) return headers;
  return [...headers.filter((header) => !isType(header)), ["content-type", type.is]];
}

function joined(headers: readonly (readonly [string, string])[]): { [name: string]: string } {
  const byName = Map.groupBy(headers, ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, same]) => [name, same.map(([, value]) => value).join(", ")]),
  );
}
