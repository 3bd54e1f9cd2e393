import { randomUUID } from "node:crypto";
import {
  type Order,
  type OrderAction,
  type SigningKeyPair,
  signStatement,
  statementTypes,
} from "@plugboard/plugin-sdk/trust";
import { claimFor } from "./registry.ts";

/** Signs an order as `plugboard` does. @param more members that differ */
export async function orderOf(
  publisher: string,
  key: SigningKeyPair,
  action: OrderAction,
  more: Partial<Order> = {},
): Promise<string> {
  const order: Order = {
    publisher,
    audience: "plugboard-registry",
    issuedAt: new Date().toISOString(),
    nonce: randomUUID(),
    action,
    ...more,
  };
  return signStatement(statementTypes.order, order, key);
}

/** An order to sign with `added` from now on as well. */
export async function orderToAdd(publisher: string, key: SigningKeyPair, added: SigningKeyPair) {
  const claim = await claimFor(publisher, added);
  return orderOf(publisher, key, { type: "add-key", key: added.publicJwk, claim });
}
