import { action, type Static, Type } from "@plugboard/plugin-sdk";
import { idOf } from "../api/ids.ts";
import { get, write } from "../api/records.ts";
import { Id, Key, MaybeText, Text, Time } from "../api/shapes.ts";

const fields = `fragment Fulfillment on Fulfillment {
  id name status displayStatus totalQuantity createdAt updatedAt order { id } trackingInfo { company number url }
}`;

export const documents = {
  ofOrder: `query ListFulfillmentsOfOrder($id: ID!) {
    record: order(id: $id) { fulfillments(first: 100) { ...Fulfillment } }
  } ${fields}`,
  get: `query GetFulfillment($id: ID!) { record: fulfillment(id: $id) { ...Fulfillment } } ${fields}`,
  create: `mutation CreateFulfillment($fulfillment: FulfillmentInput!, $message: String) {
    written: fulfillmentCreate(fulfillment: $fulfillment, message: $message) {
      record: fulfillment { ...Fulfillment } userErrors { field message }
    }
  } ${fields}`,
  track: `mutation UpdateTracking($id: ID!, $tracking: FulfillmentTrackingInput!, $notifyCustomer: Boolean) {
    written: fulfillmentTrackingInfoUpdate(
      fulfillmentId: $id, trackingInfoInput: $tracking, notifyCustomer: $notifyCustomer
    ) { record: fulfillment { ...Fulfillment } userErrors { field message } }
  } ${fields}`,
  cancel: `mutation CancelFulfillment($id: ID!) {
    written: fulfillmentCancel(id: $id) { record: fulfillment { ...Fulfillment } userErrors { field message } }
  } ${fields}`,
};

const Fulfillment = Type.Object({
  id: Id,
  orderId: Id,
  name: Text,
  status: Type.String({ description: "SUCCESS, CANCELLED, ERROR or FAILURE" }),
  displayStatus: MaybeText,
  totalQuantity: Type.Integer(),
  trackingInfo: Type.Array(Type.Object({ company: MaybeText, number: MaybeText, url: MaybeText })),
  createdAt: Time,
  updatedAt: Time,
});
type Fulfillment = Static<typeof Fulfillment>;

type Node = Omit<Fulfillment, "orderId"> & { order: { id: string } };

const toFulfillment = ({ order, ...rest }: Node): Fulfillment => ({ ...rest, orderId: order.id });

const Tracking = Type.Object({
  company: Type.Optional(Type.String({ maxLength: 255, description: "As Shopify spells it, for a link" })),
  number: Type.Optional(Type.String({ maxLength: 255 })),
  url: Type.Optional(Type.String({ format: "uri", maxLength: 2000 })),
});
const notifyCustomer = Type.Optional(Type.Boolean({ default: false }));

export const listFulfillmentsOfOrder = action({
  title: "List the fulfillments of an order",
  description: "What was sent, the first 100.",
  input: Type.Object({ orderId: Key }),
  output: Type.Object({ items: Type.Array(Fulfillment) }),
  async run({ input, ...admin }) {
    const id = idOf("Order", input.orderId);
    const { fulfillments } = await get<{ fulfillments: Node[] }>(admin, documents.ofOrder, id);
    return { items: fulfillments.map(toFulfillment) };
  },
});

export const getFulfillment = action({
  title: "Get a fulfillment",
  input: Type.Object({ id: Key }),
  output: Fulfillment,
  run: async ({ input, ...admin }) =>
    toFulfillment(await get<Node>(admin, documents.get, idOf("Fulfillment", input.id))),
});

export const createFulfillment = action({
  title: "Create a fulfillment",
  description:
    "Tells Shopify that something was sent: all that remains of fulfillment orders, or some of it.",
  input: Type.Object({
    fulfillmentOrders: Type.Array(
      Type.Object({
        id: Key,
        lineItems: Type.Optional(
          Type.Array(Type.Object({ id: Key, quantity: Type.Integer({ minimum: 1, maximum: 1_000_000 }) }), {
            minItems: 1,
            maxItems: 250,
            description: "Left out: all that remains",
          }),
        ),
      }),
      { minItems: 1, maxItems: 50, description: "Of one order and one location" },
    ),
    tracking: Type.Optional(Tracking),
    notifyCustomer,
    message: Type.Optional(Type.String({ maxLength: 1000 })),
  }),
  output: Fulfillment,
  async run({ input: { fulfillmentOrders, tracking, notifyCustomer: notify = false, message }, ...admin }) {
    const lineItemsByFulfillmentOrder = fulfillmentOrders.map(({ id, lineItems }) => ({
      fulfillmentOrderId: idOf("FulfillmentOrder", id),
      ...(lineItems && {
        fulfillmentOrderLineItems: lineItems.map((item) => ({
          id: idOf("FulfillmentOrderLineItem", item.id),
          quantity: item.quantity,
        })),
      }),
    }));
    const fulfillment = {
      lineItemsByFulfillmentOrder,
      notifyCustomer: notify,
      ...(tracking && { trackingInfo: tracking }),
    };
    return toFulfillment(
      await write<Node>(admin, documents.create, { fulfillment, ...(message !== undefined && { message }) }),
    );
  },
});

export const updateTracking = action({
  title: "Change the tracking of a fulfillment",
  input: Type.Object({ fulfillmentId: Key, tracking: Tracking, notifyCustomer }),
  output: Fulfillment,
  async run({ input: { fulfillmentId, tracking, notifyCustomer: notify = false }, ...admin }) {
    const id = idOf("Fulfillment", fulfillmentId);
    return toFulfillment(await write<Node>(admin, documents.track, { id, tracking, notifyCustomer: notify }));
  },
});

export const cancelFulfillment = action({
  title: "Cancel a fulfillment",
  description: "It was not sent after all: what is in it remains to be sent.",
  input: Type.Object({ id: Key }),
  output: Fulfillment,
  run: async ({ input, ...admin }) =>
    toFulfillment(await write<Node>(admin, documents.cancel, { id: idOf("Fulfillment", input.id) })),
});
