import type { ResolverContext } from "../graphql/execute.ts";
import type { Resolvers } from "../graphql/resolve.ts";
import type { Shop } from "../shops.ts";
import { type ListArguments, listed, numberIn } from "./list.ts";
import { firstLocation, type Location } from "./locations.ts";
import { now } from "./now.ts";
import { userError } from "./user-error.ts";

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/InventoryItem, the part that is kept. */
export interface InventoryItem {
  id: string;
  variantId: string;
  sku: string | null;
  tracked: boolean;
  requiresShipping: boolean;
  countryCodeOfOrigin: string | null;
  harmonizedSystemCode: string | null;
  unitCost: { amount: string; currencyCode: string } | null;
  createdAt: string;
  updatedAt: string;
}

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/InventoryLevel */
export interface InventoryLevel {
  id: string;
  itemId: string;
  locationId: string;
  isActive: boolean;
  /** By name; `on_hand` is the sum of all but `incoming`. */
  amounts: { [name: string]: number };
  createdAt: string;
  updatedAt: string;
}

/** InventoryItemInput, the part that is simulated. */
export interface InventoryItemInput {
  sku?: string | null;
  tracked?: boolean | null;
  requiresShipping?: boolean | null;
  countryCodeOfOrigin?: string | null;
  harmonizedSystemCode?: string | null;
  cost?: string | null;
}

export function newItem(shop: Shop, variantId: string, at: string): InventoryItem {
  const item: InventoryItem = {
    id: shop.newId("InventoryItem"),
    variantId,
    sku: null,
    tracked: true,
    requiresShipping: true,
    countryCodeOfOrigin: null,
    harmonizedSystemCode: null,
    unitCost: null,
    createdAt: at,
    updatedAt: at,
  };
  shop.tables.InventoryItem.set(item.id, item);
  stockAt(shop, item, firstLocation(shop), at);
  return item;
}

export function changeItem(
  shop: Shop,
  item: InventoryItem,
  input: InventoryItemInput,
  at: string,
): InventoryItem {
  const { cost, ...rest } = input;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  const changed: InventoryItem = { ...item, ...given, updatedAt: at };
  if (cost) changed.unitCost = { amount: cost, currencyCode: "EUR" };
  shop.tables.InventoryItem.set(item.id, changed);
  return changed;
}

/** The level of an item at a location, which it has from now on. */
export function stockAt(shop: Shop, item: InventoryItem, location: Location, at: string): InventoryLevel {
  const known = levelAt(shop, item.id, location.id);
  if (known) return known;
  const level: InventoryLevel = {
    id: `${shop.newId("InventoryLevel")}?inventory_item_id=${numberIn(item.id)}`,
    itemId: item.id,
    locationId: location.id,
    isActive: true,
    amounts: {
      available: 0,
      committed: 0,
      incoming: 0,
      reserved: 0,
      damaged: 0,
      safety_stock: 0,
      quality_control: 0,
    },
    createdAt: at,
    updatedAt: at,
  };
  shop.tables.InventoryLevel.set(level.id, level);
  return level;
}

export function levelAt(shop: Shop, itemId: string, locationId: string): InventoryLevel | undefined {
  return [...shop.tables.InventoryLevel.values()].find(
    (level) => level.itemId === itemId && level.locationId === locationId,
  );
}

const levelsOf = (shop: Shop, itemId: string): InventoryLevel[] =>
  [...shop.tables.InventoryLevel.values()].filter((level) => level.itemId === itemId);

export const available = (shop: Shop, itemId: string): number =>
  levelsOf(shop, itemId).reduce((sum, { amounts }) => sum + (amounts.available ?? 0), 0);

export function amountOf({ amounts }: InventoryLevel, name: string): number {
  if (name !== "on_hand") return amounts[name] ?? 0;
  const { incoming: _, ...here } = amounts;
  return Object.values(here).reduce((sum, amount) => sum + amount, 0);
}

/** Adds to an amount; of what is on hand it is what is available that changes. */
export function changeAmount(
  context: ResolverContext,
  level: InventoryLevel,
  name: string,
  delta: number,
): void {
  const { shop } = context;
  const changed = name === "on_hand" ? "available" : name;
  const amounts = { ...level.amounts, [changed]: (level.amounts[changed] ?? 0) + delta };
  const saved = { ...level, amounts, updatedAt: now(context) };
  shop.tables.InventoryLevel.set(level.id, saved);
  context.tell("inventory_levels/update", {
    inventory_item_id: Number(numberIn(level.itemId)),
    location_id: Number(numberIn(level.locationId)),
    available: amounts.available,
    updated_at: saved.updatedAt,
    admin_graphql_api_id: level.id,
  });
}

const itemListing = {
  fields: { sku: ({ sku }: InventoryItem) => sku },
  text: ({ sku }: InventoryItem) => sku ?? "",
};
const levelListing = {
  fields: { inventory_item_id: ({ itemId }: InventoryLevel) => numberIn(itemId) },
  text: () => "",
};

export const inventoryResolvers: Resolvers = {
  QueryRoot: {
    inventoryItem: (_source, { id }: { id: string }, { shop }) => shop.tables.InventoryItem.get(id) ?? null,
    inventoryItems: (_source, args: ListArguments, context) =>
      listed(context.shop.tables.InventoryItem.values(), args, itemListing, context),
    inventoryLevel: (_source, { id }: { id: string }, { shop }) => shop.tables.InventoryLevel.get(id) ?? null,
  },
  InventoryItem: {
    inventoryLevels: ({ id }: InventoryItem, args: ListArguments, context) =>
      listed(levelsOf(context.shop, id), args, levelListing, context),
    inventoryLevel: ({ id }: InventoryItem, { locationId }: { locationId: string }, { shop }) =>
      levelAt(shop, id, locationId) ?? null,
    variant: ({ variantId }: InventoryItem, _args, { shop }) => shop.tables.ProductVariant.get(variantId),
  },
  Location: {
    inventoryLevels: ({ id }: Location, args: ListArguments, context) =>
      listed(
        [...context.shop.tables.InventoryLevel.values()].filter(({ locationId }) => locationId === id),
        args,
        levelListing,
        context,
      ),
  },
  InventoryLevel: {
    item: ({ itemId }: InventoryLevel, _args, { shop }) => shop.tables.InventoryItem.get(itemId),
    location: ({ locationId }: InventoryLevel, _args, { shop }) => shop.tables.Location.get(locationId),
    quantities: (level: InventoryLevel, { names }: { names: string[] }) =>
      names.map((name) => ({
        id: level.id.replace("InventoryLevel", "InventoryQuantity"),
        name,
        quantity: amountOf(level, name),
        updatedAt: level.updatedAt,
      })),
  },
  Mutation: {
    inventoryItemUpdate(_source, { id, input }: { id: string; input: InventoryItemInput }, context) {
      const item = context.shop.tables.InventoryItem.get(id);
      if (!item)
        return { inventoryItem: null, userErrors: [userError(["id"], "Inventory item does not exist")] };
      return {
        inventoryItem: changeItem(context.shop, item, input, now(context)),
        userErrors: [],
      };
    },
  },
};
