import { decodeCursor, encodeCursor, page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { pluginId, publisherName } from "../names.ts";
import { SavedScan } from "../scans/schemas.ts";
import type { Publications } from "./publications.ts";
import {
  DecisionRequest,
  Publication,
  publicationId,
  publicationStatus,
  WithdrawalRequest,
} from "./schemas.ts";

const publication = "/registry/v1/publications/:id";
const params = Type.Object({ id: publicationId });

/** For whoever runs the registry: what is under way, and what waits for their word. */
export function publicationOperatorRoutes(publications: Publications): Route[] {
  return [
    route({
      method: "GET",
      path: "/registry/v1/publications",
      operationId: "listPublications",
      summary: "Everybody's publications, newest first",
      tags: ["publishing"],
      access: "operator",
      query: Type.Object({
        status: Type.Optional(publicationStatus),
        publisher: Type.Optional(publisherName),
        plugin: Type.Optional(pluginId),
        ...pageQuery,
      }),
      responses: { 200: { description: "A page of publications.", schema: page(Publication) } },
      errors: [],
      async handler({ query: { limit, cursor, ...filter } }) {
        const before = cursor === undefined ? undefined : decodeCursor(cursor, publicationId);
        const found = await publications.list(filter, { limit: limit + 1, before });
        const items = found.slice(0, limit);
        const last = items.at(-1);
        const nextCursor = found.length > limit && last ? encodeCursor(last.id) : null;
        return { status: 200, body: { items, nextCursor } };
      },
    }),
    route({
      method: "POST",
      path: `${publication}/decision`,
      operationId: "decidePublication",
      summary: "Publish or reject what is in quarantine",
      tags: ["publishing"],
      access: "operator",
      params,
      body: DecisionRequest,
      responses: { 200: { description: "The publication, ended.", schema: Publication } },
      errors: ["publication-not-found", "publication-not-quarantined"],
      async handler({ params: { id }, body }) {
        return { status: 200, body: await publications.decide(id, body) };
      },
    }),
    route({
      method: "POST",
      path: `${publication}/rescan`,
      operationId: "rescanPublication",
      summary: "Have a published or quarantined package looked at again",
      description:
        "With the scanners of today. What is in quarantine may be published or rejected by it; a published version stays, and what is found becomes a notice.",
      tags: ["publishing"],
      access: "operator",
      params,
      responses: { 202: { description: "It will be scanned.", schema: Publication } },
      errors: ["publication-not-found", "publication-not-rescannable"],
      async handler({ params: { id } }) {
        return { status: 202, body: await publications.rescan(id, "operator", { isRationed: false }) };
      },
    }),
    route({
      method: "POST",
      path: `${publication}/withdraw`,
      operationId: "withdrawPublication",
      summary: "Take back what is not published yet",
      tags: ["publishing"],
      access: "operator",
      params,
      body: WithdrawalRequest,
      responses: { 200: { description: "The publication, rejected.", schema: Publication } },
      errors: ["publication-not-found", "publication-not-open"],
      async handler({ params: { id }, body }) {
        return { status: 200, body: await publications.withdraw(id, { name: "operator", ...body }) };
      },
    }),
    route({
      method: "GET",
      path: `${publication}/scans`,
      operationId: "listScans",
      summary: "Every scan of a publication, whole, newest first",
      tags: ["publishing"],
      access: "operator",
      params,
      responses: {
        200: { description: "The last hundred.", schema: Type.Object({ items: Type.Array(SavedScan) }) },
      },
      errors: ["publication-not-found"],
      async handler({ params: { id } }) {
        return { status: 200, body: { items: await publications.scans(id) } };
      },
    }),
  ];
}
