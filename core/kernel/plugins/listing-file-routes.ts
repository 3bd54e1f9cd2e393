import { createHash } from "node:crypto";
import { imageType } from "@plugboard/plugin-sdk/inspection";
import type { RegistryClient } from "@plugboard/registry/client";
import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { coreError } from "../../errors.ts";
import { sharedRoute, tenantOf } from "../access/index.ts";
import { asCoreError } from "./registry-problems.ts";

const name = Type.String({ minLength: 1, maxLength: 64 });
const release = { publisher: name, name, version: Type.String({ minLength: 1, maxLength: 100 }) };
const markdown = "text/markdown; charset=utf-8";

/** A file is shown, never run: whatever it holds. And no cache that others share keeps what one tenant may see. */
const inert = {
  "Cache-Control": "private, max-age=31536000, immutable",
  "Content-Security-Policy": "default-src 'none'; sandbox",
  "Content-Disposition": "inline",
};

/** What plugins bring for their pages, from the registry by way of this host: for pages that know this host alone. */
export function listingFileRoutes({
  registry,
}: {
  registry: Pick<RegistryClient, "getListingFile">;
}): Route[] {
  async function fetchFile(
    params: { publisher: string; name: string; version: string },
    file: string,
    tenantId: string | undefined,
  ) {
    const id = `${params.publisher}/${params.name}`;
    return registry.getListingFile(id, params.version, file, tenantId).catch((error) => {
      throw asCoreError(error, id);
    });
  }

  const errors = ["listing-file-not-found", "plugin-not-found", "registry-unavailable", "registry-refused"];
  const tags = ["marketplace"];
  const access = { scope: "marketplace:read", orAdmin: true } as const;
  const image = { 200: { description: "A PNG or WebP image.", mediaType: "image/*" } };

  return [
    ...(["readme", "changelog"] as const).map((kind) =>
      sharedRoute({
        method: "GET",
        path: `/api/v1/marketplace/plugins/:publisher/:name/:version/${kind}`,
        operationId: `getMarketplace${kind === "readme" ? "Readme" : "Changelog"}`,
        summary: `The ${kind} that a version came with`,
        tags,
        access,
        params: Type.Object(release),
        responses: {
          200: {
            description: "Markdown, as it was written: let no HTML through.",
            mediaType: "text/markdown",
          },
        },
        errors,
        async handler({ identity, params }) {
          const content = await fetchFile(params, kind, tenantOf(identity));
          return { status: 200, body: content, headers: headersOf(content, markdown) };
        },
      }),
    ),
    sharedRoute({
      method: "GET",
      path: "/api/v1/marketplace/plugins/:publisher/:name/:version/icon",
      operationId: "getMarketplaceIcon",
      summary: "The icon that a version came with",
      tags,
      access,
      params: Type.Object(release),
      responses: image,
      errors,
      async handler({ identity, params }) {
        return picture(await fetchFile(params, "icon", tenantOf(identity)));
      },
    }),
    sharedRoute({
      method: "GET",
      path: "/api/v1/marketplace/plugins/:publisher/:name/:version/screenshots/:position",
      operationId: "getMarketplaceScreenshot",
      summary: "A picture that a version came with",
      tags,
      access,
      params: Type.Object({ ...release, position: Type.Integer({ minimum: 1, maximum: 8 }) }),
      responses: image,
      errors,
      async handler({ identity, params }) {
        return picture(await fetchFile(params, `screenshots/${params.position}`, tenantOf(identity)));
      },
    }),
  ];
}

/** Its type is what its first bytes say, not what the registry does: a page of this host's origin may show it. */
function picture(content: Buffer) {
  const type = imageType(content);
  if (type) return { status: 200 as const, body: content, headers: headersOf(content, type) };
  throw coreError("registry-refused", "What the registry gave out as a picture is no PNG or WebP image.");
}

function headersOf(content: Buffer, type: string) {
  const etag = `"${createHash("sha512").update(content).digest("hex")}"`;
  return { ...inert, "Content-Type": type, ETag: etag };
}
