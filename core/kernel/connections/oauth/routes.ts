import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../../access/index.ts";
import { callbackPage } from "./callback-page.ts";
import type { FinishedFlow, OAuthFlows } from "./flows.ts";

/** A person comes back with the code in the URL: it must not travel on, nor be kept. */
const pageHeaders = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-store",
  "Referrer-Policy": "no-referrer",
};

/** A person's way to the vendor and back. */
export function createOAuthRoutes(options: {
  flows: OAuthFlows;
  /** Tries the connection that was just made. @returns whether it works */
  tryOut: (tenantId: string, connectionId: string) => Promise<boolean>;
}): Route[] {
  const { flows, tryOut } = options;

  async function outcomeOf({ outcome, tenantId, connectionId }: FinishedFlow): Promise<string> {
    if (outcome !== "connected" || !tenantId || !connectionId) return outcome;
    return (await tryOut(tenantId, connectionId)) ? outcome : "not-working";
  }

  return [
    tenantRoute({
      method: "POST",
      path: "/api/v1/connections/:id/authorize",
      operationId: "authorizeConnection",
      summary: "Begin to connect an account where a person has to agree at the vendor",
      description:
        "Open `url` in the browser of the person who has the account. They come back to this host, which gets the tokens; the connection keeps its id, and what hangs on it, also when it is connected anew. The link works once, for ten minutes.",
      tags: ["connections"],
      access: { scope: "connections:write" },
      params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }),
      body: Type.Object({
        returnUrl: Type.Optional(
          Type.String({
            maxLength: 2000,
            description:
              "Where the person goes in the end, with `connection` and `outcome` in the query; its origin must be one that the operator allows. Without it they see a page of this host.",
          }),
        ),
      }),
      responses: {
        200: {
          description: "Where to send the person.",
          schema: Type.Object(
            {
              url: Type.String(),
              redirectUri: Type.String({
                description: "What has to be registered with the vendor, exactly.",
              }),
              expiresAt: Type.String({ format: "date-time" }),
            },
            { title: "Authorization" },
          ),
        },
      },
      errors: [
        "connection-not-found",
        "authorization-not-possible",
        "return-url-not-allowed",
        "oauth-client-required",
        "oauth-client-mismatch",
        "authorizations-limit-exceeded",
        "tenant-not-found",
      ],
      async handler({ identity, params, body }) {
        const begun = await flows.begin(identity, params.id, body.returnUrl);
        return { status: 200, body: begun, headers: { "Cache-Control": "no-store" } };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/oauth/callback/:publisher/:name",
      operationId: "finishAuthorization",
      summary: "Where vendors send people back to",
      description:
        "For browsers, with `state`, and `code` or `error`. What came is checked, used once, and never shown or kept.",
      tags: ["connections"],
      access: "public",
      params: Type.Object({
        publisher: Type.String({ minLength: 1, maxLength: 40 }),
        name: Type.String({ minLength: 1, maxLength: 64 }),
      }),
      // Vendors add what they like, and a person gets a page whatever it is.
      query: Type.Object({}, { additionalProperties: true }),
      responses: {
        200: { description: "A page that says how it went.", mediaType: "text/html" },
        303: { description: "To the URL that was asked for, with `connection` and `outcome`." },
        400: { description: "A page that says why nothing was connected.", mediaType: "text/html" },
      },
      errors: [],
      async handler({ params: { publisher, name }, ctx }) {
        const finished = await flows.finish(`${publisher}/${name}`, new URLSearchParams(ctx.querystring));
        const outcome = await outcomeOf(finished);
        if (finished.returnUrl !== undefined) {
          const location = new URL(finished.returnUrl);
          location.searchParams.set("connection", finished.connectionId ?? "");
          location.searchParams.set("outcome", outcome);
          return { status: 303, headers: { ...pageHeaders, Location: location.href } };
        }
        return {
          status: outcome === "connected" ? 200 : 400,
          body: callbackPage(outcome),
          headers: pageHeaders,
        };
      },
    }),
  ];
}
