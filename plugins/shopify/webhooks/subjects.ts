import { type Json, type Static, type TSchema, Type } from "@plugboard/plugin-sdk";
import { Id, MaybeText } from "../api/shapes.ts";
import { capitals, count, gid, list, type Payload, subject, tags, text, within } from "./payload.ts";

/** What an event tells of a kind of thing, and how it is read out of a delivery. */
export interface Subject<Schema extends TSchema = TSchema> {
  schema: Schema;
  read(payload: Payload): Static<Schema>;
  /** The entity that has the record, and the field of the event's data with its key. */
  entity?: string;
}

const of = <Schema extends TSchema>(subject: Subject<Schema>): Subject => subject as unknown as Subject;

/** What is left to say of something that was deleted. */
export const removed = (entity: string, type: string) =>
  of({ entity, schema: Type.Object({ id: Id }), read: (payload) => ({ id: subject(type, payload) }) });

export const product = of({
  entity: "product",
  schema: Type.Object({
    id: Id,
    title: MaybeText,
    handle: MaybeText,
    status: MaybeText,
    vendor: MaybeText,
    productType: MaybeText,
    tags: Type.Array(Type.String()),
    publishedAt: MaybeText,
    createdAt: MaybeText,
    updatedAt: MaybeText,
  }),
  read: (payload) => ({
    id: subject("Product", payload),
    title: text(payload.title),
    handle: text(payload.handle),
    status: capitals(payload.status),
    vendor: text(payload.vendor),
    productType: text(payload.product_type),
    tags: tags(payload.tags),
    publishedAt: text(payload.published_at),
    createdAt: text(payload.created_at),
    updatedAt: text(payload.updated_at),
  }),
});

export const order = of({
  entity: "order",
  schema: Type.Object({
    id: Id,
    name: MaybeText,
    email: MaybeText,
    financialStatus: MaybeText,
    fulfillmentStatus: Type.String({ description: "UNFULFILLED where Shopify says nothing" }),
    currencyCode: MaybeText,
    totalPrice: MaybeText,
    customerId: Type.Nullable(Id),
    tags: Type.Array(Type.String()),
    test: Type.Boolean(),
    cancelReason: MaybeText,
    cancelledAt: MaybeText,
    closedAt: MaybeText,
    createdAt: MaybeText,
    updatedAt: MaybeText,
  }),
  read: (payload) => ({
    id: subject("Order", payload),
    name: text(payload.name),
    email: text(payload.email) || null,
    financialStatus: capitals(payload.financial_status),
    fulfillmentStatus:
      { partial: "PARTIALLY_FULFILLED" }[text(payload.fulfillment_status) ?? ""] ??
      capitals(payload.fulfillment_status) ??
      "UNFULFILLED",
    currencyCode: text(payload.currency),
    totalPrice: text(payload.total_price),
    customerId: gid("Customer", within(payload.customer).id),
    tags: tags(payload.tags),
    test: payload.test === true,
    cancelReason: capitals(payload.cancel_reason),
    cancelledAt: text(payload.cancelled_at),
    closedAt: text(payload.closed_at),
    createdAt: text(payload.created_at),
    updatedAt: text(payload.updated_at),
  }),
});

export const customer = of({
  entity: "customer",
  schema: Type.Object({
    id: Id,
    firstName: MaybeText,
    lastName: MaybeText,
    email: MaybeText,
    phone: MaybeText,
    state: MaybeText,
    createdAt: MaybeText,
    updatedAt: MaybeText,
  }),
  read: (payload) => ({
    id: subject("Customer", payload),
    firstName: text(payload.first_name),
    lastName: text(payload.last_name),
    email: text(payload.email),
    phone: text(payload.phone),
    state: capitals(payload.state),
    createdAt: text(payload.created_at),
    updatedAt: text(payload.updated_at),
  }),
});

