import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { coreError } from "../../errors.ts";
import { toPage, toPageRequest } from "../paging.ts";
import type { ApiKeys } from "./api-keys.ts";
import type { Identity } from "./identity.ts";
import { adminRoute, sharedRoute } from "./route-kinds.ts";
import { grantableScopes } from "./scopes.ts";
import type { Tenants } from "./tenants.ts";

const name = (description: string) => Type.String({ minLength: 1, maxLength: 200, description });
const timestamp = (description: string) => Type.String({ format: "date-time", description });
const id = Type.String({ minLength: 1, maxLength: 64 });

const tenantSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    createdAt: timestamp("When it was created."),
    erasingSince: Type.Union([timestamp("Since when it is being erased."), Type.Null()]),
  },
  { title: "Tenant" },
);

const apiKeyFields = {
  id: Type.String(),
  tenantId: Type.String(),
  name: Type.String(),
  prefix: Type.String({ description: "The first characters of the key, to recognise it by." }),
  scopes: Type.Array(Type.String()),
  createdAt: timestamp("When it was created."),
  expiresAt: Type.Union([timestamp("After this it is refused."), Type.Null()]),
  revokedAt: Type.Union([timestamp("Since then it is refused."), Type.Null()]),
};
const apiKeySchema = Type.Object(apiKeyFields, { title: "ApiKey" });
const createdApiKeySchema = Type.Object(
  {
    ...apiKeyFields,
    key: Type.String({ description: "The key itself: shown in this answer and never again." }),
  },
  { title: "CreatedApiKey" },
);

const tenantIdField = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 64,
    description: "Which tenant; only with the admin key, which has none.",
  }),
);

/** Tenants and their API keys. */
export function createAccessRoutes({ tenants, apiKeys }: { tenants: Tenants; apiKeys: ApiKeys }): Route[] {
  /** The tenant that is acted on. A tenant's key has one and may name no other. */
  async function tenantOf(identity: Identity, named: string | undefined): Promise<string> {
    if (identity.kind === "tenant") {
      if (named === undefined || named === identity.tenantId) return identity.tenantId;
      throw coreError("tenant-not-found", `There is no tenant "${named}" that this API key could act for.`);
    }
    if (named === undefined) {
      throw coreError(
        "tenant-required",
        'The admin key belongs to no tenant: say which one with "tenantId".',
      );
    }
    const { id: tenantId, erasingSince } = await tenants.get(named);
    if (erasingSince === null) return tenantId;
    throw coreError(
      "tenant-not-found",
      `The tenant "${named}" is being erased: nobody can act for it any more.`,
    );
  }

  return [
    adminRoute({
      method: "POST",
      path: "/api/v1/tenants",
      operationId: "createTenant",
      summary: "Create a tenant",
      tags: ["tenants"],
      access: "admin",
      body: Type.Object({ name: name("What people call it.") }),
      responses: { 201: { description: "The tenant.", schema: tenantSchema } },
      errors: [],
      async handler({ body }) {
        const tenant = await tenants.create(body);
        return { status: 201, body: tenant, headers: { Location: `/api/v1/tenants/${tenant.id}` } };
      },
    }),

    adminRoute({
      method: "GET",
      path: "/api/v1/tenants",
      operationId: "listTenants",
      summary: "List tenants in the order of their creation",
      tags: ["tenants"],
      access: "admin",
      query: Type.Object(pageQuery),
      responses: { 200: { description: "One page.", schema: page(tenantSchema) } },
      errors: [],
      async handler({ query }) {
        const request = toPageRequest(query);
        return { status: 200, body: toPage(await tenants.list(request), request) };
      },
    }),

    adminRoute({
      method: "GET",
      path: "/api/v1/tenants/:id",
      operationId: "getTenant",
      summary: "Read a tenant",
      tags: ["tenants"],
      access: "admin",
      params: Type.Object({ id }),
      responses: { 200: { description: "The tenant.", schema: tenantSchema } },
      errors: ["tenant-not-found"],
      async handler({ params }) {
        return { status: 200, body: await tenants.get(params.id) };
      },
    }),

    sharedRoute({
      method: "POST",
      path: "/api/v1/api-keys",
      operationId: "createApiKey",
      summary: "Create an API key",
      description:
        "The admin key creates one for any tenant. A tenant's key creates keys that may do as much as itself, and for as long.",
      tags: ["api-keys"],
      access: { scope: "api-keys:write", orAdmin: true },
      body: Type.Object({
        name: name("What the key is for."),
        tenantId: tenantIdField,
        scopes: Type.Array(Type.String({ maxLength: 64 }), {
          minItems: 1,
          maxItems: 64,
          description: `What the key may do: ${grantableScopes.join(", ")}.`,
        }),
        expiresAt: Type.Optional(
          timestamp("After this the key is refused. Without it, it holds until it is revoked."),
        ),
      }),
      responses: { 201: { description: "The key, with its secret.", schema: createdApiKeySchema } },
      errors: ["tenant-not-found", "tenant-required"],
      async handler({ identity, body }) {
        const key = await apiKeys.create({
          tenantId: await tenantOf(identity, body.tenantId),
          name: body.name,
          scopes: body.scopes,
          expiresAt: body.expiresAt === undefined ? null : new Date(body.expiresAt),
          creator: identity.kind === "tenant" ? identity : undefined,
        });
        return {
          status: 201,
          body: key,
          headers: { Location: `/api/v1/api-keys/${key.id}`, "Cache-Control": "no-store" },
        };
      },
    }),

    sharedRoute({
      method: "GET",
      path: "/api/v1/api-keys",
      operationId: "listApiKeys",
      summary: "List a tenant's API keys",
      tags: ["api-keys"],
      access: { scope: "api-keys:read", orAdmin: true },
      query: Type.Object({ ...pageQuery, tenantId: tenantIdField }),
      responses: { 200: { description: "One page, without the secrets.", schema: page(apiKeySchema) } },
      errors: ["tenant-not-found", "tenant-required"],
      async handler({ identity, query }) {
        const request = toPageRequest(query);
        const tenantId = await tenantOf(identity, query.tenantId);
        return { status: 200, body: toPage(await apiKeys.list(tenantId, request), request) };
      },
    }),

    sharedRoute({
      method: "DELETE",
      path: "/api/v1/api-keys/:id",
      operationId: "revokeApiKey",
      summary: "Revoke an API key, at once and for good",
      tags: ["api-keys"],
      access: { scope: "api-keys:write", orAdmin: true },
      params: Type.Object({ id }),
      query: Type.Object({ tenantId: tenantIdField }),
      responses: { 200: { description: "The revoked key.", schema: apiKeySchema } },
      errors: ["tenant-not-found", "tenant-required", "api-key-not-found"],
      async handler({ identity, params, query }) {
        const tenantId = await tenantOf(identity, query.tenantId);
        return { status: 200, body: await apiKeys.revoke(tenantId, params.id) };
      },
    }),
  ];
}
