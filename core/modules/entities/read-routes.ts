import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { coreError } from "../../errors.ts";
import { tenantRoute } from "../../kernel/access/index.ts";
import type { Cursors, ListPlace } from "./cursor.ts";
import type { Entities } from "./entities.ts";
import { filterName, readFilter } from "./filter.ts";
import { tagOf } from "./preconditions.ts";
import { entityErrors, entitySchema, ofConnection, ofEntity, ofRecord, record } from "./schemas.ts";

/** A plugin's cursor is up to 2,048 characters of any script, and is sealed. */
const maxCursorLength = 8_500;

const listQuery = Type.Object(
  {
    limit: pageQuery.limit,
    cursor: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: maxCursorLength,
        description: "The `nextCursor` of the page before.",
      }),
    ),
    updatedSince: Type.Optional(
      Type.String({
        format: "date-time",
        description: "Only records that were changed since; where they say when.",
      }),
    ),
    filter: Type.Optional(
      Type.Object(
        {},
        {
          additionalProperties: true,
          description: "Fields of the entity's `filter`, as `filter[email]=a@b.c`.",
        },
      ),
    ),
  },
  { additionalProperties: false, patternProperties: { [filterName]: Type.String({ maxLength: 1_000 }) } },
);

/** What there is to read of a connection's records. */
export function createEntityReadRoutes({
  entities,
  cursors,
}: {
  entities: Entities;
  cursors: Cursors;
}): Route[] {
  const access = { scope: "entities:read" } as const;
  const tags = ["entities"];
  return [
    tenantRoute({
      method: "GET",
      path: "/api/v1/connections/:id/entities",
      operationId: "listEntities",
      summary: "Describe the kinds of record of this connection",
      tags,
      access,
      params: ofConnection,
      responses: {
        200: { description: "All of them.", schema: Type.Object({ items: Type.Array(entitySchema) }) },
      },
      errors: ["connection-not-found", "release-not-trusted", "registry-unavailable"],
      async handler({ identity, params }) {
        return { status: 200, body: { items: await entities.describe(identity.tenantId, params.id) } };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/connections/:id/entities/:entity/schema",
      operationId: "getEntitySchema",
      summary: "Describe one kind of record",
      description: "A record whose key is `schema` cannot be read by key for this route; list it instead.",
      tags,
      access,
      params: ofEntity,
      responses: { 200: { description: "The entity.", schema: entitySchema } },
      errors: ["connection-not-found", "entity-not-found", "release-not-trusted", "registry-unavailable"],
      async handler({ identity, params }) {
        return { status: 200, body: await entities.find(identity.tenantId, params.id, params.entity) };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/connections/:id/entities/:entity",
      operationId: "listRecords",
      summary: "List records at the vendor",
      tags,
      access,
      params: ofEntity,
      query: listQuery,
      responses: { 200: { description: "One page.", schema: page(record) } },
      errors: entityErrors,
      async handler({ identity, params, query, signal }) {
        const { tenantId } = identity;
        const { id: connectionId, entity } = params;
        const found = await entities.find(tenantId, connectionId, entity);
        const filter = readFilter(query, found.filter);
        const { updatedSince = null, limit } = query;
        if (updatedSince !== null && found.updatedAt === undefined) throw notDated(entity);
        const list: ListPlace = { tenantId, connectionId, entity, filter, updatedSince };
        const cursor = query.cursor === undefined ? null : cursors.open(list, query.cursor);
        const place = { tenantId, connectionId, entity, signal };
        const { items, nextCursor } = await entities.list(place, { cursor, limit, filter, updatedSince });
        return {
          status: 200,
          body: { items, nextCursor: nextCursor === null ? null : cursors.seal(list, nextCursor) },
        };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/connections/:id/entities/:entity/:key",
      operationId: "getRecord",
      summary: "Read a record",
      tags,
      access,
      params: ofRecord,
      responses: {
        200: {
          description: "The record.",
          schema: record,
          headers: {
            ETag: "Of what the record holds; for If-None-Match here, and If-Match where it is written.",
          },
        },
      },
      errors: entityErrors,
      async handler({ identity, params, signal }) {
        const { id: connectionId, entity, key } = params;
        const body = await entities.get({ tenantId: identity.tenantId, connectionId, entity, signal }, key);
        return { status: 200, body, headers: { ETag: tagOf(body) } };
      },
    }),
  ];
}

function notDated(entity: string) {
  return coreError("entity-input-invalid", `Records of "${entity}" do not say when they were changed.`, {
    problems: [{ pointer: "/input/updatedSince", message: "must be left out" }],
  });
}
