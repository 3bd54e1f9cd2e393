import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../access/index.ts";
import { toPage, toPageRequest } from "../paging.ts";
import type { Install, Installs } from "./installs.ts";

const id = Type.String({ minLength: 1, maxLength: 64 });
const status = Type.Union([Type.Literal("active"), Type.Literal("disabled")]);
const range = Type.String({
  minLength: 1,
  maxLength: 200,
  description:
    "A semver range; the highest published version in it is taken. An exact version is a range too.",
});
const consent = Type.String({
  pattern: "^[0-9a-f]{64}$",
  description:
    "The `consent` of the 409 `consent-required` answer: the tenant's yes to exactly those permissions.",
});

const installSchema = Type.Object(
  {
    id: Type.String(),
    plugin: Type.String(),
    version: Type.String(),
    status,
    createdAt: Type.String({ format: "date-time" }),
    updatedAt: Type.String({ format: "date-time" }),
  },
  { title: "Install" },
);

const installing = ["plugin-not-found", "no-matching-version", "consent-required"];
const admitting = ["registry-unavailable", "registry-refused", "release-not-trusted", "plugin-load-failed"];

/** What a tenant has installed. */
export function createInstallRoutes({ installs }: { installs: Installs }): Route[] {
  return [
    tenantRoute({
      method: "POST",
      path: "/api/v1/installs",
      operationId: "createInstall",
      summary: "Install a plugin",
      description:
        "Without the right `consent` the answer is 409 `consent-required`, with the `permissions` that the version asks for and the digest that agrees to exactly these.",
      tags: ["installs"],
      access: { scope: "installs:write" },
      body: Type.Object({
        plugin: Type.String({ minLength: 3, maxLength: 100, description: "`publisher/name`" }),
        range: Type.Optional(range),
        consent: Type.Optional(consent),
      }),
      responses: { 201: { description: "The install.", schema: installSchema } },
      errors: [...installing, "already-installed", ...admitting],
      async handler({ identity, body }) {
        const install = await installs.create(identity.tenantId, body);
        return {
          status: 201,
          body: toBody(install),
          headers: { Location: `/api/v1/installs/${install.id}` },
        };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/installs",
      operationId: "listInstalls",
      summary: "List installs in the order of their creation",
      tags: ["installs"],
      access: { scope: "installs:read" },
      query: Type.Object(pageQuery),
      responses: { 200: { description: "One page.", schema: page(installSchema) } },
      errors: [],
      async handler({ identity, query }) {
        const request = toPageRequest(query);
        const found = await installs.list(identity.tenantId, request);
        return { status: 200, body: toPage(found.map(toBody), request) };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/installs/:id",
      operationId: "getInstall",
      summary: "Read an install",
      tags: ["installs"],
      access: { scope: "installs:read" },
      params: Type.Object({ id }),
      responses: { 200: { description: "The install.", schema: installSchema } },
      errors: ["install-not-found"],
      async handler({ identity, params }) {
        return { status: 200, body: toBody(await installs.get(identity.tenantId, params.id)) };
      },
    }),

    tenantRoute({
      method: "PATCH",
      path: "/api/v1/installs/:id",
      operationId: "updateInstall",
      summary: "Upgrade, roll back, enable or disable",
      description:
        "Another version is verified and started before it replaces the old one, which stays when anything fails. A version that asks for more than was agreed to waits for `consent`.",
      tags: ["installs"],
      access: { scope: "installs:write" },
      params: Type.Object({ id }),
      body: Type.Object({
        range: Type.Optional(range),
        consent: Type.Optional(consent),
        status: Type.Optional(status),
      }),
      responses: { 200: { description: "The install as it is now.", schema: installSchema } },
      errors: ["install-not-found", ...installing, ...admitting],
      async handler({ identity, params, body }) {
        return { status: 200, body: toBody(await installs.update(identity.tenantId, params.id, body)) };
      },
    }),

    tenantRoute({
      method: "DELETE",
      path: "/api/v1/installs/:id",
      operationId: "deleteInstall",
      summary: "Uninstall a plugin",
      tags: ["installs"],
      access: { scope: "installs:write" },
      params: Type.Object({ id }),
      responses: { 204: { description: "It is gone." } },
      errors: ["install-not-found", "install-in-use", "registry-unavailable", "registry-refused"],
      async handler({ identity, params }) {
        await installs.remove(identity.tenantId, params.id);
        return { status: 204 };
      },
    }),
  ];
}

function toBody({ id, plugin, version, status, createdAt, updatedAt }: Install) {
  return { id, plugin, version, status, createdAt, updatedAt };
}
