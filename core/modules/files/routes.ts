import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { coreError } from "../../errors.ts";
import { tenantRoute } from "../../kernel/access/index.ts";
import type { Files } from "../../kernel/capabilities/index.ts";
import type { LimitReached, Limits } from "../../kernel/limits/index.ts";
import { toPage, toPageRequest } from "../../kernel/paging.ts";
import { contentTypeOf } from "./content-type.ts";
import { fileNotFound, toFileProblem } from "./problems.ts";
import { rangeOf } from "./range.ts";
import { fileId, fileName, fileSchema } from "./schemas.ts";
import { giveOut, takeIn } from "./transfer.ts";

const params = Type.Object({ id: fileId });

/** Files that a tenant's applications put in for plugins, and take out that plugins made. */
export function createFileRoutes(o: { files: Files; limits: Limits; limitReached: LimitReached }): Route[] {
  const { files, limits, limitReached } = o;
  return [
    tenantRoute({
      method: "POST",
      path: "/api/v1/files",
      operationId: "uploadFile",
      summary: "Put a file in",
      description:
        "The body is the file, whatever it is; its `Content-Type` is kept. It is taken in as it comes, and is there once all of it has come. It is deleted when its time is over, a day by default. Hand its id to an action whose input asks for a file.",
      tags: ["files"],
      access: { scope: "files:write" },
      query: Type.Object({ name: Type.Optional(fileName) }),
      body: { raw: ["*"], maxBytes: limits.fileBytes, isRead: "by the handler" },
      responses: {
        201: {
          description: "The file.",
          schema: fileSchema,
          headers: { Location: "Where the file is described." },
        },
      },
      errors: ["files-limit-exceeded", "files-busy", "file-aborted"],
      async handler({ identity: { tenantId }, query, headers, body }) {
        const contentType = contentTypeOf(headers["content-type"]);
        const about = { tenantId, name: query.name ?? null, contentType };
        try {
          const file = await takeIn(files, about, body.stream(), limits);
          return { status: 201, body: file, headers: { Location: `/api/v1/files/${file.id}` } };
        } catch (error) {
          throw toFileProblem(error, limitReached);
        }
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/files",
      operationId: "listFiles",
      summary: "List files in the order of their creation",
      description: "Those that applications put in, and those that plugins made.",
      tags: ["files"],
      access: { scope: "files:read" },
      query: Type.Object(pageQuery),
      responses: { 200: { description: "One page.", schema: page(fileSchema) } },
      errors: [],
      async handler({ identity: { tenantId }, query }) {
        const request = toPageRequest(query);
        return { status: 200, body: toPage(await files.list(tenantId, request), request) };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/files/:id",
      operationId: "getFile",
      summary: "What there is to know of a file",
      tags: ["files"],
      access: { scope: "files:read" },
      params,
      responses: { 200: { description: "The file.", schema: fileSchema } },
      errors: ["file-not-found"],
      async handler({ identity: { tenantId }, params: { id } }) {
        return { status: 200, body: await find(tenantId, id) };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/files/:id/content",
      operationId: "downloadFile",
      summary: "Take a file out",
      description:
        "Streamed, under the type that it came with, always as an attachment. One `Range` is answered with that part; `If-None-Match` with the `ETag` of a file that is there already, with 304.",
      tags: ["files"],
      access: { scope: "files:read" },
      params,
      responses: {
        200: { description: "The whole file.", mediaType: "*/*", headers: { ETag: "Of the content." } },
        206: { description: "The part that `Range` asks for.", mediaType: "*/*" },
      },
      errors: ["file-not-found", "files-busy", "range-not-satisfiable"],
      async handler({ identity: { tenantId }, params: { id }, headers, ctx }) {
        const file = await find(tenantId, id);
        const etag = `"${file.sha256}"`;
        const isUnchanged = headers["if-range"] === undefined || headers["if-range"] === etag;
        const asked = isUnchanged ? rangeOf(headers.range, file.size) : undefined;
        if (asked === "unsatisfiable") {
          throw coreError(
            "range-not-satisfiable",
            `The file has ${file.size} bytes; the range begins behind them.`,
            { size: file.size },
            { headers: { "Content-Range": `bytes */${file.size}` } },
          );
        }
        const range = asked ?? { start: 0, end: file.size };
        ctx.attachment(file.name ?? file.id);
        const fields = {
          "Content-Type": file.contentType,
          "Content-Length": String(range.end - range.start),
          "Accept-Ranges": "bytes",
          // It was asked for with a key, which no cache in front looks at.
          "Cache-Control": "private, no-cache",
          Vary: "Authorization",
          ETag: etag,
        };
        try {
          const body = giveOut(files, { tenantId, id }, range, ctx.res);
          if (!asked) return { status: 200, body, headers: fields };
          const contentRange = `bytes ${range.start}-${range.end - 1}/${file.size}`;
          return { status: 206, body, headers: { ...fields, "Content-Range": contentRange } };
        } catch (error) {
          throw toFileProblem(error, limitReached);
        }
      },
    }),

    tenantRoute({
      method: "DELETE",
      path: "/api/v1/files/:id",
      operationId: "deleteFile",
      summary: "Delete a file before its time is over",
      tags: ["files"],
      access: { scope: "files:write" },
      params,
      responses: { 204: { description: "It is gone." } },
      errors: ["file-not-found"],
      async handler({ identity: { tenantId }, params: { id } }) {
        if (!(await files.remove({ tenantId }, id))) throw fileNotFound(id);
        return { status: 204 };
      },
    }),
  ];

  async function find(tenantId: string, id: string) {
    const file = await files.find({ tenantId }, id);
    if (!file) throw fileNotFound(id);
    return file;
  }
}
