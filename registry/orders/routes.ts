import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { bearerOf } from "../bearer.ts";
import { exactVersion, pluginName, publisherName } from "../names.ts";
import type { Orders } from "./orders.ts";
import {
  AdoptedKey,
  BlockRequest,
  CarriedOut,
  GivenKey,
  KeyRequest,
  KeyRevocation,
  kid,
  OrderRequest,
} from "./schemas.ts";

const ofPublisher = Type.Object({ publisher: publisherName });
const ofVersion = Type.Object({ publisher: publisherName, name: pluginName, version: exactVersion });
const signed = [
  "claim-invalid",
  "publisher-key-unknown",
  "signature-invalid",
  "statement-malformed",
  "statement-wrong-type",
];

export function orderRoutes(orders: Orders): Route[] {
  const block = "/registry/v1/plugins/:publisher/:name/:version/block";
  return [
    route({
      method: "POST",
      path: "/registry/v1/publishers/:publisher/orders",
      operationId: "carryOutOrder",
      summary: "Change a publisher's keys, or withdraw and deprecate versions",
      description:
        "The signature is the authentication; besides it a member's token, where the publisher asks for one (of an owner, for its keys). Each order is carried out once, and stands in the public log.",
      tags: ["publishers"],
      access: "public",
      params: ofPublisher,
      body: OrderRequest,
      maxBodyBytes: 64 * 1024,
      responses: { 200: { description: "It was carried out.", schema: CarriedOut } },
      errors: [
        ...signed,
        "forbidden",
        "last-publisher-key",
        "not-a-member",
        "order-invalid",
        "order-replayed",
        "publisher-key-exists",
        "publisher-not-found",
        "rate-limited",
        "too-many-publisher-keys",
        "unauthorized",
        "version-not-found",
      ],
      async handler({ params, body, ...request }) {
        const by = { token: bearerOf(request), ip: request.ip };
        return { status: 200, body: await orders.carryOut(params.publisher, body.order, by) };
      },
    }),
    route({
      method: "POST",
      path: "/registry/v1/publishers/:publisher/keys",
      operationId: "giveKey",
      summary: "Give a publisher that has lost its keys another one",
      tags: ["publishers"],
      access: "operator",
      params: ofPublisher,
      body: KeyRequest,
      responses: { 201: { description: "It signs with it now.", schema: GivenKey } },
      errors: [...signed, "publisher-key-exists", "publisher-not-found", "too-many-publisher-keys"],
      async handler({ params, body }) {
        return { status: 201, body: await orders.giveKey(params.publisher, body) };
      },
    }),
    route({
      method: "PUT",
      path: "/registry/v1/publishers/:publisher/adopted-key",
      operationId: "adoptKey",
      summary: "Take a publisher's key over from another registry",
      description:
        "For packages that come from there, in a bundle. The publisher comes with it, if nobody has the name; nobody has to prove that they hold the key.",
      tags: ["publishers"],
      access: "operator",
      params: ofPublisher,
      body: AdoptedKey,
      responses: { 204: { description: "The publisher signs with it here too." } },
      errors: ["publisher-key-revoked", "publisher-taken"],
      async handler({ params, body }) {
        await orders.adoptKey(params.publisher, body);
        return { status: 204 };
      },
    }),
    route({
      method: "POST",
      path: "/registry/v1/publishers/:publisher/keys/:kid/revocation",
      operationId: "revokeKey",
      summary: "Revoke a publisher's key for it",
      tags: ["publishers"],
      access: "operator",
      params: Type.Object({ publisher: publisherName, kid }),
      body: KeyRevocation,
      responses: { 204: { description: "It counts no further." } },
      errors: ["publisher-key-unknown", "publisher-not-found"],
      async handler({ params, body }) {
        await orders.revokeKey(params.publisher, { kid: params.kid, from: body.from });
        return { status: 204 };
      },
    }),
    route({
      method: "PUT",
      path: block,
      operationId: "blockVersion",
      summary: "Have hosts stop a version",
      description:
        "Installed or not; hosts learn of it when they next look, a minute later at most unless told otherwise.",
      tags: ["catalog"],
      access: "operator",
      params: ofVersion,
      body: BlockRequest,
      responses: { 204: { description: "It is blocked." } },
      errors: ["version-not-found"],
      async handler({ params, body }) {
        await orders.block(nameOf(params), body.reason);
        return { status: 204 };
      },
    }),
    route({
      method: "DELETE",
      path: block,
      operationId: "unblockVersion",
      summary: "Let hosts run a version again",
      tags: ["catalog"],
      access: "operator",
      params: ofVersion,
      responses: { 204: { description: "It is blocked no more." } },
      errors: ["version-not-found"],
      async handler({ params }) {
        await orders.unblock(nameOf(params));
        return { status: 204 };
      },
    }),
  ];
}

function nameOf({ publisher, name, version }: { publisher: string; name: string; version: string }) {
  return { plugin: `${publisher}/${name}`, version };
}
