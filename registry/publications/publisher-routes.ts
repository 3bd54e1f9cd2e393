import { decodeCursor, encodeCursor, page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { type AccountIdentity, accountRoute } from "../accounts/index.ts";
import { registryError } from "../errors.ts";
import { admit } from "../members/index.ts";
import { pluginName, publisherName } from "../names.ts";
import { SavedScan } from "../scans/schemas.ts";
import type { RegistryDatabase } from "../tables.ts";
import type { Publications } from "./publications.ts";
import { Publication, publicationId, publicationStatus, WithdrawalRequest } from "./schemas.ts";

const all = "/registry/v1/publishers/:publisher/publications";
const params = Type.Object({ publisher: publisherName, id: publicationId });

/** For a publisher's members: what they sent in, what was found in it, and taking it back. */
export function publicationPublisherRoutes(o: { db: RegistryDatabase; publications: Publications }): Route[] {
  const { db, publications } = o;

  /** @throws `publication-not-found` for another publisher's too, `not-a-member`, `forbidden` */
  async function admitTo(
    { publisher, id }: { publisher: string; id: string },
    identity: AccountIdentity,
    scope: "read" | "publish",
  ): Promise<void> {
    const found = await publications.get(id).catch((error: { code?: string }) => {
      if (error.code === "publication-not-found") return undefined;
      throw error;
    });
    const plugin = found?.publisher === publisher ? found.plugin.slice(publisher.length + 1) : undefined;
    await admit(db, identity, { publisher, scope, plugin });
    if (plugin === undefined)
      throw registryError("publication-not-found", `"${publisher}" has no publication "${id}".`);
  }

  return [
    accountRoute({
      method: "GET",
      path: all,
      operationId: "listPublisherPublications",
      summary: "What a publisher sent in, newest first",
      tags: ["publishing"],
      access: "account",
      params: Type.Object({ publisher: publisherName }),
      query: Type.Object({
        status: Type.Optional(publicationStatus),
        plugin: Type.Optional(pluginName),
        ...pageQuery,
      }),
      responses: { 200: { description: "A page of publications.", schema: page(Publication) } },
      errors: ["forbidden", "not-a-member"],
      async handler({ params: { publisher }, identity, query: { status, plugin, limit, cursor } }) {
        await admit(db, identity, { publisher, scope: "read", plugin });
        const before = cursor === undefined ? undefined : decodeCursor(cursor, publicationId);
        const filter = {
          publisher,
          status,
          ...(plugin !== undefined && { plugin: `${publisher}/${plugin}` }),
        };
        const found = await publications.list(filter, { limit: limit + 1, before });
        const items = found.slice(0, limit);
        const last = items.at(-1);
        const nextCursor = found.length > limit && last ? encodeCursor(last.id) : null;
        return { status: 200, body: { items, nextCursor } };
      },
    }),
    accountRoute({
      method: "GET",
      path: `${all}/:id/scans`,
      operationId: "listPublisherScans",
      summary: "Every scan of a publication, whole, newest first",
      tags: ["publishing"],
      access: "account",
      params,
      responses: {
        200: { description: "The last hundred.", schema: Type.Object({ items: Type.Array(SavedScan) }) },
      },
      errors: ["forbidden", "not-a-member", "publication-not-found"],
      async handler({ params: of, identity }) {
        await admitTo(of, identity, "read");
        return { status: 200, body: { items: await publications.scans(of.id) } };
      },
    }),
    accountRoute({
      method: "POST",
      path: `${all}/:id/rescan`,
      operationId: "rescanOwnPublication",
      summary: "Have a published or quarantined package looked at again",
      tags: ["publishing"],
      access: "account",
      params,
      responses: { 202: { description: "It will be scanned.", schema: Publication } },
      errors: [
        "forbidden",
        "not-a-member",
        "publication-not-found",
        "publication-not-rescannable",
        "rate-limited",
      ],
      async handler({ params: of, identity }) {
        await admitTo(of, identity, "publish");
        return {
          status: 202,
          body: await publications.rescan(of.id, identity.accountId, { isRationed: true }),
        };
      },
    }),
    accountRoute({
      method: "POST",
      path: `${all}/:id/withdraw`,
      operationId: "withdrawOwnPublication",
      summary: "Take back what is not published yet",
      tags: ["publishing"],
      access: "account",
      params,
      body: WithdrawalRequest,
      responses: { 200: { description: "The publication, rejected.", schema: Publication } },
      errors: ["forbidden", "not-a-member", "publication-not-found", "publication-not-open"],
      async handler({ params: of, identity, body }) {
        await admitTo(of, identity, "publish");
        return {
          status: 200,
          body: await publications.withdraw(of.id, { name: identity.accountId, ...body }),
        };
      },
    }),
  ];
}
