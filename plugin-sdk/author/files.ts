/**
 * Files: exports, uploads, documents that are larger than a request or the plugin's memory may be. The bytes stay with the
 * host. It is there when plugin.json asks for `permissions.files`. A call sees the files that its own install made, and
 * those that its input hands over under `Type.File()`; a file is gone a day after it was made, if the operator says nothing else.
 *
 * What is refused is an Error with a `code`:
 * - `file-not-found`: there is no such file for this call;
 * - `file-too-large`, `files-limit-exceeded`, `files-busy`: a limit of the host's;
 * - `file-line-too-long`: a line of more than 4 MiB;
 * - `file-invalid-argument`: an id, option or content is not what it must be;
 * - whatever `fetch` refuses with a code.
 *
 * @example
 * const { file } = await files.fetch(exportUrl, { into: { name: "orders.jsonl" } });
 * for (let offset: number | null = 0; file && offset !== null; ) {
 *   const { lines, next } = await files.lines(file.id, { offset });
 *   for (const line of lines) handle(JSON.parse(line));
 *   offset = next;
 * }
 */
export interface Files {
  /** What there is to know of a file; undefined when there is none for this call. */
  get(id: string): Promise<FileInfo | undefined>;

  /** A part as text, in UTF-8: never half a character. `next` is the offset to go on at, null at the end. */
  read(id: string, options?: FileSlice & { as?: "text" }): Promise<{ content: string; next: number | null }>;
  /** The same as bytes, which need the permission `binary`. */
  read(
    id: string,
    options: FileSlice & { as: "bytes" },
  ): Promise<{ content: Uint8Array; next: number | null }>;

  /**
   * Some whole lines, from `offset` on and at most `limit`, without what ends them. With `quoted`, as CSV is: not within
   * double quotes.
   */
  lines(
    id: string,
    options?: { offset?: number | undefined; limit?: number | undefined; quoted?: boolean | undefined },
  ): Promise<{ lines: string[]; next: number | null }>;

  /** Begins a file, which nobody sees before `finish`. What a call has not finished is dropped with it. */
  create(file?: NewFile): Promise<{ id: string }>;
  /** Adds to a file that this call has begun: text, or bytes. Up to 8 MiB at once. */
  append(id: string, content: string | Uint8Array): Promise<{ size: number }>;
  finish(id: string): Promise<FileInfo>;

  /** Deletes a file of this install; false when there was none. */
  delete(id: string): Promise<boolean>;

  /**
   * As `fetch`, under the same permissions, for bodies that do not fit: a file goes out as the body or in a form, and the
   * body of a successful reply goes into a file. There when plugin.json asks for `permissions.network` too.
   *
   * @example
   * await files.fetch(uploadUrl, { method: "PUT", body: { file: input.file } });
   * await files.fetch("https://files.example.com/v1/files", {
   *   method: "POST",
   *   body: { form: [{ name: "purpose", value: "evidence" }, { name: "file", file: input.file }] },
   * });
   */
  fetch(url: string, init?: FileRequestInit): Promise<FileReply>;
}

/** A file that is whole. */
export interface FileInfo {
  id: string;
  name: string | null;
  contentType: string;
  /** In bytes. */
  size: number;
  /** Of its content, lowercase hex. */
  sha256: string;
  /** RFC 3339, as the next. */
  createdAt: string;
  expiresAt: string;
}

/** What is said of a file that is made. */
export interface NewFile {
  /** For whoever saves it: a name, not a path. */
  name?: string | undefined;
  contentType?: string | undefined;
}

/** Which part of a file, in bytes. */
export interface FileSlice {
  offset?: number | undefined;
  /** From 4 to 4 MiB; default 1 MiB. */
  length?: number | undefined;
}

/** A request with files. */
export interface FileRequestInit {
  method?: string | undefined;
  headers?: { [name: string]: string } | undefined;
  /** Text, a file, or a form (multipart/form-data) whose parts go out in this order. */
  body?: string | { file: string } | { form: FormPart[] } | undefined;
  /** The body of a reply with a status from 200 to 299 goes into a new file, of the vendor's type if none is said. */
  into?: NewFile | undefined;
  redirect?: "follow" | "manual" | "error" | undefined;
}

/** A field of a form, or a file in it. */
export type FormPart =
  | { name: string; value: string }
  | { name: string; file: string; filename?: string | undefined };

/** What a vendor answered. */
export interface FileReply {
  status: number;
  statusText: string;
  url: string;
  /** Names in lower case. */
  headers: { [name: string]: string };
  /** What the body went into, if it did. */
  file: FileInfo | null;
  /** The body, where it went into no file. */
  text: string;
}
