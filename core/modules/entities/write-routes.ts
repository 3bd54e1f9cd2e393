import type { Route } from "@plugboard/service-kit/http";
import { tenantRoute } from "../../kernel/access/index.ts";
import {
  type Idempotency,
  idempotencyErrors,
  idempotencyKeyOf,
  keyForVendor,
} from "../../kernel/idempotency/index.ts";
import type { Entities, Record } from "./entities.ts";
import { checkIfMatch, tagOf } from "./preconditions.ts";
import { entityErrors, ofEntity, ofRecord, record } from "./schemas.ts";

const ifMatch =
  "With `If-Match` it is written only if the record is still the one that was read, as far as can be seen right before.";
const etag = { ETag: "Of what the record holds by now." };

/** What there is to write of a connection's records. */
export function createEntityWriteRoutes(options: { entities: Entities; idempotency: Idempotency }): Route[] {
  const { entities, idempotency } = options;
  const access = { scope: "entities:write" } as const;
  const tags = ["entities"];

  /** Writes a record under its key, by the body. */
  function writeRoute(route: {
    method: "PATCH" | "PUT";
    operationId: string;
    summary: string;
    description: string;
    write: Entities["update"] | Entities["upsert"];
  }): Route {
    const { method, operationId, summary, description, write } = route;
    return tenantRoute({
      method,
      path: "/api/v1/connections/:id/entities/:entity/:key",
      operationId,
      summary,
      description: `${description} ${ifMatch}`,
      tags,
      access,
      params: ofRecord,
      body: record,
      responses: { 200: { description: "The record as it is now.", schema: record, headers: etag } },
      errors: ["record-changed", ...entityErrors],
      async handler({ identity, params, body, headers, signal }) {
        const { id: connectionId, entity, key } = params;
        const place = { tenantId: identity.tenantId, connectionId, entity, signal };
        await checkIfMatch(entities, place, key, headers["if-match"]);
        const written = await write(place, key, body as Record);
        return { status: 200, body: written, headers: { ETag: tagOf(written) } };
      },
    });
  }

  return [
    tenantRoute({
      method: "POST",
      path: "/api/v1/connections/:id/entities/:entity",
      operationId: "createRecord",
      summary: "Create a record at the vendor",
      description:
        "The body fits the entity's `input`. With an `Idempotency-Key` it is created once in a day, a repetition gets the same answer (one that failed before it could have changed anything may be repeated with the same key), and the plugin passes the key's digest on to vendors that know such keys.",
      tags,
      access,
      params: ofEntity,
      body: record,
      responses: {
        201: {
          description: "The record.",
          schema: record,
          headers: {
            ...etag,
            Location: "Where the record is.",
            "Idempotent-Replayed": "That it is the first answer.",
          },
        },
      },
      errors: [...idempotencyErrors, ...entityErrors],
      async handler({ identity, params, body, headers, signal }) {
        const { tenantId } = identity;
        const { id: connectionId, entity } = params;
        const key = idempotencyKeyOf(headers);
        const asks = { route: "createRecord", connectionId, entity, body };
        const admit = () => entities.admit({ tenantId, connectionId });
        const reply = await idempotency.once({ tenantId, key, asks, admit }, async (effects) => {
          const place = { tenantId, connectionId, entity, signal, effects };
          const { key: keyField } = await entities.find(tenantId, connectionId, entity);
          const created = await entities.create(
            place,
            body as Record,
            keyForVendor(key, { tenantId, ...asks }),
          );
          const path = [connectionId, "entities", entity, String(created[keyField])].map(encodeURIComponent);
          return {
            status: 201,
            body: created,
            headers: { Location: `/api/v1/connections/${path.join("/")}`, ETag: tagOf(created) },
          };
        });
        return { status: 201, body: reply.body as Record, headers: reply.headers };
      },
    }),

    writeRoute({
      method: "PATCH",
      operationId: "updateRecord",
      summary: "Change fields of a record",
      description: "The body has some fields of the entity's `input`; the others stay.",
      write: entities.update,
    }),

    writeRoute({
      method: "PUT",
      operationId: "upsertRecord",
      summary: "Write a record, whether it is there or not",
      description: "The body fits the entity's `input`.",
      write: entities.upsert,
    }),

    tenantRoute({
      method: "DELETE",
      path: "/api/v1/connections/:id/entities/:entity/:key",
      operationId: "deleteRecord",
      summary: "Delete a record at the vendor",
      description: ifMatch,
      tags,
      access,
      params: ofRecord,
      responses: { 204: { description: "It is gone." } },
      errors: ["record-changed", ...entityErrors],
      async handler({ identity, params, headers, signal }) {
        const { id: connectionId, entity, key } = params;
        const place = { tenantId: identity.tenantId, connectionId, entity, signal };
        await checkIfMatch(entities, place, key, headers["if-match"]);
        await entities.remove(place, key);
        return { status: 204 };
      },
    }),
  ];
}
