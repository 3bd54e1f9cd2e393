import { Readable } from "node:stream";
import type { ReplyHeaders, Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { exactVersion, pluginName, publisherName } from "../names.ts";
import type { Catalog } from "./catalog.ts";
import { Listing, PublishedVersion, Signatures } from "./schemas.ts";

const plugin = { publisher: publisherName, name: pluginName };
const release = Type.Object({ ...plugin, version: exactVersion });

/** A version never changes, so whoever has it need not ask again. */
const immutable = "public, max-age=31536000, immutable";

export function catalogRoutes(catalog: Catalog): Route[] {
  return [
    route({
      method: "GET",
      path: "/registry/v1/plugins/:publisher/:name",
      operationId: "getPlugin",
      summary: "A plugin's listing and all its versions",
      tags: ["catalog"],
      access: "public",
      params: Type.Object(plugin),
      responses: { 200: { description: "The listing.", schema: Listing } },
      errors: ["plugin-not-found"],
      async handler({ params }) {
        return { status: 200, body: await catalog.listing(idOf(params)) };
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
      responses: { 200: { description: "The version.", schema: PublishedVersion } },
      errors: ["plugin-not-found", "version-not-found"],
      async handler({ params }) {
        const version = await catalog.version(idOf(params), params.version);
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
      responses: {
        200: {
          description: "The bytes that the publisher signed.",
          mediaType: "application/gzip",
          headers: { ETag: "The SHA-512 of the tarball." },
        },
      },
      errors: ["plugin-not-found", "version-blocked", "version-not-found"],
      async handler({ params }) {
        const version = await catalog.version(idOf(params), params.version);
        const { sha512, size } = version;
        const headers = {
          ...cached(sha512),
          "Content-Type": "application/gzip",
          "Content-Length": String(size),
          "Content-Disposition": `attachment; filename="${params.name}-${params.version}.tgz"`,
        };
        return { status: 200, body: Readable.from(catalog.tarball(version), { objectMode: false }), headers };
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
      responses: { 200: { description: "The statements.", schema: Signatures } },
      errors: ["plugin-not-found", "version-not-found"],
      async handler({ params }) {
        return { status: 200, body: await catalog.signatures(idOf(params), params.version) };
      },
    }),
  ];
}

function idOf(params: { publisher: string; name: string }): string {
  return `${params.publisher}/${params.name}`;
}

function cached(sha512: string): ReplyHeaders {
  return { "Cache-Control": immutable, ETag: `"${sha512}"` };
}
