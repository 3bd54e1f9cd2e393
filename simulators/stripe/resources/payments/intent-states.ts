import type Stripe from "stripe";
import { cardError, invalidRequest, StripeApiError } from "../../errors.ts";
import type { Call } from "../../records/call.ts";
import { idOf, mergeMetadata } from "../../records/change.ts";
import { addBalanceTransaction, paymentFee } from "./balance-transaction.ts";
import { addCharge } from "./charge.ts";
import { attach, outcomeOf, usePaymentMethod } from "./payment-method.ts";
import type { Outcome } from "./test-cards.ts";

type Intent = Stripe.PaymentIntent;

interface Confirmation {
  payment_method?: string;
  return_url?: string;
  off_session?: unknown;
  error_on_requires_action?: boolean;
  /** The buyer agreed at the bank. */
  agreed?: boolean;
}

const confirmable: string[] = ["requires_payment_method", "requires_confirmation", "requires_action"];

/**
 * Pays.
 *
 * @throws {StripeApiError} 402 when the card is declined; the intent then waits for another payment method
 */
export function confirmIntent(call: Call, intent: Intent, given: Confirmation): Intent {
  if (!confirmable.includes(intent.status))
    throw unexpectedState(
      intent,
      `You cannot confirm this PaymentIntent because it has already ${intent.status === "canceled" ? "been canceled" : "succeeded after being previously confirmed"}.`,
    );
  const methodId = given.payment_method ?? idOf(intent.payment_method);
  if (methodId === null)
    throw unexpectedState(
      intent,
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
    );
  refuseWithoutReturnUrl(intent, given);
  const found = usePaymentMethod(call, methodId);
  const customer = idOf(intent.customer);
  const isKept = customer !== null && intent.setup_future_usage !== null && found.customer === null;
  const method = isKept ? attach(call, found, customer) : found;
  const outcome: Outcome = given.agreed ? { kind: "approved" } : outcomeOf(call, method);
  const paying = { ...intent, payment_method: method.id, last_payment_error: null, next_action: null };
  if (outcome.kind === "requires_action") return askBuyer(call, paying, given, method);
  const charge = addCharge(call, paying, method, outcome);
  if (outcome.kind === "declined") return decline(call, paying, method, charge, outcome);
  if (charge.captured) {
    call.save("charge", charge, "charge.succeeded");
    return call.save(
      "payment_intent",
      { ...paying, status: "succeeded", amount_received: paying.amount, latest_charge: charge.id },
      "payment_intent.succeeded",
    );
  }
  call.save("charge", charge, "charge.succeeded");
  return call.save(
    "payment_intent",
    { ...paying, status: "requires_capture", amount_capturable: paying.amount, latest_charge: charge.id },
    "payment_intent.amount_capturable_updated",
  );
}

/** Takes what was authorised, or part of it; the rest is let go. */
export function captureIntent(call: Call, params: Stripe.PaymentIntentCaptureParams, intent: Intent): Intent {
  if (intent.status !== "requires_capture")
    throw unexpectedState(
      intent,
      `This PaymentIntent could not be captured because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`,
    );
  const amount = params.amount_to_capture ?? intent.amount_capturable;
  if (amount > intent.amount_capturable)
    throw invalidRequest(
      400,
      "amount_too_large",
      `The amount_to_capture, ${amount}, is greater than the amount you can capture, ${intent.amount_capturable}.`,
      "amount_to_capture",
    );
  const charge = call.find("charge", idOf(intent.latest_charge) ?? "");
  const transaction = addBalanceTransaction(call, {
    type: "charge",
    amount,
    fee: paymentFee(amount),
    currency: intent.currency,
    source: charge.id,
    description: intent.description,
  });
  call.save(
    "charge",
    { ...charge, captured: true, amount_captured: amount, balance_transaction: transaction },
    "charge.captured",
  );
  return call.save(
    "payment_intent",
    {
      ...intent,
      status: "succeeded",
      amount_capturable: 0,
      amount_received: amount,
      metadata: mergeMetadata(intent.metadata, params.metadata),
    },
    "payment_intent.succeeded",
  );
}

export function cancelIntent(call: Call, params: Stripe.PaymentIntentCancelParams, intent: Intent): Intent {
  if (![...confirmable, "requires_capture"].includes(intent.status))
    throw unexpectedState(
      intent,
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_reauthorization, requires_confirmation, requires_action, processing.`,
    );
  const chargeId = idOf(intent.latest_charge);
  if (intent.status === "requires_capture" && chargeId !== null) {
    const charge = call.find("charge", chargeId);
    call.save("charge", { ...charge, amount_refunded: charge.amount, refunded: true }, "charge.refunded");
  }
  return call.save(
    "payment_intent",
    {
      ...intent,
      status: "canceled",
      amount_capturable: 0,
      canceled_at: call.now,
      cancellation_reason: params.cancellation_reason ?? null,
      next_action: null,
    },
    "payment_intent.canceled",
  );
}

export function unexpectedState(intent: Intent, message: string): StripeApiError {
  const { body } = invalidRequest(400, "payment_intent_unexpected_state", message);
  return new StripeApiError(400, { ...body, payment_intent: intent });
}

/** Some of the payment methods that the account has would send the buyer elsewhere, and back to this URL. */
function refuseWithoutReturnUrl(intent: Intent, given: Confirmation): void {
  const methods = intent.automatic_payment_methods;
  const areCards = intent.allowed_payment_method_types?.every((type) => type === "card");
  const mayRedirect = methods?.enabled && methods.allow_redirects !== "never" && !areCards;
  if (!mayRedirect || given.return_url || given.off_session || given.agreed) return;
  throw invalidRequest(
    400,
    undefined,
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
  );
}

function askBuyer(call: Call, intent: Intent, given: Confirmation, method: Stripe.PaymentMethod): Intent {
  if (given.off_session || given.error_on_requires_action)
    return decline(call, intent, method, undefined, {
      kind: "declined",
      code: "authentication_required",
      declineCode: "authentication_required",
      message: "Your card was declined. This transaction requires authentication.",
    });
  return call.save(
    "payment_intent",
    {
      ...intent,
      status: "requires_action",
      next_action: given.return_url
        ? {
            redirect_to_url: {
              return_url: given.return_url,
              url: `https://hooks.stripe.com/3d_secure_2/hosted?${intent.id}`,
            },
            type: "redirect_to_url",
          }
        : ({ type: "use_stripe_sdk", use_stripe_sdk: {} } as Stripe.PaymentIntent.NextAction),
    },
    "payment_intent.requires_action",
  );
}

function decline(
  call: Call,
  intent: Intent,
  method: Stripe.PaymentMethod,
  charge: Stripe.Charge | undefined,
  { code, declineCode, message }: Extract<Outcome, { kind: "declined" }>,
): never {
  const refusal = { code, ...(declineCode === undefined ? {} : { decline_code: declineCode }), message };
  if (charge) call.save("charge", charge, "charge.failed");
  const waiting = call.save(
    "payment_intent",
    {
      ...intent,
      status: "requires_payment_method",
      payment_method: null,
      latest_charge: charge?.id ?? intent.latest_charge,
      last_payment_error: {
        ...refusal,
        ...(charge && { charge: charge.id }),
        payment_method: method,
        type: "card_error",
      } as Stripe.PaymentIntent.LastPaymentError,
    },
    "payment_intent.payment_failed",
  );
  throw cardError(refusal, { ...(charge && { charge: charge.id }), payment_intent: waiting });
}
