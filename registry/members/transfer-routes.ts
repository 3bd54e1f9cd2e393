import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { accountRoute } from "../accounts/index.ts";
import { publisherName } from "../names.ts";
import { Transfer, TransferAcceptance, TransferRequest, transferId } from "./schemas.ts";
import type { Transfers } from "./transfers.ts";

const tags = ["publishers"];
const params = Type.Object({ id: transferId });

export function transferRoutes(transfers: Transfers): Route[] {
  return [
    accountRoute({
      method: "POST",
      path: "/registry/v1/publishers/:publisher/transfers",
      operationId: "offerPublisher",
      summary: "Offer a publisher to another account, for a week",
      tags,
      access: "account",
      params: Type.Object({ publisher: publisherName }),
      body: TransferRequest,
      responses: { 201: { description: "The offer.", schema: Transfer } },
      errors: ["account-not-found", "forbidden", "not-a-member", "transfer-open"],
      async handler({ params: { publisher }, identity, body }) {
        return { status: 201, body: await transfers.offer(publisher, identity, body.to) };
      },
    }),
    accountRoute({
      method: "GET",
      path: "/registry/v1/account/transfers",
      operationId: "listTransfers",
      summary: "Offers to this account, and by it, that wait for an answer",
      tags,
      access: "account",
      responses: {
        200: { description: "The offers.", schema: Type.Object({ items: Type.Array(Transfer) }) },
      },
      errors: [],
      async handler({ identity }) {
        return { status: 200, body: { items: await transfers.list(identity) } };
      },
    }),
    accountRoute({
      method: "POST",
      path: "/registry/v1/transfers/:id/accept",
      operationId: "acceptPublisher",
      summary: "Take a publisher over, with a key of one's own",
      description:
        "All keys before sign no more, and what they signed stays good. The new owner is the only member, and the operator's badge goes.",
      tags,
      access: "account",
      params,
      body: TransferAcceptance,
      responses: { 200: { description: "The offer, accepted.", schema: Transfer } },
      errors: [
        "claim-invalid",
        "forbidden",
        "publisher-key-exists",
        "publisher-key-unknown",
        "signature-invalid",
        "statement-malformed",
        "statement-wrong-type",
        "too-many-publisher-keys",
        "transfer-not-found",
      ],
      async handler({ params: { id }, identity, body }) {
        return { status: 200, body: await transfers.accept(id, identity, body) };
      },
    }),
    accountRoute({
      method: "POST",
      path: "/registry/v1/transfers/:id/decline",
      operationId: "declinePublisher",
      summary: "Say no to an offer, or take one's own back",
      tags,
      access: "account",
      params,
      responses: { 200: { description: "The offer, ended.", schema: Transfer } },
      errors: ["forbidden", "transfer-not-found"],
      async handler({ params: { id }, identity }) {
        return { status: 200, body: await transfers.decline(id, identity) };
      },
    }),
  ];
}
