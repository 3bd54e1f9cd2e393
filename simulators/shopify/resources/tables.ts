import type { BulkOperation } from "./bulk-operations.ts";
import type { Customer } from "./customers.ts";
import type { StoreEvent } from "./events.ts";
import type { FulfillmentOrder } from "./fulfillment-orders.ts";
import type { Fulfillment } from "./fulfillments.ts";
import type { InventoryItem, InventoryLevel } from "./inventory.ts";
import type { Location } from "./locations.ts";
import type { Metafield } from "./metafields.ts";
import type { Order } from "./orders.ts";
import type { Product } from "./product.ts";
import type { Variant } from "./variants.ts";
import type { WebhookSubscription } from "./webhook-subscriptions.ts";

/** All records of a shop, by type and id; insertion order is creation order. */
export interface Tables {
  Product: Map<string, Product>;
  ProductVariant: Map<string, Variant>;
  InventoryItem: Map<string, InventoryItem>;
  InventoryLevel: Map<string, InventoryLevel>;
  Location: Map<string, Location>;
  Customer: Map<string, Customer>;
  Order: Map<string, Order>;
  FulfillmentOrder: Map<string, FulfillmentOrder>;
  Fulfillment: Map<string, Fulfillment>;
  Metafield: Map<string, Metafield>;
  BulkOperation: Map<string, BulkOperation>;
  WebhookSubscription: Map<string, WebhookSubscription>;
  BasicEvent: Map<string, StoreEvent>;
}

export function createTables(): Tables {
  return {
    Product: new Map(),
    ProductVariant: new Map(),
    InventoryItem: new Map(),
    InventoryLevel: new Map(),
    Location: new Map(),
    Customer: new Map(),
    Order: new Map(),
    FulfillmentOrder: new Map(),
    Fulfillment: new Map(),
    Metafield: new Map(),
    BulkOperation: new Map(),
    WebhookSubscription: new Map(),
    BasicEvent: new Map(),
  };
}

/** The record with a global id, of whatever type. */
export function nodeOf(tables: Tables, id: string): { id: string } | null {
  const type = /^gid:\/\/shopify\/(\w+)\//.exec(id)?.[1] ?? "";
  return Object.hasOwn(tables, type) ? (tables[type as keyof Tables].get(id) ?? null) : null;
}
