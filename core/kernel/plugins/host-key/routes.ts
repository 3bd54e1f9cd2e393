import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { adminRoute } from "../../access/index.ts";
import { asCoreError } from "../registry-problems.ts";
import type { HostKey } from "./host-key.ts";

/** For whoever runs this host. */
export function createHostKeyRoutes({ hostKey }: { hostKey: Pick<HostKey, "rotate"> }): Route[] {
  return [
    adminRoute({
      method: "POST",
      path: "/api/v1/host-key/rotation",
      operationId: "rotateHostKey",
      summary: "Sign reports to the registry with a new key from now on",
      description: "The registry takes the key before for another day.",
      tags: ["operations"],
      access: "admin",
      responses: {
        200: {
          description: "The new key.",
          schema: Type.Object({ kid: Type.String({ description: "RFC 7638 thumbprint." }) }),
        },
      },
      errors: ["registry-refused", "registry-unavailable"],
      async handler() {
        const rotated = await hostKey.rotate().catch((error) => {
          throw asCoreError(error);
        });
        return { status: 200, body: rotated };
      },
    }),
  ];
}
