import { InvalidInputError, type NormalizeContext, type NormalizedEvent } from "@plugboard/plugin-sdk";
import type { OrderNotice } from "./api.ts";

/** The API's names for what happens, and the plugin's. */
const types: { [type: string]: string } = { order_paid: "order.paid", order_cancelled: "order.cancelled" };

/**
 * Makes events of what the API sends. The host has verified the signature before, as plugin.json says, so it is the API
 * that speaks; what it says is looked at all the same. What is not about orders makes no event.
 */
export function normalize({ delivery }: Pick<NormalizeContext, "delivery">): NormalizedEvent[] {
  const notice = delivery.body as unknown as OrderNotice | undefined;
  const type = types[notice?.type ?? ""];
  if (!notice || type === undefined) return [];
  if (typeof notice.order?.id !== "string") throw new InvalidInputError("The notice has no order in it.");
  const { id, total, currency } = notice.order;
  return [{ type, id: notice.id, occurredAt: notice.createdAt, data: { id, total, currency } }];
}
