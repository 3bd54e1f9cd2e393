import { type Route, splitTarget } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../../kernel/access/index.ts";
import type { Connections } from "../../kernel/connections/index.ts";
import type { Installs, PluginRunner } from "../../kernel/plugins/index.ts";
import { type BodyHolder, holdUntilSent } from "./bodies.ts";
import { fromVendor, toVendor } from "./headers.ts";
import { vendorUrl } from "./vendor-url.ts";

const id = Type.String({ minLength: 1, maxLength: 64 });
const maxBodyBytes = 10 * 1024 * 1024;
const hostHeader = "plugboard-host";

/** Raw calls to the vendor: the connection's credential is added, and the plugin's permissions hold. */
export function createProxyRoutes(kernel: {
  connections: Pick<Connections, "use">;
  installs: Pick<Installs, "get">;
  runner: Pick<PluginRunner, "callVendor">;
  egress: BodyHolder;
}): Route[] {
  const { connections, installs, runner, egress } = kernel;
  const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
  return methods.map((method) =>
    tenantRoute({
      method,
      path: "/api/v1/connections/:id/proxy/*",
      operationId: `${method.toLowerCase()}ThroughConnection`,
      summary: `Send a ${method} to the vendor as it is`,
      description:
        "The request goes to the plugin's first host under this path, or to the one of its hosts that `Plugboard-Host` names, with the connection's credential, if the plugin's permissions cover it; the vendor's answer comes back with its status. Redirects are not followed. The vendor's rate limits, retries and the circuit breaker hold as for the plugin's own requests.",
      tags: ["connections"],
      access: { scope: "proxy:call" },
      params: Type.Object({ id, "*": Type.String({ maxLength: 4096 }) }),
      query: Type.Object({}, { additionalProperties: true }),
      ...(method !== "GET" && { body: { raw: ["*"], maxBytes: maxBodyBytes, isRead: "by the handler" } }),
      responses: {
        200: { description: "What the vendor answered, under its own status.", mediaType: "*/*" },
      },
      errors: [
        "connection-not-found",
        "connection-inactive",
        "install-disabled",
        "entitlement-required",
        "proxy-refused",
        "egress-refused",
        "hook-refused",
        "plugin-busy",
        "plugin-blocked",
        "plugin-crashed",
        "plugin-load-failed",
        "plugin-quarantined",
        "plugin-replaced",
        "plugin-tenant-busy",
        "release-not-trusted",
        "registry-unavailable",
        "vendor-rate-limited",
        "vendor-unavailable",
      ],
      async handler({ identity, params, body, signal, headers, method: asked, ctx }) {
        const { tenantId } = identity;
        const connection = await connections.use(tenantId, params.id);
        const { plugin: pluginId } = await installs.get(tenantId, connection.installId);
        const bodies = holdUntilSent(egress, { id: connection.id, tenantId, pluginId }, ctx.res);
        const sent = await bodies.read(body);
        const { path, search } = splitTarget(ctx.req.url ?? "/");
        const target = path.slice(path.indexOf("/proxy/") + "/proxy/".length);
        const host = headers[hostHeader];
        const reply = await runner.callVendor({
          install: () => installs.get(tenantId, connection.installId),
          connection,
          signal,
          requestOf: (manifest) => ({
            body: bodies.handOver(sent),
            method: asked,
            url: vendorUrl(manifest, connection.config, {
              path: target,
              search,
              host: Array.isArray(host) ? host.join() : host,
            }).href,
            headers: toVendor(headers),
            redirect: "manual",
          }),
        });
        return {
          // Whatever it is: the document cannot list what vendors answer.
          status: reply.status as 200,
          body: bodies.keep(reply.body),
          headers: fromVendor(reply.headers, (name) => ctx.res.hasHeader(name)),
        };
      },
    }),
  );
}
