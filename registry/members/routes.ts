import { decodeCursor, encodeCursor, page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { accountRoute } from "../accounts/index.ts";
import { accountId } from "../accounts/schemas.ts";
import { publisherName } from "../names.ts";
import type { RegistryDatabase } from "../tables.ts";
import { admit } from "./admission.ts";
import { listAudit } from "./audit.ts";
import type { Members } from "./members.ts";
import {
  AuditEntry,
  auditId,
  Member,
  MemberRequest,
  OwnershipClaim,
  OwnershipGift,
  SettingsRequest,
  VerificationRequest,
} from "./schemas.ts";

const publisher = "/registry/v1/publishers/:publisher";
const ofPublisher = Type.Object({ publisher: publisherName });
const ofMember = Type.Object({ publisher: publisherName, accountId });
const tags = ["publishers"];

export function memberRoutes({ members, db }: { members: Members; db: RegistryDatabase }): Route[] {
  return [
    accountRoute({
      method: "POST",
      path: `${publisher}/owners`,
      operationId: "claimOwnership",
      summary: "Become an owner, by the publisher's own key",
      description:
        "Where a token is required besides the signature, only for who is one: others ask an owner, or the operator.",
      tags,
      access: "account",
      params: ofPublisher,
      body: OwnershipClaim,
      responses: { 200: { description: "The owner.", schema: Member } },
      errors: [
        "claim-invalid",
        "forbidden",
        "not-a-member",
        "publisher-key-unknown",
        "publisher-not-found",
        "signature-invalid",
        "statement-malformed",
        "statement-wrong-type",
      ],
      async handler({ params, identity, body }) {
        return { status: 200, body: await members.claimOwnership(params.publisher, identity, body.claim) };
      },
    }),
    accountRoute({
      method: "GET",
      path: `${publisher}/members`,
      operationId: "listMembers",
      summary: "Who may act for a publisher",
      tags,
      access: "account",
      params: ofPublisher,
      responses: { 200: { description: "The members.", schema: Type.Object({ items: Type.Array(Member) }) } },
      errors: ["forbidden", "not-a-member"],
      async handler({ params, identity }) {
        return { status: 200, body: { items: await members.list(params.publisher, identity) } };
      },
    }),
    accountRoute({
      method: "PUT",
      path: `${publisher}/members/:accountId`,
      operationId: "setMember",
      summary: "Add a member, or change the role of one",
      tags,
      access: "account",
      params: ofMember,
      body: MemberRequest,
      responses: { 200: { description: "The member.", schema: Member } },
      errors: ["account-not-found", "forbidden", "last-owner", "not-a-member"],
      async handler({ params, identity, body }) {
        const member = { accountId: params.accountId, role: body.role };
        return { status: 200, body: await members.set(params.publisher, identity, member) };
      },
    }),
    accountRoute({
      method: "DELETE",
      path: `${publisher}/members/:accountId`,
      operationId: "removeMember",
      summary: "Put a member out, or leave",
      tags,
      access: "account",
      params: ofMember,
      responses: { 204: { description: "It is a member no more." } },
      errors: ["forbidden", "last-owner", "not-a-member"],
      async handler({ params, identity }) {
        await members.remove(params.publisher, identity, params.accountId);
        return { status: 204 };
      },
    }),
    accountRoute({
      method: "PATCH",
      path: `${publisher}/settings`,
      operationId: "changePublisherSettings",
      summary: "Say whether a signature alone publishes",
      tags,
      access: "account",
      params: ofPublisher,
      body: SettingsRequest,
      responses: { 204: { description: "So it is from now on." } },
      errors: ["forbidden", "not-a-member"],
      async handler({ params, identity, body }) {
        await members.requireToken(params.publisher, identity, body.tokenRequired);
        return { status: 204 };
      },
    }),
    accountRoute({
      method: "GET",
      path: `${publisher}/audit`,
      operationId: "listPublisherAudit",
      summary: "Who did what for a publisher, newest first",
      tags,
      access: "account",
      params: ofPublisher,
      query: Type.Object(pageQuery),
      responses: { 200: { description: "A page of entries.", schema: page(AuditEntry) } },
      errors: ["forbidden", "not-a-member"],
      async handler({ params, identity, query: { limit, cursor } }) {
        await admit(db, identity, { publisher: params.publisher, scope: "read" });
        const before = cursor === undefined ? undefined : decodeCursor(cursor, auditId);
        const found = await listAudit(db, params.publisher, { limit: limit + 1, before });
        const items = found.slice(0, limit);
        const last = items.at(-1);
        const nextCursor = found.length > limit && last ? encodeCursor(last.id) : null;
        return { status: 200, body: { items, nextCursor } };
      },
    }),
    route({
      method: "PUT",
      path: `${publisher}/owners/:accountId`,
      operationId: "giveOwnership",
      summary: "Make an account an owner of a publisher that nobody can act for",
      description:
        "For owners who lost their tokens and asked for them. The reason stays in the publisher's audit.",
      tags,
      access: "operator",
      params: ofMember,
      body: OwnershipGift,
      responses: { 200: { description: "The owner.", schema: Member } },
      errors: ["account-not-found", "publisher-not-found"],
      async handler({ params, body }) {
        const gift = { accountId: params.accountId, reason: body.reason };
        return { status: 200, body: await members.giveOwnership(params.publisher, gift) };
      },
    }),
    route({
      method: "PUT",
      path: `${publisher}/verification`,
      operationId: "verifyPublisher",
      summary: "Give a publisher the operator's badge, or take it",
      description: "What hosts see of it is signed; a reason stays in the publisher's audit.",
      tags,
      access: "operator",
      params: ofPublisher,
      body: VerificationRequest,
      responses: { 204: { description: "So it is from now on." } },
      errors: ["publisher-not-found"],
      async handler({ params, body }) {
        await members.verify(params.publisher, body);
        return { status: 204 };
      },
    }),
  ];
}
