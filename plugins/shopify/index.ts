import { definePlugin, type EntityActionsOptions, entityActions } from "@plugboard/plugin-sdk";
import { Key, pageLimits } from "./api/shapes.ts";
import {
  cancelBulkOperation,
  getBulkOperation,
  readBulkResult,
  saveBulkResult,
  startBulkQuery,
} from "./resources/bulk-operation.ts";
import { addCustomerAddress, customer } from "./resources/customer.ts";
import {
  cancelFulfillment,
  createFulfillment,
  getFulfillment,
  listFulfillmentsOfOrder,
  updateTracking,
} from "./resources/fulfillment.ts";
import { fulfillmentOrder, listFulfillmentOrdersOfOrder } from "./resources/fulfillment-order.ts";
import { inventoryItem } from "./resources/inventory-item.ts";
import { inventoryLevel } from "./resources/inventory-level.ts";
import { activateInventory, adjustInventory, setInventory } from "./resources/inventory-quantities.ts";
import { location } from "./resources/location.ts";
import { deleteMetafields, getMetafield, listMetafields, setMetafields } from "./resources/metafield.ts";
import { order } from "./resources/order.ts";
import { cancelOrder, closeOrder, markOrderPaid, reopenOrder } from "./resources/order-steps.ts";
import { product } from "./resources/product.ts";
import { getShop } from "./resources/shop.ts";
import { addTags, removeTags } from "./resources/tags.ts";
import { variant } from "./resources/variant.ts";
import {
  createWebhookSubscription,
  deleteWebhookSubscription,
  listWebhookSubscriptions,
} from "./resources/webhook-subscription.ts";
import {
  newCustomer,
  newOrder,
  newProduct,
  updatedCustomer,
  updatedOrder,
  updatedProduct,
} from "./triggers/polled.ts";
import { toldTriggers } from "./triggers/told.ts";
import { normalize } from "./webhooks/normalize.ts";

const asCalled: EntityActionsOptions = { key: Key, ...pageLimits };

export default definePlugin({
  entities: {
    product,
    variant,
    order,
    customer,
    "inventory-item": inventoryItem,
    "inventory-level": inventoryLevel,
    location,
    "fulfillment-order": fulfillmentOrder,
  },
  actions: {
    ...entityActions("product", product, asCalled),
    ...entityActions("variant", variant, asCalled),
    ...entityActions("order", order, asCalled),
    ...entityActions("customer", customer, asCalled),
    ...entityActions("inventory-item", inventoryItem, asCalled),
    ...entityActions("inventory-level", inventoryLevel, asCalled),
    ...entityActions("location", location, asCalled),
    ...entityActions("fulfillment-order", fulfillmentOrder, asCalled),
    "get-shop": getShop,
    "add-tags": addTags,
    "remove-tags": removeTags,
    "add-customer-address": addCustomerAddress,
    "cancel-order": cancelOrder,
    "close-order": closeOrder,
    "reopen-order": reopenOrder,
    "mark-order-paid": markOrderPaid,
    "adjust-inventory": adjustInventory,
    "set-inventory": setInventory,
    "activate-inventory": activateInventory,
    "list-fulfillment-orders-of-order": listFulfillmentOrdersOfOrder,
    "list-fulfillments-of-order": listFulfillmentsOfOrder,
    "get-fulfillment": getFulfillment,
    "create-fulfillment": createFulfillment,
    "update-tracking": updateTracking,
    "cancel-fulfillment": cancelFulfillment,
    "list-metafields": listMetafields,
    "get-metafield": getMetafield,
    "set-metafields": setMetafields,
    "delete-metafields": deleteMetafields,
    "start-bulk-query": startBulkQuery,
    "get-bulk-operation": getBulkOperation,
    "cancel-bulk-operation": cancelBulkOperation,
    "read-bulk-result": readBulkResult,
    "save-bulk-result": saveBulkResult,
    "list-webhook-subscriptions": listWebhookSubscriptions,
    "create-webhook-subscription": createWebhookSubscription,
    "delete-webhook-subscription": deleteWebhookSubscription,
  },
  triggers: {
    "new-product": newProduct,
    "updated-product": updatedProduct,
    "new-order": newOrder,
    "updated-order": updatedOrder,
    "new-customer": newCustomer,
    "updated-customer": updatedCustomer,
    ...toldTriggers,
  },
  webhooks: { normalize },
});