export const inventoryItem = of({
  entity: "inventory-item",
  schema: Type.Object({
    id: Id,
    sku: MaybeText,
    tracked: Type.Boolean(),
    requiresShipping: Type.Boolean(),
    updatedAt: MaybeText,
  }),
  read: (payload) => ({
    id: subject("InventoryItem", payload),
    sku: text(payload.sku),
    tracked: payload.tracked === true,
    requiresShipping: payload.requires_shipping === true,
    updatedAt: text(payload.updated_at),
  }),
});

/** Where stock ends at a location, Shopify names item and location, and not the level. */
export const inventoryLevel = of({
  entity: "inventory-level",
  schema: Type.Object({
    id: Type.Nullable(Id),
    inventoryItemId: Type.Nullable(Id),
    locationId: Type.Nullable(Id),
    available: Type.Nullable(Type.Integer()),
    updatedAt: MaybeText,
  }),
  read: (payload) => ({
    id: gid("InventoryLevel", payload.admin_graphql_api_id),
    inventoryItemId: gid("InventoryItem", payload.inventory_item_id),
    locationId: gid("Location", payload.location_id),
    available: count(payload.available),
    updatedAt: text(payload.updated_at),
  }),
});

export const fulfillment = of({
  schema: Type.Object({
    id: Id,
    orderId: Type.Nullable(Id),
    name: MaybeText,
    status: MaybeText,
    shipmentStatus: MaybeText,
    trackingCompany: MaybeText,
    trackingNumbers: Type.Array(Type.String()),
    trackingUrls: Type.Array(Type.String()),
    createdAt: MaybeText,
    updatedAt: MaybeText,
  }),
  read: (payload) => ({
    id: subject("Fulfillment", payload),
    orderId: gid("Order", payload.order_id),
    name: text(payload.name),
    status: capitals(payload.status),
    shipmentStatus: capitals(payload.shipment_status),
    trackingCompany: text(payload.tracking_company),
    trackingNumbers: texts(payload.tracking_numbers),
    trackingUrls: texts(payload.tracking_urls),
    createdAt: text(payload.created_at),
    updatedAt: text(payload.updated_at),
  }),
});

export const refund = of({
  schema: Type.Object({ id: Id, orderId: Type.Nullable(Id), note: MaybeText, createdAt: MaybeText }),
  read: (payload) => ({
    id: subject("Refund", payload),
    orderId: gid("Order", payload.order_id),
    note: text(payload.note),
    createdAt: text(payload.created_at),
  }),
});

export const bulkOperation = of({
  schema: Type.Object({ id: Id, status: MaybeText, errorCode: MaybeText, completedAt: MaybeText }),
  read: (payload) => ({
    id: subject("BulkOperation", payload),
    status: capitals(payload.status),
    errorCode: capitals(payload.error_code),
    completedAt: text(payload.completed_at),
  }),
});

export const shop = of({
  schema: Type.Object({ id: Id, name: MaybeText, domain: MaybeText, email: MaybeText }),
  read: (payload) => ({
    id: subject("Shop", payload),
    name: text(payload.name),
    domain: text(payload.myshopify_domain),
    email: text(payload.email),
  }),
});

/** What an app has to do about somebody's data: https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance */
export const privacy = of({
  schema: Type.Object({
    shopId: Type.Nullable(Id),
    shopDomain: MaybeText,
    customer: Type.Nullable(Type.Object({ id: Type.Nullable(Id), email: MaybeText, phone: MaybeText })),
    orderIds: Type.Array(Id, { description: "Orders whose data is asked for, or to be erased" }),
    requestId: MaybeText,
  }),
  read: (payload) => {
    const person = within(payload.customer);
    const orders = list(payload.orders_requested ?? payload.orders_to_redact);
    return {
      shopId: gid("Shop", payload.shop_id),
      shopDomain: text(payload.shop_domain),
      customer:
        payload.customer === undefined
          ? null
          : { id: gid("Customer", person.id), email: text(person.email), phone: text(person.phone) },
      orderIds: orders.map((id) => gid("Order", id)).filter((id) => id !== null),
      requestId: text(within(payload.data_request).id),
    };
  },
});

const texts = (value: Json | undefined): string[] =>
  list(value)
    .map(text)
    .filter((one) => one !== null);
