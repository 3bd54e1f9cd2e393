import type { ResolverContext } from "../graphql/execute.ts";
import type { Resolvers } from "../graphql/resolve.ts";
import { once } from "./idempotent.ts";
import { amountOf, changeAmount, type InventoryLevel, levelAt, stockAt } from "./inventory.ts";
import { now } from "./now.ts";
import { type UserError, userError } from "./user-error.ts";

interface Change {
  inventoryItemId: string;
  locationId: string;
  changeFromQuantity?: number | null;
  delta?: number;
  quantity?: number;
}

interface Input {
  name: string;
  reason: string;
  referenceDocumentUri?: string | null;
  changes?: Change[];
  quantities?: Change[];
}

/** https://shopify.dev/docs/apps/build/orders-fulfillment/inventory-management-apps/manage-quantities-states */
const adjustable = ["available", "damaged", "incoming", "quality_control", "reserved", "safety_stock"];
const settable = ["available", "on_hand"];
const most = 1_000_000_000;

/** All changes or none, with what became of them. */
function apply(context: ResolverContext, input: Input, names: string[], place: "changes" | "quantities") {
  const { shop } = context;
  const isAdjusted = place === "changes";
  const errors: UserError[] = [];
  if (!names.includes(input.name))
    errors.push(
      userError(
        ["input", "name"],
        `The quantity name must be one of ${names.join(", ")}.`,
        isAdjusted ? "INVALID_QUANTITY_NAME" : "INVALID_NAME",
      ),
    );
  const planned = (input[place] ?? []).map((change, index) => {
    const at = (field: string) => ["input", place, String(index), field];
    const level = levelAt(shop, change.inventoryItemId, change.locationId);
    if (!shop.tables.InventoryItem.has(change.inventoryItemId))
      errors.push(
        userError(
          at("inventoryItemId"),
          "The specified inventory item could not be found.",
          "INVALID_INVENTORY_ITEM",
        ),
      );
    else if (!shop.tables.Location.has(change.locationId))
      errors.push(
        userError(at("locationId"), "The specified location could not be found.", "INVALID_LOCATION"),
      );
    else if (!level)
      errors.push(
        userError(
          at("locationId"),
          "The inventory item is not stocked at the location.",
          isAdjusted ? "ADJUST_QUANTITIES_FAILED" : "INVALID_LOCATION",
        ),
      );
    const from = level ? amountOf(level, input.name) : 0;
    const to = isAdjusted ? from + (change.delta ?? 0) : (change.quantity ?? 0);
    if (level && typeof change.changeFromQuantity === "number" && change.changeFromQuantity !== from)
      errors.push(
        userError(
          at("changeFromQuantity"),
          "The changeFromQuantity argument no longer matches the persisted quantity.",
          "CHANGE_FROM_QUANTITY_STALE",
        ),
      );
    if (Math.abs(to) > most)
      errors.push(
        userError(
          at(isAdjusted ? "delta" : "quantity"),
          `The quantity can't be higher than ${most}.`,
          "INVALID_QUANTITY_TOO_HIGH",
        ),
      );
    return { level, delta: to - from };
  });
  if (errors.length > 0) return { inventoryAdjustmentGroup: null, userErrors: errors };
  const { name, reason, referenceDocumentUri = null } = input;
  const changes = planned.flatMap(({ level, delta }) => {
    if (!level || delta === 0) return [];
    changeAmount(context, level, name, delta);
    // Each change is one of what is on hand too.
    return [...new Set([name, ...(name === "incoming" ? [] : ["on_hand"])])].map((changed) =>
      changeOf(context, level, changed, delta),
    );
  });
  const id = shop.newId("InventoryAdjustmentGroup");
  return {
    inventoryAdjustmentGroup: { id, reason, referenceDocumentUri, createdAt: now(context), changes },
    userErrors: [],
  };
}

function changeOf({ shop }: ResolverContext, { id }: InventoryLevel, name: string, delta: number) {
  const level = shop.tables.InventoryLevel.get(id);
  if (!level) throw new TypeError("A level was lost while it was changed.");
  return {
    name,
    delta,
    quantityAfterChange: amountOf(level, name),
    ledgerDocumentUri: null,
    item: shop.tables.InventoryItem.get(level.itemId),
    location: shop.tables.Location.get(level.locationId),
  };
}

export const inventoryChangeResolvers: Resolvers = {
  Mutation: {
    inventoryAdjustQuantities: (_source, { input }: { input: Input }, context, info) =>
      once(context, info, input, "inventoryAdjustmentGroup", () =>
        apply(context, input, adjustable, "changes"),
      ),
    inventorySetQuantities: (_source, { input }: { input: Input }, context, info) =>
      once(context, info, input, "inventoryAdjustmentGroup", () =>
        apply(context, input, settable, "quantities"),
      ),
    inventoryActivate(_source, args: ActivateArguments, context, info) {
      return once(context, info, args, "inventoryLevel", () => {
        const { shop } = context;
        const item = shop.tables.InventoryItem.get(args.inventoryItemId);
        const location = shop.tables.Location.get(args.locationId);
        if (!item || !location)
          return {
            inventoryLevel: null,
            userErrors: [
              userError(
                [item ? "locationId" : "inventoryItemId"],
                `The ${item ? "location" : "inventory item"} could not be found.`,
              ),
            ],
          };
        const isNew = levelAt(shop, item.id, location.id) === undefined;
        const level = stockAt(shop, item, location, now(context));
        if (isNew && args.available) changeAmount(context, level, "available", args.available);
        return { inventoryLevel: shop.tables.InventoryLevel.get(level.id), userErrors: [] };
      });
    },
  },
};

interface ActivateArguments {
  inventoryItemId: string;
  locationId: string;
  available?: number | null;
}
