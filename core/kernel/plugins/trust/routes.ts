import { thumbprint } from "@plugboard/plugin-sdk/trust";
import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { adminRoute } from "../../access/index.ts";
import type { RegistryTrust } from "./registry-trust.ts";

const place = { seq: Type.Integer({ description: "Place in the registry's log." }), logHead: Type.String() };
const time = Type.String({ format: "date-time" });

const trustSchema = Type.Object(
  {
    root: Type.Object({
      version: Type.Integer(),
      threshold: Type.Integer(),
      keys: Type.Array(Type.String(), { description: "RFC 7638 thumbprints of the root keys." }),
      expiresAt: time,
    }),
    checkpoint: Type.Object({
      ...place,
      expiresAt: time,
      signed: Type.String({ description: "Compact JWS, for another host to compare its registry with." }),
    }),
    blocked: Type.Array(
      Type.Object({ plugin: Type.String(), version: Type.String(), reason: Type.String() }),
      { description: "Versions that this host does not run." },
    ),
  },
  { title: "RegistryTrust" },
);

/** What this host believes of its registry, for whoever runs it. */
export function createTrustRoutes({ trust }: { trust: Pick<RegistryTrust, "state" | "compare"> }): Route[] {
  return [
    adminRoute({
      method: "GET",
      path: "/api/v1/registry-trust",
      operationId: "getRegistryTrust",
      summary: "The root and the checkpoint that this host goes by",
      tags: ["registry"],
      access: "admin",
      responses: { 200: { description: "What it believes now.", schema: trustSchema } },
      errors: ["registry-not-trusted", "registry-unavailable", "release-not-trusted"],
      async handler() {
        const { root, checkpoint, signedCheckpoint, revocations } = await trust.state();
        return {
          status: 200,
          body: {
            root: {
              version: root.version,
              threshold: root.threshold,
              keys: await Promise.all(root.rootKeys.map(thumbprint)),
              expiresAt: root.expiresAt,
            },
            checkpoint: {
              seq: checkpoint.seq,
              logHead: checkpoint.logHead,
              expiresAt: checkpoint.expiresAt,
              signed: signedCheckpoint,
            },
            blocked: revocations.blocked.map(({ plugin, version, reason }) => ({ plugin, version, reason })),
          },
        };
      },
    }),

    adminRoute({
      method: "POST",
      path: "/api/v1/registry-trust/comparison",
      operationId: "compareRegistry",
      summary: "Hold another host's checkpoint against the log that this host is shown",
      description:
        "A registry that tells its hosts different things is found out when they compare: `registry-not-trusted` says that it does.",
      tags: ["registry"],
      access: "admin",
      body: Type.Object({ checkpoint: Type.String({ minLength: 1, maxLength: 8192 }) }),
      responses: { 200: { description: "Both are of one history.", schema: Type.Object(place) } },
      errors: ["registry-not-trusted", "registry-unavailable", "release-not-trusted"],
      async handler({ body }) {
        const { seq, logHead } = await trust.compare(body.checkpoint);
        return { status: 200, body: { seq, logHead } };
      },
    }),
  ];
}
