import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import type { Hosts } from "./hosts.ts";
import { Host, HostAnnouncement, HostKey, hostId, kid } from "./schemas.ts";

const tags = ["hosts"];

export function hostRoutes(hosts: Hosts): Route[] {
  return [
    route({
      method: "POST",
      path: "/registry/v1/hosts",
      operationId: "announceHost",
      summary: "Show the key that a host signs its reports with",
      description:
        "An unknown key makes a new host, unless `vouch` says that it follows the one before. The same key again is the same host.",
      tags,
      access: "host",
      body: HostAnnouncement,
      responses: { 200: { description: "The host.", schema: Host } },
      errors: [
        "host-key-unknown",
        "host-proof-invalid",
        "signature-invalid",
        "statement-malformed",
        "statement-wrong-type",
      ],
      async handler({ identity, body }) {
        return { status: 200, body: await hosts.announce(identity.caller, body) };
      },
    }),
    route({
      method: "POST",
      path: "/registry/v1/hosts/:hostId/keys/:kid/end",
      operationId: "endHostKey",
      summary: "End a key of a host's that was stolen, now",
      tags,
      access: "operator",
      params: Type.Object({ hostId, kid }),
      responses: { 200: { description: "The key.", schema: HostKey } },
      errors: ["host-key-not-found"],
      async handler({ params }) {
        return { status: 200, body: await hosts.endKey(params.hostId, params.kid) };
      },
    }),
  ];
}
