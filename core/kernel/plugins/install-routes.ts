import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../access/index.ts";
import { sequencePosition, toPage, toPageRequest, toSequencePage } from "../paging.ts";
import { releaseOf } from "./install.ts";
import { channel, consent, historyEntry, id, installSchema, range, status } from "./install-schemas.ts";
import type { Install, Installs } from "./installs.ts";
import type { Quarantine } from "./quarantine/index.ts";
import type { RegistryTrust } from "./trust/index.ts";
import type { Updates } from "./updates/index.ts";

const installing = ["plugin-not-found", "no-matching-version", "consent-required", "entitlement-required"];
const admitting = [
  "approval-required",
  "install-changing",
  "policy-refused",
  "registry-unavailable",
  "registry-refused",
  "registry-not-trusted",
  "registry-stale",
  "release-not-trusted",
  "release-blocked",
  "release-quarantined",
  "plugin-load-failed",
  "lifecycle-hook-failed",
];
const moving = ["install-not-found", "upgrade-incompatible", "upgrade-conflict"];

/** What a tenant has installed. */
export function createInstallRoutes(kernel: {
  installs: Installs;
  quarantine: Pick<Quarantine, "of">;
  trust: Pick<RegistryTrust, "blockOf">;
  updates: Pick<Updates, "of">;
}): Route[] {
  const { installs, quarantine, trust, updates } = kernel;

  /** @param known the newer versions, where they were looked up for several installs */
  async function toBody(install: Install, known = updates.of(install.tenantId, [install.id])) {
    const { id, plugin, version, categories, status, channel, warnings, createdAt, updatedAt } = install;
    const block = trust.blockOf(install);
    // Both at once: of two that fail, one would be heard by nobody.
    const [held, updated] = await Promise.all([quarantine.of(releaseOf(install), install.tenantId), known]);
    const shown = held ? { reason: held.reason, since: held.since } : null;
    return {
      id,
      plugin,
      version,
      categories,
      status,
      quarantine: shown,
      blocked: block ? { reason: block.reason } : null,
      policy: install.policyRefusal,
      channel,
      update: updated.get(id) ?? null,
      ...(warnings && { warnings }),
      createdAt,
      updatedAt,
    };
  }

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
        channel: Type.Optional(channel),
      }),
      responses: { 201: { description: "The install.", schema: installSchema } },
      errors: ["tenant-not-found", ...installing, "already-installed", ...admitting],
      async handler({ identity, body }) {
        const install = await installs.create(identity.tenantId, body);
        return {
          status: 201,
          body: await toBody(install),
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
      query: Type.Object({
        ...pageQuery,
        update: Type.Optional(
          Type.Literal("available", { description: "Only those that there is a newer version of." }),
        ),
      }),
      responses: { 200: { description: "One page.", schema: page(installSchema) } },
      errors: [],
      async handler({ identity, query }) {
        const request = toPageRequest(query);
        const only = query.update === undefined ? undefined : "update";
        const found = await installs.list(identity.tenantId, request, only);
        const ids = found.map((install) => install.id);
        const known = updates.of(identity.tenantId, ids);
        const bodies = await Promise.all(found.map((install) => toBody(install, known)));
        return { status: 200, body: toPage(bodies, request) };
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
        return { status: 200, body: await toBody(await installs.get(identity.tenantId, params.id)) };
      },
    }),

    tenantRoute({
      method: "PATCH",
      path: "/api/v1/installs/:id",
      operationId: "updateInstall",
      summary: "Change the version, its channel, enable or disable",
      description:
        "Another version is verified and started, and its `upgrade` hook run, before it replaces the old one, which goes on when anything fails. Calls under way finish in the version that they began in. A version that asks for more than was agreed to waits for `consent`. A `channel`, also the same again, has what failed or was left tried once more.",
      tags: ["installs"],
      access: { scope: "installs:write" },
      params: Type.Object({ id }),
      body: Type.Object({
        range: Type.Optional(range),
        consent: Type.Optional(consent),
        status: Type.Optional(status),
        channel: Type.Optional(channel),
      }),
      responses: { 200: { description: "The install as it is now.", schema: installSchema } },
      errors: [...moving, ...installing, ...admitting],
      async handler({ identity, params, body }) {
        return { status: 200, body: await toBody(await installs.update(identity.tenantId, params.id, body)) };
      },
    }),

    tenantRoute({
      method: "POST",
      path: "/api/v1/installs/:id/rollback",
      operationId: "rollBackInstall",
      summary: "Go back to the version before",
      description:
        "Takes back the last change of the version that was not taken back yet; the history says to what. Storage keys that its `upgrade` hook had written come back as they were before it, also where calls have written to them since. Only the last versions are kept for this.",
      tags: ["installs"],
      access: { scope: "installs:write" },
      params: Type.Object({ id }),
      responses: { 200: { description: "The install as it is now.", schema: installSchema } },
      errors: [
        ...moving,
        "rollback-unavailable",
        "consent-required",
        "entitlement-required",
        "plugin-not-found",
        ...admitting,
      ],
      async handler({ identity, params }) {
        return { status: 200, body: await toBody(await installs.rollBack(identity.tenantId, params.id)) };
      },
    }),

    tenantRoute({
      method: "GET",
      path: "/api/v1/installs/:id/history",
      operationId: "listInstallHistory",
      summary: "List the versions that an install has had, the oldest first",
      tags: ["installs"],
      access: { scope: "installs:read" },
      params: Type.Object({ id }),
      query: Type.Object(pageQuery),
      responses: { 200: { description: "One page.", schema: page(historyEntry) } },
      errors: ["install-not-found"],
      async handler({ identity, params, query }) {
        const request = toPageRequest(query, sequencePosition);
        const found = await installs.history(identity.tenantId, params.id, request);
        return { status: 200, body: toSequencePage(found, request, ({ seq: _, ...shown }) => shown) };
      },
    }),

    tenantRoute({
      method: "DELETE",
      path: "/api/v1/installs/:id",
      operationId: "deleteInstall",
      summary: "Uninstall a plugin",
      description:
        "Its `uninstall` hook runs first. One that fails keeps the install, unless `force` is set; a plugin that cannot be started, or is in quarantine, is not asked.",
      tags: ["installs"],
      access: { scope: "installs:write" },
      params: Type.Object({ id }),
      query: Type.Object({
        force: Type.Optional(Type.Boolean({ description: "Uninstall also if the hook fails." })),
      }),
      responses: { 204: { description: "It is gone, with all that the plugin stored." } },
      errors: [
        "install-not-found",
        "install-in-use",
        "install-changing",
        "lifecycle-hook-failed",
        "registry-unavailable",
        "registry-refused",
      ],
      async handler({ identity, params, query }) {
        await installs.remove(identity.tenantId, params.id, { isForced: query.force ?? false });
        return { status: 204 };
      },
    }),
  ];
}
