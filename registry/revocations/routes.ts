import type { Route } from "@plugboard/service-kit/http";
import { route } from "../access.ts";
import type { RegistryDatabase } from "../tables.ts";
import { Revocations } from "../transparency/index.ts";
import { listRevocations } from "./revocations.ts";

export function revocationRoutes({ db }: { db: RegistryDatabase }): Route[] {
  return [
    route({
      method: "GET",
      path: "/registry/v1/revocations",
      operationId: "getRevocations",
      summary: "All versions that hosts do not run, and keys that were revoked after they signed some",
      description: "A checkpoint names it by the SHA-256 of its canonical JSON (RFC 8785).",
      tags: ["trust"],
      access: "public",
      responses: { 200: { description: "The whole list.", schema: Revocations } },
      errors: [],
      async handler() {
        return { status: 200, body: await listRevocations(db) };
      },
    }),
  ];
}
