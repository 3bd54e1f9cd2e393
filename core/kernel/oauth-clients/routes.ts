import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { adminRoute } from "../access/index.ts";
import { oauthClientFields, oauthGrant } from "../credentials/index.ts";
import { toPage, toPageRequest } from "../paging.ts";
import type { OAuthClients } from "./oauth-clients.ts";

const params = Type.Object({
  publisher: Type.String({ pattern: "^[a-z][a-z0-9-]{1,38}$" }),
  name: Type.String({ pattern: "^[a-z][a-z0-9-]{0,63}$" }),
});

const clientSchema = Type.Object(
  {
    plugin: Type.String(),
    clientId: Type.String(),
    hasSecret: Type.Boolean({ description: "The secret itself is never given back." }),
    tokenUrl: Type.String(),
    grants: Type.Array(oauthGrant),
    createdAt: Type.String({ format: "date-time" }),
    updatedAt: Type.String({ format: "date-time" }),
  },
  { title: "OAuthClient" },
);

/** The operator's applications at vendors. */
export function createOAuthClientRoutes({ clients }: { clients: OAuthClients }): Route[] {
  return [
    adminRoute({
      method: "GET",
      path: "/api/v1/oauth-clients",
      operationId: "listOAuthClients",
      summary: "List the OAuth clients of this host",
      tags: ["connections"],
      access: "admin",
      query: Type.Object(pageQuery),
      responses: { 200: { description: "One page, without the secrets.", schema: page(clientSchema) } },
      errors: [],
      async handler({ query }) {
        const request = toPageRequest(query);
        const found = (await clients.list(request)).map((client) => ({ ...client, id: client.plugin }));
        const { items, nextCursor } = toPage(found, request);
        return { status: 200, body: { items: items.map(({ id: _, ...client }) => client), nextCursor } };
      },
    }),

    adminRoute({
      method: "PUT",
      path: "/api/v1/oauth-clients/:publisher/:name",
      operationId: "putOAuthClient",
      summary: "Register what the vendor gave this host for a plugin",
      description:
        "Every tenant's connections of the plugin use it, unless they bring their own. Said again, it replaces the one before: to change a secret, or to agree to another `tokenUrl` or grant.",
      tags: ["connections"],
      access: "admin",
      params,
      body: Type.Object({
        ...oauthClientFields,
        tokenUrl: Type.String({
          pattern: "^https://",
          maxLength: 2000,
          description:
            "Exactly as the plugin's manifest writes `tokenUrl`: the secret goes to this place and no other, whatever a later version asks for.",
        }),
        grants: Type.Optional(
          Type.Array(oauthGrant, {
            minItems: 1,
            uniqueItems: true,
            description:
              'What it may be used for. Without it `["authorization_code"]`: for accounts of people, who agree each for themselves.',
          }),
        ),
      }),
      responses: { 200: { description: "The client.", schema: clientSchema } },
      errors: [],
      async handler({ params: { publisher, name }, body }) {
        return { status: 200, body: await clients.put(`${publisher}/${name}`, body) };
      },
    }),

    adminRoute({
      method: "DELETE",
      path: "/api/v1/oauth-clients/:publisher/:name",
      operationId: "deleteOAuthClient",
      summary: "Forget the OAuth client of a plugin",
      tags: ["connections"],
      access: "admin",
      params,
      responses: { 204: { description: "It is gone. Connections that used it cannot renew their tokens." } },
      errors: ["oauth-client-not-found"],
      async handler({ params: { publisher, name } }) {
        await clients.remove(`${publisher}/${name}`);
        return { status: 204 };
      },
    }),
  ];
}
