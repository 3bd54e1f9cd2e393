/** What becomes of a payment with a card. */
export type Outcome =
  | { kind: "approved" }
  /** The card's holder has to agree first (3D Secure). */
  | { kind: "requires_action" }
  | { kind: "declined"; code: string; declineCode?: string; message: string };

export interface TestCard {
  brand: string;
  funding: "credit" | "debit";
  last4: string;
  country: string;
  outcome: Outcome;
}

const approved: Outcome = { kind: "approved" };
const declined = (code: string, message: string, declineCode?: string): Outcome => ({
  kind: "declined",
  code,
  message,
  ...(declineCode === undefined ? {} : { declineCode }),
});

const card = (
  brand: string,
  last4: string,
  outcome: Outcome = approved,
  more: Partial<TestCard> = {},
): TestCard => ({
  brand,
  funding: "credit",
  last4,
  country: "US",
  outcome,
  ...more,
});

/** https://docs.stripe.com/testing#cards: `pm_card_…` as Stripe names them, and `tok_…` of the same ending. */
export const testCards: { readonly [name: string]: TestCard } = {
  visa: card("visa", "4242"),
  visa_debit: card("visa", "5556", approved, { funding: "debit" }),
  mastercard: card("mastercard", "4444"),
  amex: card("amex", "8431"),
  discover: card("discover", "9424"),
  authenticationRequired: card("visa", "3184", { kind: "requires_action" }),
  threeDSecure2Required: card("visa", "3220", { kind: "requires_action" }),
  chargeDeclined: card(
    "visa",
    "0002",
    declined("card_declined", "Your card was declined.", "generic_decline"),
  ),
  chargeDeclinedInsufficientFunds: card(
    "visa",
    "9995",
    declined("card_declined", "Your card has insufficient funds.", "insufficient_funds"),
  ),
  chargeDeclinedLostCard: card(
    "visa",
    "9987",
    declined("card_declined", "Your card was declined.", "lost_card"),
  ),
  chargeDeclinedStolenCard: card(
    "visa",
    "9979",
    declined("card_declined", "Your card was declined.", "stolen_card"),
  ),
  chargeDeclinedExpiredCard: card("visa", "0069", declined("expired_card", "Your card has expired.")),
  chargeDeclinedIncorrectCvc: card(
    "visa",
    "0127",
    declined("incorrect_cvc", "Your card's security code is incorrect."),
  ),
  chargeDeclinedProcessingError: card(
    "visa",
    "0119",
    declined("processing_error", "An error occurred while processing your card. Try again in a little bit."),
  ),
  /** Can be saved for a customer, and fails when it is charged. */
  chargeCustomerFail: card(
    "visa",
    "0341",
    declined("card_declined", "Your card was declined.", "generic_decline"),
  ),
};
