import type { Route } from "@plugboard/service-kit/http";
import { route } from "../access.ts";
import type { Checkpoints } from "./checkpoints.ts";
import { SignedCheckpoint } from "./schemas.ts";

export function checkpointRoutes(checkpoints: Pick<Checkpoints, "current">): Route[] {
  return [
    route({
      method: "GET",
      path: "/registry/v1/checkpoint",
      operationId: "getCheckpoint",
      summary: "The signed state of the registry: log, index and revocations, up to one place",
      description:
        "Hosts keep the highest they saw, and refuse one that goes back, has expired or does not follow.",
      tags: ["trust"],
      access: "public",
      responses: { 200: { description: "The checkpoint.", schema: SignedCheckpoint } },
      errors: [],
      async handler() {
        return { status: 200, body: { checkpoint: await checkpoints.current() } };
      },
    }),
  ];
}
