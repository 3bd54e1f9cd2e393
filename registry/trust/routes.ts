import type { Route } from "@plugboard/service-kit/http";
import { route } from "../access.ts";
import { Root } from "./schemas.ts";
import type { Trust } from "./trust.ts";

export function trustRoutes(trust: Trust): Route[] {
  return [
    route({
      method: "GET",
      path: "/registry/v1/root",
      operationId: "getRoot",
      summary: "The public keys that this registry signs with",
      tags: ["trust"],
      access: "public",
      responses: { 200: { description: "The root.", schema: Root } },
      errors: [],
      async handler() {
        return { status: 200, body: await trust.root() };
      },
    }),
  ];
}
