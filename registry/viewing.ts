import { httpErrors, type RequestHead } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import type { HostAccess, Tenants } from "./host-access/index.ts";
import { tenantId } from "./names.ts";
import { everyone, type Viewer } from "./visibility.ts";

/** The query of every public route that tells of plugins. */
export const onBehalf = {
  tenantId: Type.Optional(
    Type.String({
      ...tenantId,
      description: "For hosts, with their token: also what is private to this tenant of theirs.",
    }),
  ),
};

/** Needed where {@link onBehalf} is taken: what `ViewerOf` throws. */
export const viewingErrors = ["unauthorized", "tenant-of-another-host"];

/**
 * On whose behalf a public route is asked.
 *
 * @throws `unauthorized` where a tenant is named without a host's token, `tenant-of-another-host` with another host's, whatever
 *   is asked for: the answer tells nothing
 */
export type ViewerOf = (
  request: Pick<RequestHead, "headers">,
  tenantId: string | undefined,
) => Promise<Viewer>;

export function createViewing(o: {
  access: Pick<HostAccess, "recognise">;
  tenants: Pick<Tenants, "requireReadable">;
}): ViewerOf {
  return async function viewerOf(request, tenantId) {
    if (tenantId === undefined) return everyone;
    const host = await o.access.recognise(request);
    if (host !== undefined) {
      await o.tenants.requireReadable(tenantId, host.host);
      return { tenantId };
    }
    throw httpErrors.error(
      "unauthorized",
      "Only a host reads on behalf of a tenant. Send its token as Authorization: Bearer, or leave `tenantId` out.",
      {},
      { headers: { "WWW-Authenticate": "Bearer" } },
    );
  };
}

/** Who may keep an answer: whatever one tenant was told, no cache that others share. */
export function cacheScope(viewer: Viewer): "public" | "private" {
  return viewer.tenantId === undefined ? "public" : "private";
}
