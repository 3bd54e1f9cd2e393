import { decodeCursor, encodeCursor, page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../../access.ts";
import { AuditRecord, DecisionRequest, ModeratedReview, ModerationCase, reviewId } from "../schemas.ts";
import type { Moderation } from "./moderation.ts";

const state = Type.Union(
  [Type.Literal("held"), Type.Literal("reported"), Type.Literal("hidden"), Type.Literal("removed")],
  { default: "held" },
);
const auditId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const reviews = "/registry/v1/moderation/reviews";

/** For the operator of the registry. */
export function moderationRoutes(moderation: Moderation): Route[] {
  return [
    route({
      method: "GET",
      path: reviews,
      operationId: "listModeratedReviews",
      summary: "Reviews that wait for moderation, or went through it",
      tags: ["moderation"],
      access: "operator",
      query: Type.Object({ state, ...pageQuery }),
      responses: { 200: { description: "A page of reviews, oldest first.", schema: page(ModeratedReview) } },
      errors: [],
      async handler({ query }) {
        const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, reviewId);
        const found = await moderation.list({ state: query.state, limit: query.limit + 1, after });
        const items = found.slice(0, query.limit);
        const last = found.length > query.limit ? items.at(-1) : undefined;
        return { status: 200, body: { items, nextCursor: last ? encodeCursor(last.id) : null } };
      },
    }),
    route({
      method: "GET",
      path: `${reviews}/:id`,
      operationId: "getModerationCase",
      summary: "A review with every text it had, its reports and what was decided about it",
      tags: ["moderation"],
      access: "operator",
      params: Type.Object({ id: reviewId }),
      responses: { 200: { description: "The review.", schema: ModerationCase } },
      errors: ["review-not-found"],
      async handler({ params }) {
        return { status: 200, body: await moderation.get(params.id) };
      },
    }),
    route({
      method: "POST",
      path: `${reviews}/:id/decisions`,
      operationId: "moderateReview",
      summary: "Hide, restore or remove a review, with a reason that is kept",
      tags: ["moderation"],
      access: "operator",
      params: Type.Object({ id: reviewId }),
      body: DecisionRequest,
      responses: { 201: { description: "The review as it is now.", schema: ModerationCase } },
      errors: ["review-not-found"],
      async handler({ params, body }) {
        return { status: 201, body: await moderation.decide(params.id, body) };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/moderation/audit",
      operationId: "listModerationAudit",
      summary: "All that was decided about reviews, by whom and why",
      tags: ["moderation"],
      access: "operator",
      query: Type.Object(pageQuery),
      responses: { 200: { description: "A page of decisions, newest first.", schema: page(AuditRecord) } },
      errors: [],
      async handler({ query }) {
        const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor, auditId);
        const found = await moderation.audit({ limit: query.limit + 1, before });
        const items = found.slice(0, query.limit);
        const last = found.length > query.limit ? items.at(-1) : undefined;
        return { status: 200, body: { items, nextCursor: last ? encodeCursor(last.id) : null } };
      },
    }),
  ];
}
