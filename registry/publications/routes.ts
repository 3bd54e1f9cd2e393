import { packageLimits } from "@plugboard/plugin-sdk/package";
import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { bearerOf } from "../bearer.ts";
import type { Publications } from "./publications.ts";
import { Publication, publicationId } from "./schemas.ts";

/** A statement names every file of a package, of which there may be 5,000. */
const statementMaxBytes = 4 * 1024 * 1024;

export function publicationRoutes(publications: Publications): Route[] {
  return [
    route({
      method: "POST",
      path: "/registry/v1/plugins",
      operationId: "publishPlugin",
      summary: "Publish a signed package",
      description:
        "The publisher's statement comes first and is verified before the tarball is read. What is accepted here is then " +
        "validated and scanned; follow `Location` to see it published, rejected or quarantined. What `plugin.json` calls " +
        "`private` is for the tenant that its publisher is linked to, and nobody else.",
      tags: ["publishing"],
      access: "public",
      body: {
        multipart: {
          fields: {
            statement: {
              maxBytes: statementMaxBytes,
              description: "Compact JWS of type `plugboard-publisher+jws`.",
            },
          },
          file: {
            name: "tarball",
            mediaTypes: ["application/gzip", "application/octet-stream"],
            maxBytes: packageLimits.packedBytes,
            description: "The very bytes that the statement describes.",
          },
        },
      },
      responses: {
        202: {
          description: "Accepted and stored; validation goes on.",
          schema: Publication,
          headers: { Location: "Where the publication can be followed." },
        },
      },
      errors: [
        "main-invalid",
        "main-missing",
        "manifest-invalid",
        "manifest-missing",
        "forbidden",
        "namespace-forbidden",
        "not-a-member",
        "package-duplicate-entry",
        "package-malformed",
        "package-not-canonical",
        "package-too-large",
        "package-unsafe-entry",
        "private-needs-tenant",
        "publisher-key-unknown",
        "rate-limited",
        "request-incomplete",
        "signature-invalid",
        "statement-malformed",
        "statement-mismatch",
        "statement-wrong-type",
        "too-many-releases",
        "unauthorized",
        "version-exists",
        "visibility-fixed",
      ],
      async handler({ body, ...request }) {
        const publication = await publications.publish({
          token: bearerOf(request),
          statement: body.fields.statement,
          tarball: body.file.stream,
        });
        const headers = { Location: `/registry/v1/publications/${publication.id}` };
        return { status: 202, body: publication, headers };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/publications/:id",
      operationId: "getPublication",
      summary: "How far a publication has come",
      tags: ["publishing"],
      access: "public",
      params: Type.Object({ id: publicationId }),
      responses: { 200: { description: "The publication.", schema: Publication } },
      errors: ["publication-not-found"],
      async handler({ params }) {
        return { status: 200, body: await publications.get(params.id) };
      },
    }),
  ];
}
