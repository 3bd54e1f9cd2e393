import { pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { coreError } from "../../errors.ts";
import { tenantRoute } from "../../kernel/access/index.ts";
import type { Cursors, FeedPlace } from "./cursor.ts";
import type { Entities } from "./entities.ts";
import { entityErrors, ofEntity, record } from "./schemas.ts";

/** In a URL, with all else that a request line has: servers and proxies take 16 KiB at most, some 8,192 characters alone. */
const maxCursorLength = 12_000;

const changesSchema = Type.Object(
  {
    changes: Type.Array(
      Type.Object({
        op: Type.Union([Type.Literal("upsert"), Type.Literal("remove")]),
        key: Type.String(),
        record: Type.Optional(record),
      }),
      { description: "In order. A record that was changed may be left out; read it by its key." },
    ),
    cursor: Type.String({ description: "Keep it, and give it next time: the changes after these." }),
    hasMore: Type.Boolean({ description: "Whether there are more already." }),
  },
  { title: "Changes" },
);

/** What changed at the vendor since an answer before: for whoever keeps records in step. */
export function createChangesRoute(options: { entities: Entities; cursors: Cursors }): Route {
  const { entities, cursors } = options;
  return tenantRoute({
    method: "GET",
    path: "/api/v1/connections/:id/entities/:entity/changes",
    operationId: "listRecordChanges",
    summary: "List what changed at the vendor",
    description:
      "Without a cursor it begins with all there is. The cursor of an answer may be kept for as long as the host has the master key that sealed it; where it is refused, begin without one. A record whose key is `changes` cannot be read by key for this route; list it instead.",
    tags: ["entities"],
    access: { scope: "entities:read" },
    params: ofEntity,
    query: Type.Object(
      {
        limit: pageQuery.limit,
        cursor: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: maxCursorLength,
            description: "The `cursor` of the answer before.",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    responses: { 200: { description: "The changes, in order.", schema: changesSchema } },
    errors: entityErrors,
    async handler({ identity, params, query, signal }) {
      const { id: connectionId, entity } = params;
      const feed: FeedPlace = { tenantId: identity.tenantId, connectionId, entity, feed: "changes" };
      await entities.find(feed.tenantId, connectionId, entity);
      const cursor = query.cursor === undefined ? null : cursors.open(feed, query.cursor);
      const place = { tenantId: feed.tenantId, connectionId, entity, signal };
      const answer = await entities.changes(place, { cursor, limit: query.limit });
      const sealed = cursors.seal(feed, answer.cursor);
      if (sealed.length > maxCursorLength) throw cursorTooLong(entity, sealed.length);
      const { changes, hasMore = false } = answer;
      return { status: 200, body: { changes, cursor: sealed, hasMore } };
    },
  });
}

function cursorTooLong(entity: string, length: number) {
  return coreError(
    "entity-output-invalid",
    `The cursor of the changes of "${entity}" has ${length} characters once it is sealed, and ${maxCursorLength} are the most that a URL can carry. The plugin has to make it shorter: 8,192 characters of ASCII fit.`,
    { problems: [{ pointer: "/output/cursor", message: "must be shorter" }] },
  );
}
