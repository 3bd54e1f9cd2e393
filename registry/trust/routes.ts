import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { MadeKey, type PublicKey, Root, RootRequest, RootVersion, RotationRequest } from "./schemas.ts";
import type { Trust } from "./trust.ts";

export function trustRoutes(trust: Trust): Route[] {
  const current = async () => {
    const { root, signed } = await trust.root();
    return { version: root.version, signatures: signed.signatures };
  };
  return [
    route({
      method: "GET",
      path: "/registry/v1/root",
      operationId: "getRoot",
      summary: "The root in force: whom to believe about this registry",
      tags: ["trust"],
      access: "public",
      responses: { 200: { description: "The root.", schema: Root } },
      errors: [],
      async handler() {
        return { status: 200, body: await current() };
      },
    }),
    route({
      method: "GET",
      path: "/registry/v1/root/:version",
      operationId: "getRootVersion",
      summary: "One root of all there were",
      description: "A host that was away follows them one by one, each signed by the one before.",
      tags: ["trust"],
      access: "public",
      params: Type.Object({ version: Type.String({ pattern: "^[1-9][0-9]{0,5}$" }) }),
      responses: { 200: { description: "The root.", schema: Root } },
      errors: ["root-not-found"],
      async handler({ params }) {
        const version = Number(params.version);
        return { status: 200, body: { version, ...(await trust.signedRoot(version)) } };
      },
    }),
    route({
      method: "POST",
      path: "/registry/v1/root",
      operationId: "publishRoot",
      summary: "Publish the next root",
      description:
        "Signed by the threshold of the root in force and by its own. Root keys that the registry keeps itself sign along.",
      tags: ["trust"],
      access: "operator",
      body: RootRequest,
      responses: { 201: { description: "It is in force.", schema: RootVersion } },
      errors: ["root-refused"],
      async handler({ body }) {
        const { version } = await trust.publishRoot(body);
        return { status: 201, body: { version } };
      },
    }),
    route({
      method: "POST",
      path: "/registry/v1/online-keys",
      operationId: "makeOnlineKey",
      summary: "Make an online key for the next root to name",
      description: "It signs nothing until a root names it. The private half never leaves the registry.",
      tags: ["trust"],
      access: "operator",
      responses: { 201: { description: "The public half.", schema: MadeKey } },
      errors: [],
      async handler() {
        const { kty, crv, x } = await trust.makeOnlineKey();
        return { status: 201, body: { key: { kty, crv, x } as PublicKey } };
      },
    }),
    route({
      method: "POST",
      path: "/registry/v1/online-keys/rotation",
      operationId: "rotateOnlineKey",
      summary: "Put a new online key in the place of the one in use",
      description:
        "For a registry that keeps its root keys itself. What the old key signed stays good; a stolen one is believed only " +
        "where a checkpoint of the new one says so.",
      tags: ["trust"],
      access: "operator",
      body: RotationRequest,
      responses: {
        201: { description: "The root that says so.", schema: RootVersion },
      },
      errors: ["root-keys-offline", "root-refused"],
      async handler({ body }) {
        const { version } = await trust.rotateOnlineKey({ stolen: body.stolen === true, until: body.until });
        return { status: 201, body: { version } };
      },
    }),
  ];
}
