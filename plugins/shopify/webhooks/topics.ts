import * as subjects from "./subjects.ts";

export interface Topic {
  /** The event's type. */
  type: string;
  title: string;
  subject: subjects.Subject;
}

const topic = (type: string, title: string, subject: subjects.Subject): Topic => ({ type, title, subject });

/** What Shopify sends, and what it is called here: https://shopify.dev/docs/api/webhooks/2026-10 */
export const topics: { readonly [topic: string]: Topic } = {
  "products/create": topic("product.created", "Product created", subjects.product),
  "products/update": topic("product.updated", "Product updated", subjects.product),
  "products/delete": topic("product.deleted", "Product deleted", subjects.removed("product", "Product")),
  "orders/create": topic("order.created", "Order created", subjects.order),
  "orders/updated": topic("order.updated", "Order updated", subjects.order),
  "orders/paid": topic("order.paid", "Order paid", subjects.order),
  "orders/cancelled": topic("order.cancelled", "Order cancelled", subjects.order),
  "orders/fulfilled": topic("order.fulfilled", "Order fulfilled", subjects.order),
  "orders/partially_fulfilled": topic(
    "order.partially-fulfilled",
    "Order partially fulfilled",
    subjects.order,
  ),
  "orders/delete": topic("order.deleted", "Order deleted", subjects.removed("order", "Order")),
  "customers/create": topic("customer.created", "Customer created", subjects.customer),
  "customers/update": topic("customer.updated", "Customer updated", subjects.customer),
  "customers/enable": topic("customer.enabled", "Customer account enabled", subjects.customer),
  "customers/disable": topic("customer.disabled", "Customer account disabled", subjects.customer),
  "customers/delete": topic("customer.deleted", "Customer deleted", subjects.removed("customer", "Customer")),
  "inventory_items/create": topic("inventory-item.created", "Inventory item created", subjects.inventoryItem),
  "inventory_items/update": topic("inventory-item.updated", "Inventory item updated", subjects.inventoryItem),
  "inventory_items/delete": topic(
    "inventory-item.deleted",
    "Inventory item deleted",
    subjects.removed("inventory-item", "InventoryItem"),
  ),
  "inventory_levels/connect": topic(
    "inventory-level.connected",
    "Item stocked at a location",
    subjects.inventoryLevel,
  ),
  "inventory_levels/update": topic(
    "inventory-level.updated",
    "Inventory level updated",
    subjects.inventoryLevel,
  ),
  "inventory_levels/disconnect": topic(
    "inventory-level.disconnected",
    "Item no longer stocked at a location",
    subjects.inventoryLevel,
  ),
  "fulfillments/create": topic("fulfillment.created", "Fulfillment created", subjects.fulfillment),
  "fulfillments/update": topic("fulfillment.updated", "Fulfillment updated", subjects.fulfillment),
  "refunds/create": topic("refund.created", "Refund created", subjects.refund),
  "bulk_operations/finish": topic(
    "bulk-operation.finished",
    "Bulk operation finished",
    subjects.bulkOperation,
  ),
  "shop/update": topic("shop.updated", "Store updated", subjects.shop),
  "app/uninstalled": topic("app.uninstalled", "App uninstalled", subjects.shop),
  "customers/data_request": topic(
    "privacy.customer-data-requested",
    "Customer asks for their data",
    subjects.privacy,
  ),
  "customers/redact": topic(
    "privacy.customer-erasure-requested",
    "Customer's data to be erased",
    subjects.privacy,
  ),
  "shop/redact": topic("privacy.shop-erasure-requested", "Store's data to be erased", subjects.privacy),
};
