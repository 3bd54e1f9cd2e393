import type Router from "@koa/router";
import { OAuthError } from "../oauth/apps.ts";
import type { Sessions } from "../oauth/sessions.ts";
import type { Place, Tokens } from "../oauth/tokens.ts";
import type { OrgDirectory } from "../org-directory.ts";
import type { RequestState, SalesforceContext } from "./state.ts";

/** Where people agree to apps, and where apps get, check and give back tokens. */
export function addOAuthRoutes(
  router: Router<RequestState>,
  {
    tokens,
    sessions,
    orgs,
    ownUrl,
  }: { tokens: Tokens; sessions: Sessions; orgs: OrgDirectory; ownUrl(): string },
): void {
  const placeOf = (ctx: SalesforceContext): Place => {
    const isNamed = ctx.hostname.endsWith(".salesforce.com");
    return isNamed
      ? { issuer: `https://${ctx.hostname}`, instanceUrl: ({ domain }) => `https://${domain}` }
      : { issuer: ownUrl(), instanceUrl: () => ownUrl() };
  };

  router.get("/services/oauth2/authorize", (ctx) => {
    const query = new URLSearchParams(ctx.querystring);
    try {
      ctx.redirect(tokens.codes.authorize(query, orgs.login(ctx.hostname, query.get("login_hint"))));
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      ctx.status = 400;
      ctx.body = `error=${error.error}&error_description=${encodeURIComponent(error.description)}`;
    }
  });

  router.post("/services/oauth2/token", (ctx) => answer(ctx, () => tokens.token(formOf(ctx), placeOf(ctx))));
  router.post("/services/oauth2/introspect", (ctx) =>
    answer(ctx, async () => tokens.introspect(formOf(ctx))),
  );
  router.post("/services/oauth2/revoke", (ctx) =>
    answer(ctx, async () => {
      tokens.revoke(formOf(ctx).get("token") ?? "");
      return undefined;
    }),
  );

  const identity = (ctx: SalesforceContext) => {
    const session = sessions.find(/^Bearer (\S+)$/i.exec(ctx.get("Authorization"))?.[1] ?? "");
    if (!session) {
      ctx.status = 403;
      ctx.body = "Bad_OAuth_Token";
      return;
    }
    const { org, userId } = session;
    const user = org.tables.get("User")?.get(userId);
    ctx.body = {
      sub: `${placeOf(ctx).issuer}/id/${org.id}/${userId}`,
      id: `${placeOf(ctx).issuer}/id/${org.id}/${userId}`,
      user_id: userId,
      organization_id: org.id,
      username: user?.Username,
      preferred_username: user?.Username,
      display_name: user?.Name,
      name: user?.Name,
      email: user?.Email,
      active: true,
      user_type: "STANDARD",
      urls: { rest: `${placeOf(ctx).instanceUrl(org)}/services/data/v{version}/` },
    };
  };
  router.get("/services/oauth2/userinfo", identity);
  router.get("/id/:org/:user", identity);
}

/** HTTP Basic is taken as well as the parameters. */
function formOf(ctx: SalesforceContext): URLSearchParams {
  const form = new URLSearchParams(ctx.state.body);
  const basic = /^Basic (\S+)$/i.exec(ctx.get("Authorization"))?.[1];
  if (basic !== undefined) {
    const [id = "", secret = ""] = Buffer.from(basic, "base64").toString().split(":").map(decodeURIComponent);
    form.set("client_id", id);
    form.set("client_secret", secret);
  }
  return form;
}

async function answer(ctx: SalesforceContext, work: () => Promise<object | undefined>): Promise<void> {
  ctx.set("Cache-Control", "no-store");
  try {
    const body = await work();
    ctx.status = 200;
    ctx.body = body ?? "";
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    ctx.status = 400;
    ctx.body = { error: error.error, error_description: error.description };
  }
}
