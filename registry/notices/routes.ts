import { decodeCursor, encodeCursor, page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import type { RegistryDatabase } from "../tables.ts";
import { acknowledgeNotice, listNotices } from "./notices.ts";
import { Notice, noticeId } from "./schemas.ts";

export function noticeRoutes({ db, now }: { db: RegistryDatabase; now: () => Date }): Route[] {
  return [
    route({
      method: "GET",
      path: "/registry/v1/notices",
      operationId: "listNotices",
      summary: "What the operator should look at, newest first",
      tags: ["publishing"],
      access: "operator",
      query: Type.Object({
        open: Type.Boolean({ default: true, description: "Only those that nobody acknowledged." }),
        ...pageQuery,
      }),
      responses: { 200: { description: "A page of notices.", schema: page(Notice) } },
      errors: [],
      async handler({ query: { open, limit, cursor } }) {
        const before = cursor === undefined ? undefined : decodeCursor(cursor, noticeId);
        const found = await listNotices(db, { open, limit: limit + 1, before });
        const items = found.slice(0, limit);
        const last = items.at(-1);
        return {
          status: 200,
          body: { items, nextCursor: found.length > limit && last ? encodeCursor(last.id) : null },
        };
      },
    }),
    route({
      method: "POST",
      path: "/registry/v1/notices/:id/acknowledge",
      operationId: "acknowledgeNotice",
      summary: "Say that a notice was seen to",
      tags: ["publishing"],
      access: "operator",
      params: Type.Object({ id: noticeId }),
      responses: { 200: { description: "The notice.", schema: Notice } },
      errors: ["notice-not-found"],
      async handler({ params }) {
        return { status: 200, body: await acknowledgeNotice(db, params.id, now()) };
      },
    }),
  ];
}
