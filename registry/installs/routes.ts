import { decodeCursor, encodeCursor, page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { tenantId } from "../names.ts";
import type { Installs } from "./installs.ts";
import { ChangeRequest, Install, InstallRequest, InstallWithHistory, statusFilter } from "./schemas.ts";
import { wishedRange } from "./wished-range.ts";

const installs = "/registry/v1/tenants/:tenantId/installs";
const ofTenant = Type.Object({ tenantId });
const installId = Type.String({ pattern: "^ins_[0-9a-f]{32}$" });
const ofInstall = Type.Object({ tenantId, id: installId });

export function installRoutes(service: Installs): Route[] {
  return [
    route({
      method: "POST",
      path: installs,
      operationId: "install",
      summary: "Install a plugin for a tenant",
      description:
        "Without the right `consent` it is refused with what the version asks for and the digest that agrees.",
      tags: ["installs"],
      access: "host",
      params: ofTenant,
      body: InstallRequest,
      responses: { 201: { description: "Installed.", schema: Install } },
      errors: [
        "already-installed",
        "approval-required",
        "consent-required",
        "entitlement-required",
        "policy-refused",
        "no-matching-version",
        "plugin-not-found",
        "version-blocked",
      ],
      async handler({ params, body, identity }) {
        const wish = {
          plugin: body.plugin,
          range: wishedRange({ range: body.range ?? "*" }),
          consent: body.consent,
          caller: identity.caller,
        };
        return { status: 201, body: await service.install(params.tenantId, wish) };
      },
    }),
    route({
      method: "GET",
      path: installs,
      operationId: "listInstalls",
      summary: "What a tenant has installed",
      tags: ["installs"],
      access: "host",
      params: ofTenant,
      query: Type.Object({ status: statusFilter, ...pageQuery }),
      responses: { 200: { description: "A page of installs, oldest first.", schema: page(Install) } },
      errors: [],
      async handler({ params, query }) {
        const { status, limit } = query;
        const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, installId);
        const found = await service.list(params.tenantId, { status, limit: limit + 1, after });
        const items = found.slice(0, limit);
        const last = items.at(-1);
        const nextCursor = found.length > limit && last ? encodeCursor(last.id) : null;
        return { status: 200, body: { items, nextCursor } };
      },
    }),
    route({
      method: "GET",
      path: `${installs}/:id`,
      operationId: "getInstall",
      summary: "One install with its history",
      tags: ["installs"],
      access: "host",
      params: ofInstall,
      responses: { 200: { description: "The install.", schema: InstallWithHistory } },
      errors: ["install-not-found"],
      async handler({ params }) {
        return { status: 200, body: await service.get(params.tenantId, params.id) };
      },
    }),
    route({
      method: "PATCH",
      path: `${installs}/:id`,
      operationId: "changeInstall",
      summary: "Move an install to another version, up or down",
      description:
        "A version that asks for permissions which this install was not consented to before needs `consent`; until then the " +
        "old version stays. With `ifVersion` only an install that is at that version is changed; with `setsBack` besides, a " +
        "change that the host could not carry out is taken back.",
      tags: ["installs"],
      access: "host",
      params: ofInstall,
      body: ChangeRequest,
      responses: { 200: { description: "The install at its new version.", schema: Install } },
      errors: [
        "approval-required",
        "consent-required",
        "entitlement-required",
        "install-changed",
        "policy-refused",
        "install-ended",
        "install-not-found",
        "no-matching-version",
        "version-blocked",
      ],
      async handler({ params, body }) {
        const { consent, ifVersion, setsBack } = body;
        const wish = { range: wishedRange(body), consent, ifVersion, setsBack };
        return { status: 200, body: await service.change(params.tenantId, params.id, wish) };
      },
    }),
    route({
      method: "DELETE",
      path: `${installs}/:id`,
      operationId: "uninstall",
      summary: "Uninstall; the history stays",
      tags: ["installs"],
      access: "host",
      params: ofInstall,
      responses: { 204: { description: "Uninstalled." } },
      errors: ["install-not-found"],
      async handler({ params }) {
        await service.uninstall(params.tenantId, params.id);
        return { status: 204 };
      },
    }),
  ];
}
