import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { adminRoute } from "../access/index.ts";
import type { RotationJobs } from "./jobs.ts";
import type { Rotation } from "./rotation.ts";

const state = Type.Object(
  {
    keyManagement: Type.String({
      description: "Who wraps the data keys: `local`, or a key management service.",
    }),
    currentKeyId: Type.String({ description: "The master key that wraps now." }),
    keyIds: Type.Array(Type.String(), { description: "All master keys that this host has." }),
    toRewrap: Type.Integer({
      description: "Keys that are still under an earlier master key. At 0 it can go.",
    }),
    tenants: Type.Integer({ description: "Tenants that have a data key." }),
    rotating: Type.Integer({
      description: "Tenants that still have an earlier data key beside the current one.",
    }),
    toReseal: Type.Integer({ description: "Secrets that are still under an earlier data key." }),
  },
  { title: "VaultState" },
);

/** The keys that tenants' secrets are sealed under: how a rotation goes, and its beginning. */
export function createVaultRoutes(options: {
  rotation: Rotation;
  rewrap: () => void;
  jobs: Pick<RotationJobs, "send">;
  now: () => Promise<Date>;
}): Route[] {
  const { rotation, rewrap, jobs, now } = options;
  return [
    adminRoute({
      method: "GET",
      path: "/api/v1/vault",
      operationId: "getVault",
      summary: "How far the rotation of keys has come",
      tags: ["vault"],
      access: "admin",
      responses: { 200: { description: "What is under which key.", schema: state } },
      errors: [],
      handler: async () => ({ status: 200, body: await rotation.state() }),
    }),

    adminRoute({
      method: "POST",
      path: "/api/v1/vault/rewrap",
      operationId: "rewrapKeys",
      summary: "Wrap the data keys under the current master key",
      description:
        "It happens by itself within ten minutes of a start with a new master key; this begins at once.",
      tags: ["vault"],
      access: "admin",
      responses: { 202: { description: "It has begun, in the background.", schema: state } },
      errors: [],
      async handler() {
        rewrap();
        return { status: 202, body: await rotation.state() };
      },
    }),

    adminRoute({
      method: "POST",
      path: "/api/v1/vault/rotate",
      operationId: "rotateDataKeys",
      summary: "Give one tenant, or all, a new data key, and seal anew what is under the old one",
      tags: ["vault"],
      access: "admin",
      body: Type.Object({
        tenantId: Type.Optional(
          Type.String({ minLength: 1, maxLength: 64, description: "Which tenant; without it, all of them." }),
        ),
      }),
      responses: { 202: { description: "It has begun, in the background.", schema: state } },
      errors: ["tenant-not-found"],
      async handler({ body: { tenantId } }) {
        if (tenantId === undefined) await jobs.send(await now());
        else {
          await rotation.rotate(tenantId);
          await jobs.send();
        }
        return { status: 202, body: await rotation.state() };
      },
    }),
  ];
}
