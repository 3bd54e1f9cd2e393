import assert from "node:assert/strict";
import { atOnce, refused, type Scenario } from "./scenario.ts";

const payment = { amount: 2000, currency: "usd", ...atOnce };

export const payments: Scenario[] = [
  {
    name: "a payment is made, refunded in part, and then in full",
    async play({ run }) {
      const { id: customer } = await run("create-customer", { email: "ann@example.com" });
      const intent = await run("create-payment-intent", {
        ...payment,
        customer,
        description: "Order 7",
        metadata: { order: "7" },
        paymentMethod: "pm_card_visa",
      });
      assert.equal(intent.status, "succeeded");
      assert.equal(intent.amountReceived, 2000);

      const charge = await run("get-charge", { id: intent.latestCharge });
      assert.equal(charge.paid, true);
      assert.equal(charge.customer, customer);
      assert.deepEqual(charge.metadata, { order: "7" });
      const moved = await run("get-balance-transaction", { id: charge.balanceTransaction });
      assert.deepEqual([moved.amount, moved.fee, moved.net], [2000, 88, 1912]);

      const part = await run("create-refund", {
        paymentIntent: intent.id,
        amount: 500,
        reason: "requested_by_customer",
      });
      assert.deepEqual([part.status, part.charge], ["succeeded", charge.id]);
      await refused(run("create-refund", { charge: charge.id, amount: 1501 }), {
        status: 400,
        param: "amount",
      });
      await run("create-refund", { charge: charge.id });
      const after = await run("get-charge", { id: charge.id });
      assert.deepEqual([after.amountRefunded, after.refunded], [2000, true]);
      await refused(run("create-refund", { charge: charge.id }), {
        status: 400,
        code: "charge_already_refunded",
      });
      const refunds = await run("list-refunds", { charge: charge.id });
      assert.deepEqual(
        refunds.items.map(({ amount }: { amount: number }) => amount),
        [1500, 500],
      );

      const balance = await run("get-balance");
      assert.deepEqual(
        balance.pending.map(({ amount }: { amount: number }) => amount),
        [-88],
      );
      const transactions = await run("list-balance-transactions", { type: "refund" });
      assert.equal(transactions.items.length, 2);
    },
  },
  {
    name: "a payment is authorised, and captured in part",
    async play({ run }) {
      const intent = await run("create-payment-intent", {
        ...payment,
        captureMethod: "manual",
        paymentMethod: "pm_card_mastercard",
      });
      assert.deepEqual([intent.status, intent.amountCapturable], ["requires_capture", 2000]);
      await refused(run("capture-payment-intent", { id: intent.id, amountToCapture: 2001 }), {
        status: 400,
        code: "amount_too_large",
        param: "amount_to_capture",
      });
      const captured = await run("capture-payment-intent", { id: intent.id, amountToCapture: 1200 });
      assert.deepEqual([captured.status, captured.amountReceived], ["succeeded", 1200]);
      await refused(run("cancel-payment-intent", { id: intent.id }), {
        status: 400,
        code: "payment_intent_unexpected_state",
      });
    },
  },
  {
    name: "a payment is prepared, given a payment method, confirmed; another is cancelled",
    async play({ run }) {
      const { confirm: _, ...later } = payment;
      const intent = await run("create-payment-intent", later);
      assert.equal(intent.status, "requires_payment_method");
      await refused(run("confirm-payment-intent", { id: intent.id }), {
        status: 400,
        code: "payment_intent_unexpected_state",
      });
      const ready = await run("update-payment-intent", {
        id: intent.id,
        paymentMethod: "pm_card_visa",
        amount: 2500,
      });
      assert.equal(ready.status, "requires_confirmation");
      const paid = await run("confirm-payment-intent", { id: intent.id });
      assert.deepEqual([paid.status, paid.amountReceived], ["succeeded", 2500]);

      const other = await run("create-payment-intent", later);
      const cancelled = await run("cancel-payment-intent", { id: other.id, cancellationReason: "abandoned" });
      assert.deepEqual([cancelled.status, cancelled.cancellationReason], ["canceled", "abandoned"]);
    },
  },
  {
    name: "a declined card says why, and leaves the payment open for another card",
    async play({ run }) {
      const { confirm: _, ...later } = payment;
      const { id } = await run("create-payment-intent", later);
      for (const [card, code] of [
        ["pm_card_chargeDeclinedInsufficientFunds", "card_declined"],
        ["pm_card_chargeDeclinedExpiredCard", "expired_card"],
        ["pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"],
      ] as const)
        await refused(run("confirm-payment-intent", { id, paymentMethod: card }), { status: 402, code });
      const open = await run("get-payment-intent", { id });
      assert.equal(open.status, "requires_payment_method");
      assert.equal(open.lastPaymentError.code, "incorrect_cvc");
      const failed = await run("get-charge", { id: open.latestCharge });
      assert.deepEqual([failed.status, failed.failureCode, failed.paid], ["failed", "incorrect_cvc", false]);
      assert.equal(
        (await run("confirm-payment-intent", { id, paymentMethod: "pm_card_visa" })).status,
        "succeeded",
      );
      const ofIntent = await run("list-charges", { paymentIntent: id });
      assert.equal(ofIntent.items.length, 4);
    },
  },
  {
    name: "a payment that the buyer's bank asks about waits for the buyer",
    async play({ run, buyer }) {
      const intent = await run("create-payment-intent", {
        ...payment,
        paymentMethod: "pm_card_threeDSecure2Required",
      });
      assert.equal(intent.status, "requires_action");
      buyer.authenticate(intent.id);
      assert.equal((await run("get-payment-intent", { id: intent.id })).status, "succeeded");
      await refused(
        run("create-payment-intent", {
          ...payment,
          paymentMethod: "pm_card_authenticationRequired",
          offSession: true,
        }),
        { status: 402, code: "authentication_required" },
      );
    },
  },
  {
    name: "payments and charges are searched by amount, status and card",
    async play({ run }) {
      for (const amount of [1000, 2000, 3000])
        await run("create-payment-intent", { ...payment, amount, paymentMethod: "pm_card_visa" });
      const amounts = async (action: string, query: string) =>
        (await run(action, { query })).items.map(({ amount }: { amount: number }) => amount);
      assert.deepEqual(
        await amounts("search-payment-intents", 'status:"succeeded" AND amount>1000'),
        [3000, 2000],
      );
      assert.deepEqual(await amounts("search-payment-intents", "amount<=1000"), [1000]);
      const card = 'payment_method_details.card.last4:"4242" AND amount>=3000';
      assert.deepEqual(await amounts("search-charges", card), [3000]);
      await refused(run("search-payment-intents", { query: 'colour:"red"' }), {
        status: 400,
        param: "query",
      });
    },
  },
];
