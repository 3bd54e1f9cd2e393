import type { Route } from "@plugboard/service-kit/http";
import { route } from "../../access.ts";
import type { BillingEvent, BillingProvider } from "./provider.ts";

/** Larger than any event of a payment there is. */
const maxBytes = 256 * 1024;

/** Where the provider says what became of a purchase. Whether it was the provider, only the provider's own code can tell. */
export function billingWebhookRoute(o: {
  provider: Pick<BillingProvider, "webhook">;
  /** Carries it out; what was done before is done. */
  apply(event: BillingEvent): Promise<void>;
}): Route {
  return route({
    method: "POST",
    path: "/registry/v1/billing/webhook",
    operationId: "receiveBillingWebhook",
    summary: "For whoever takes the money: what became of a purchase",
    tags: ["billing"],
    access: "public",
    body: { raw: ["*"], maxBytes },
    responses: { 204: { description: "Done." } },
    errors: ["purchase-not-found", "purchase-settled", "webhook-refused"],
    async handler({ headers, body }) {
      for (const event of await o.provider.webhook({ headers, body })) await o.apply(event);
      return { status: 204 };
    },
  });
}
