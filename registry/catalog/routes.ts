import { Readable } from "node:stream";
import { entityTag, type ReplyHeaders, type RequestHead, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { exactVersion, pluginName, publisherName } from "../names.ts";
import { cacheScope, onBehalf, type ViewerOf, viewingErrors } from "../viewing.ts";
import type { Viewer } from "../visibility.ts";
import type { Catalog, ListedFile } from "./catalog.ts";
import { Listing, PublishedVersion, Signatures } from "./schemas.ts";

const plugin = { publisher: publisherName, name: pluginName };
const release = Type.Object({ ...plugin, version: exactVersion });
const query = Type.Object(onBehalf);

/** A version never changes, so whoever has it need not ask again. */
const immutable = "max-age=31536000, immutable";

/** A file is shown, never run: whatever it holds, and in whatever page it stands. */
const inert = {
  "Content-Security-Policy": "default-src 'none'; sandbox",
  // An icon stands in the pages of other origins.
  "Cross-Origin-Resource-Policy": "cross-origin",
};

export interface CatalogRoutesOptions {
  catalog: Catalog;
  viewerOf: ViewerOf;
  /** Counts a download by the host that asked for it. Does not wait, and does not fail. */
  countDownload(plugin: string, request: RequestHead): void;
}

export function catalogRoutes({ catalog, viewerOf, countDownload }: CatalogRoutesOptions): Route[] {
  return [
    route({
      method: "GET",
      path: "/registry/v1/plugins/:publisher/:name",
      operationId: "getPlugin",
      summary: "A plugin's listing and all its versions",
      tags: ["catalog"],
      access: "public",
      params: Type.Object(plugin),
      query,
      responses: {
        200: { description: "The listing.", schema: Listing, headers: { ETag: "Of exactly this answer." } },
      },
      errors: ["plugin-not-found", ...viewingErrors],
      async handler({ params, query, ...request }) {
        const viewer = await viewerOf(request, query.tenantId);
        const listing = await catalog.listing(viewer, idOf(params));
        const headers = {
          "Cache-Control": `${cacheScope(viewer)}, no-cache`,
          ETag: entityTag(JSON.stringify(listing)),
        };
        return { status: 200, body: listing, headers };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/plugins/:publisher/:name/:version",
      operationId: "getVersion",
      summary: "One version: its manifest and digests",
      tags: ["catalog"],
      access: "public",
      params: release,
      query,
      responses: { 200: { description: "The version.", schema: PublishedVersion } },
      errors: ["plugin-not-found", "version-not-found", ...viewingErrors],
      async handler({ params, query, ...request }) {
        const viewer = await viewerOf(request, query.tenantId);
        const version = await catalog.version(viewer, idOf(params), params.version);
        return { status: 200, body: version };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/plugins/:publisher/:name/:version/tarball",
      operationId: "getTarball",
      summary: "The package, to be verified by whoever takes it",
      tags: ["catalog"],
      access: "public",
      params: release,
      query,
      responses: {
        200: {
          description: "The bytes that the publisher signed.",
          mediaType: "application/gzip",
          headers: { ETag: "The SHA-512 of the tarball.", "Repr-Digest": "The same, as RFC 9530 has it." },
        },
      },
      errors: ["plugin-not-found", "version-blocked", "version-not-found", ...viewingErrors],
      async handler(request) {
        const { params, query } = request;
        const viewer = await viewerOf(request, query.tenantId);
        const version = await catalog.version(viewer, idOf(params), params.version);
        const { sha512, size } = version;
        if (request.method === "GET") countDownload(version.plugin, request);
        const headers = {
          ...cached(viewer, sha512),
          "Repr-Digest": `sha-512=:${Buffer.from(sha512, "hex").toString("base64")}:`,
          "Content-Type": "application/gzip",
          "Content-Length": String(size),
          "Content-Disposition": `attachment; filename="${params.name}-${params.version}.tgz"`,
        };
        return { status: 200, body: Readable.from(catalog.tarball(version), { objectMode: false }), headers };
      },
    }),
    ...(["readme", "changelog", "icon"] as const).map((kind) =>
      route({
        method: "GET",
        path: `/registry/v1/plugins/:publisher/:name/:version/${kind}`,
        operationId: `get${kind[0]?.toUpperCase()}${kind.slice(1)}`,
        summary: `The ${kind} that a version came with`,
        tags: ["catalog"],
        access: "public",
        params: release,
        query,
        responses: {
          200: {
            description: kind === "icon" ? "A PNG or WebP image." : "Markdown, as it was written: untrusted.",
            mediaType: kind === "icon" ? "image/*" : "text/markdown",
            headers: { ETag: "The SHA-512 of the file." },
          },
        },
        errors: ["file-not-found", "plugin-not-found", "version-not-found", ...viewingErrors],
        async handler({ params, query, ...request }) {
          const viewer = await viewerOf(request, query.tenantId);
          return shown(viewer, await catalog.file(viewer, idOf(params), params.version, { kind }));
        },
      }),
    ),
    route({
      method: "GET",
      path: "/registry/v1/plugins/:publisher/:name/:version/screenshots/:position",
      operationId: "getScreenshot",
      summary: "A picture that a version came with",
      tags: ["catalog"],
      access: "public",
      params: Type.Object({ ...release.properties, position: Type.Integer({ minimum: 1, maximum: 8 }) }),
      query,
      responses: {
        200: {
          description: "A PNG or WebP image.",
          mediaType: "image/*",
          headers: { ETag: "The SHA-512 of the file." },
        },
      },
      errors: ["file-not-found", "plugin-not-found", "version-not-found", ...viewingErrors],
      async handler({ params, query, ...request }) {
        const viewer = await viewerOf(request, query.tenantId);
        const wanted = { kind: "screenshot", position: params.position } as const;
        return shown(viewer, await catalog.file(viewer, idOf(params), params.version, wanted));
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/plugins/:publisher/:name/:version/signatures",
      operationId: "getSignatures",
      summary: "The three statements that vouch for a version",
      tags: ["catalog"],
      access: "public",
      params: release,
      query,
      responses: { 200: { description: "The statements.", schema: Signatures } },
      errors: ["plugin-not-found", "version-not-found", ...viewingErrors],
      async handler({ params, query, ...request }) {
        const viewer = await viewerOf(request, query.tenantId);
        return { status: 200, body: await catalog.signatures(viewer, idOf(params), params.version) };
      },
    }),
  ];
}

/** A file of a listing, as data that nothing runs. */
function shown(viewer: Viewer, file: ListedFile) {
  const headers = {
    ...cached(viewer, file.sha512),
    ...inert,
    "Content-Type": file.mediaType,
    "Content-Length": String(file.size),
  };
  return { status: 200 as const, body: Readable.from(file.content, { objectMode: false }), headers };
}

function idOf(params: { publisher: string; name: string }): string {
  return `${params.publisher}/${params.name}`;
}

function cached(viewer: Viewer, sha512: string): ReplyHeaders {
  return { "Cache-Control": `${cacheScope(viewer)}, ${immutable}`, ETag: `"${sha512}"` };
}
