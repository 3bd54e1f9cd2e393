import type { Route } from "@plugboard/service-kit/http";
import { route } from "../access.ts";
import { CheckedInstalls, UpdateCheck } from "./schemas.ts";
import type { Updates } from "./updates.ts";

export function updateRoutes(updates: Updates): Route[] {
  return [
    route({
      method: "POST",
      path: "/registry/v1/update-checks",
      operationId: "checkUpdates",
      summary: "What installs of one plugin may move to",
      description:
        "For all tenants of a host at once: versions that are neither withdrawn nor deprecated, that run on the host and that the tenant's policy allows. It changes nothing; an install is moved with PATCH, where all of it is asked again.",
      tags: ["installs"],
      access: "host",
      body: UpdateCheck,
      responses: { 200: { description: "Each install that is there.", schema: CheckedInstalls } },
      errors: [],
      async handler({ identity, body }) {
        return { status: 200, body: { items: await updates.check(body, identity.host) } };
      },
    }),
  ];
}
