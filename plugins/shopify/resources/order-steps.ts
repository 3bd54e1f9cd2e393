import { action, type TSchema, Type } from "@plugboard/plugin-sdk";
import { idOf } from "../api/ids.ts";
import { write } from "../api/records.ts";
import { Id, Key, MaybeText, MaybeTime } from "../api/shapes.ts";

const state = "id name closedAt cancelledAt financialStatus: displayFinancialStatus";

// What is done with an order as a whole, besides reading and changing it.

export const documents = {
  cancel: `mutation CancelOrder(
    $id: ID!, $reason: OrderCancelReason!, $restock: Boolean!, $refundMethod: OrderCancelRefundMethodInput,
    $notifyCustomer: Boolean, $staffNote: String
  ) {
    written: orderCancel(
      orderId: $id, reason: $reason, restock: $restock, refundMethod: $refundMethod,
      notifyCustomer: $notifyCustomer, staffNote: $staffNote
    ) { record: job { id done } userErrors: orderCancelUserErrors { field message code } }
  }`,
  close: `mutation CloseOrder($id: ID!) {
    written: orderClose(input: { id: $id }) { record: order { ${state} } userErrors { field message } }
  }`,
  reopen: `mutation ReopenOrder($id: ID!) {
    written: orderOpen(input: { id: $id }) { record: order { ${state} } userErrors { field message } }
  }`,
  markPaid: `mutation MarkOrderPaid($id: ID!) {
    written: orderMarkAsPaid(input: { id: $id }) { record: order { ${state} } userErrors { field message } }
  }`,
};

const State = Type.Object({
  id: Id,
  name: Type.String(),
  closedAt: MaybeTime,
  cancelledAt: MaybeTime,
  financialStatus: MaybeText,
});

export const cancelOrder = action({
  title: "Cancel an order",
  description:
    "Shopify does it in the background; it is done when the order has cancelledAt. It cannot be undone.",
  input: Type.Object({
    id: Key,
    reason: Type.Enum(["CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "OTHER", "STAFF"]),
    restock: Type.Boolean({ description: "Puts what was not sent back into stock" }),
    refund: Type.Boolean({ description: "Gives the money back the way it came" }),
    notifyCustomer: Type.Optional(Type.Boolean({ default: false })),
    staffNote: Type.Optional(Type.String({ maxLength: 255 })),
  }),
  output: Type.Object({ jobId: Id, isDone: Type.Nullable(Type.Boolean()) }),
  async run({ input: { id, refund, ...rest }, ...admin }) {
    const job = await write<{ id: string; done: boolean }>(admin, documents.cancel, {
      ...rest,
      id: idOf("Order", id),
      refundMethod: { originalPaymentMethodsRefund: refund },
    });
    return { jobId: job.id, isDone: job.done };
  },
});

export const closeOrder = step("Close an order", "Nothing is left to do; it is archived.", documents.close);
export const reopenOrder = step("Reopen an order", "It was closed, and is open again.", documents.reopen);
export const markOrderPaid = step("Mark an order as paid", "The money came another way.", documents.markPaid);

function step(title: string, description: string, document: string) {
  return action({
    title,
    description,
    input: Type.Object({ id: Key }),
    output: State as TSchema,
    run: ({ input, ...admin }) => write(admin, document, { id: idOf("Order", input.id) }),
  });
}
