import { decodeCursor, encodeCursor, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import type { RegistryDatabase } from "../tables.ts";
import { Revocations } from "../transparency/index.ts";
import { changesPerPage, listRevocationChanges, listRevocations } from "./revocations.ts";
import { RevocationChanges } from "./schemas.ts";

const position = Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) });

export function revocationRoutes({ db }: { db: RegistryDatabase }): Route[] {
  return [
    route({
      method: "GET",
      path: "/registry/v1/revocations",
      operationId: "getRevocations",
      summary: "All versions that hosts do not run, and keys that were revoked after they signed some",
      description: "A checkpoint names it by the SHA-256 of its canonical JSON (RFC 8785).",
      tags: ["trust"],
      access: "public",
      responses: { 200: { description: "The whole list.", schema: Revocations } },
      errors: [],
      async handler() {
        return { status: 200, body: await listRevocations(db) };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/revocations/changes",
      operationId: "listRevocationChanges",
      summary: "What changed in the list of revocations after a place in the log",
      description: `For hosts that have the list as of that place (0: an empty one): with these changes it is the one that the checkpoint names, or something was kept from them. ${changesPerPage} at a time, the longest ago first.`,
      tags: ["trust"],
      access: "public",
      query: Type.Object({
        after: Type.Integer({
          minimum: 0,
          maximum: 2 ** 31 - 1,
          description: "The place that the list is of.",
        }),
        cursor: pageQuery.cursor,
      }),
      responses: { 200: { description: "A page of changes.", schema: RevocationChanges } },
      errors: [],
      async handler({ query: { after, cursor } }) {
        const from = cursor === undefined ? 0 : decodeCursor(cursor, position).id;
        const { changes, next } = await listRevocationChanges(db, { after, from });
        return {
          status: 200,
          body: { items: changes, nextCursor: next === undefined ? null : encodeCursor({ id: next }) },
        };
      },
    }),
  ];
}
