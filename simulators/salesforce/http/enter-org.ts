import type { Middleware } from "koa";
import { notFound, SalesforceError } from "../errors.ts";
import type { Sessions } from "../oauth/sessions.ts";
import type { RequestState } from "./state.ts";

/** Versions that Salesforce serves: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/api_rest_eol.htm */
const oldest = 31;
export const newest = 68;

/** Finds the org by the session, counts the request, and says how many the day has left. Before routes below a version. */
export function enterOrg(sessions: Sessions): Middleware<RequestState> {
  return async (ctx, next) => {
    const [, version = ""] = /^\/services\/data\/v(\d+)\.0(?:\/|$)/.exec(ctx.path) ?? [];
    if (version === "") return next();
    const session = sessions.find(/^(?:Bearer|OAuth) (\S+)$/i.exec(ctx.get("Authorization"))?.[1] ?? "");
    // A session is good at its own org's address alone. Clients that know the stand-in by its address are at none.
    const isElsewhere = ctx.hostname.endsWith(".salesforce.com") && session?.org.domain !== ctx.hostname;
    if (!session || isElsewhere)
      throw new SalesforceError(401, "INVALID_SESSION_ID", "Session expired or invalid");
    if (Number(version) < oldest || Number(version) > newest) throw notFound();
    const { org } = session;
    if (org.apiRequests >= org.maxApiRequests)
      throw new SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
    org.apiRequests += 1;
    ctx.set("Sforce-Limit-Info", `api-usage=${org.apiRequests}/${org.maxApiRequests}`);
    ctx.state.org = org;
    ctx.state.session = session;
    ctx.state.base = `/services/data/v${version}.0`;
    await next();
  };
}
