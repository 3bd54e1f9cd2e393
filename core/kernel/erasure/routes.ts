import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { adminRoute } from "../access/index.ts";
import type { Erasure } from "./erasure.ts";

/** The end of a tenant. */
export function createErasureRoutes({ erasure }: { erasure: Erasure }): Route[] {
  return [
    adminRoute({
      method: "DELETE",
      path: "/api/v1/tenants/:id",
      operationId: "eraseTenant",
      summary: "Erase a tenant, for good",
      description:
        "At once: its API keys and connections work no more. Then, in the background: vendors are told that its tokens have ended, the keys that its secrets are sealed under are destroyed (backups of them do not open any more either), its plugins are uninstalled, and all that is stored of it is deleted. When that is done, `GET` answers `tenant-not-found`. Repeating it does no harm.",
      tags: ["tenants"],
      access: "admin",
      params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }),
      responses: { 202: { description: "It has begun." } },
      errors: ["tenant-not-found"],
      async handler({ params: { id } }) {
        await erasure.begin(id);
        return { status: 202 };
      },
    }),
  ];
}
