import { randomUUID } from "node:crypto";
import { type Order, type OrderAction, signStatement, statementTypes } from "../../trust/index.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import type { Registry } from "../registry/index.ts";
import { findSigningKey } from "../signing/index.ts";

/**
 * Signs an order with a key that the registry knows, and sends it.
 *
 * @param o.butNot a key that should not sign it, if there is another: the one that it is about
 * @returns its place in the registry's log
 * @throws {CliFailure} when the profile has no key that the registry knows, or the registry refuses
 */
export async function sendOrder(o: {
  host: CliHost;
  registry: Registry;
  publisher: string;
  action: OrderAction;
  butNot?: string;
}): Promise<{ seq: number }> {
  const { host, registry, publisher, action, butNot } = o;
  const record = await registry.findPublisher(publisher);
  if (!record)
    throw new CliFailure(
      "publisher-unregistered",
      `The publisher "${publisher}" is not registered at ${registry.url}.`,
    );
  const others = record.keys.filter((kid) => kid !== butNot);
  const key = await findSigningKey(host, publisher, others).catch((error) => {
    if (butNot === undefined || !record.keys.includes(butNot)) throw error;
    return findSigningKey(host, publisher, [butNot]);
  });
  const order: Order = {
    publisher,
    audience: "plugboard-registry",
    issuedAt: new Date().toISOString(),
    nonce: randomUUID(),
    action,
  };
  return registry.carryOutOrder(publisher, await signStatement(statementTypes.order, order, key));
}
