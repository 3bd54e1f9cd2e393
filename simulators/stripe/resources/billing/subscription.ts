import type Stripe from "stripe";
import { text } from "../../params/kinds.ts";
import { given, mergeMetadata } from "../../records/change.ts";
import type { Subscription } from "../../records/shapes.ts";
import { numeric, token } from "../../search/index.ts";
import { created, equal } from "../core/filters.ts";
import { boolean, choice, hash, integer, list, metadata, priceData, reference } from "../core/kinds.ts";
import { defineResource, operation } from "../core/resource.ts";
import { addSubscription } from "./add-subscription.ts";
import { changeItems } from "./subscription-items.ts";

const item = { price: reference, price_data: priceData, quantity: integer, metadata };
const timeOrNow = { kind: "either", choice: ["now"], else: integer } as const;

const fields = {
  cancel_at: integer,
  cancel_at_period_end: boolean,
  collection_method: choice("charge_automatically", "send_invoice"),
  days_until_due: { kind: "integer", min: 0 },
  default_payment_method: reference,
  description: text(500),
  metadata,
  off_session: boolean,
  payment_behavior: choice(
    "allow_incomplete",
    "default_incomplete",
    "error_if_incomplete",
    "pending_if_incomplete",
  ),
  proration_behavior: choice("always_invoice", "create_prorations", "none"),
  trial_end: timeOrNow,
} as const;

/** https://docs.stripe.com/api/subscriptions. Periods do not end by themselves, and changes are not prorated. */
export const subscription = defineResource<"subscription">({
  name: "subscription",
  path: "/v1/subscriptions",
  permission: "subscription",
  create: operation<Stripe.SubscriptionCreateParams, Subscription>({
    params: {
      ...fields,
      currency: { kind: "currency" },
      customer: reference,
      items: list(hash(item)),
      trial_period_days: { kind: "integer", min: 1, max: 730 },
    },
    required: ["customer", "items"],
    run: addSubscription,
  }),
  update: operation<Stripe.SubscriptionUpdateParams, Subscription, [Subscription]>({
    params: {
      ...fields,
      cancellation_details: hash({ comment: text(5000), feedback: text(100) }),
      items: list(hash({ ...item, id: reference, deleted: boolean, clear_usage: boolean })),
      pause_collection: hash(
        { behavior: choice("keep_as_draft", "mark_uncollectible", "void"), resumes_at: integer },
        "behavior",
      ),
    },
    run(call, params, before) {
      const isEnding = params.cancel_at_period_end ?? before.cancel_at_period_end;
      const periodEnd = before.items.data[0]?.current_period_end ?? call.now;
      const isTrialOver = params.trial_end === "now" && before.status === "trialing";
      return call.save(
        "subscription",
        {
          ...before,
          ...(given(
            params,
            "cancel_at",
            "collection_method",
            "days_until_due",
            "default_payment_method",
            "description",
            "pause_collection",
          ) as Partial<Subscription>),
          ...(params.cancel_at_period_end !== undefined && {
            cancel_at_period_end: isEnding,
            cancel_at: isEnding ? periodEnd : null,
            canceled_at: isEnding ? call.now : null,
          }),
          ...(isTrialOver && { status: "active" as const, trial_end: call.now }),
          ...(typeof params.trial_end === "number" && { trial_end: params.trial_end }),
          items: params.items ? changeItems(call, before, params.items) : before.items,
          metadata: mergeMetadata(before.metadata, params.metadata),
        },
        "customer.subscription.updated",
      );
    },
  }),
  remove: operation<Stripe.SubscriptionCancelParams, object, [Subscription]>({
    params: {
      cancellation_details: hash({ comment: text(5000), feedback: text(100) }),
      invoice_now: boolean,
      prorate: boolean,
    },
    run(call, params, before) {
      const details = params.cancellation_details;
      return call.save(
        "subscription",
        {
          ...before,
          status: "canceled",
          canceled_at: call.now,
          ended_at: call.now,
          cancel_at_period_end: false,
          cancellation_details: {
            comment: details?.comment || null,
            feedback: details?.feedback || null,
            feedback_option: null,
            reason: "cancellation_requested",
          },
        },
        "customer.subscription.deleted",
      );
    },
  }),
  list: {
    filters: {
      collection_method: equal("collection_method"),
      created,
      customer: equal("customer"),
      price: {
        kind: reference,
        fits: ({ items }, id) => items.data.some(({ price }) => price.id === id),
      },
      status: {
        kind: choice(
          ...[
            "active",
            "all",
            "canceled",
            "ended",
            "incomplete",
            "incomplete_expired",
            "past_due",
            "paused",
            "trialing",
            "unpaid",
          ],
        ),
        fits: ({ status }, wanted) =>
          wanted === "all" ||
          status === wanted ||
          (wanted === "ended" && ["canceled", "incomplete_expired"].includes(status)),
      },
    },
    keep: ({ status }, params) => params.status !== undefined || status !== "canceled",
  },
  search: { canceled_at: numeric, created: numeric, status: token },
  references: {
    customer: "customer",
    default_payment_method: "payment_method",
    latest_invoice: "invoice",
  },
});
