import { action, type Static, Type } from "@plugboard/plugin-sdk";
import { idOf } from "../api/ids.ts";
import { write } from "../api/records.ts";
import { Id, Key, Text, Time } from "../api/shapes.ts";

// What changes how much there is. Shopify asks for an idempotency key, so that none of it is done twice.

const result = `record: inventoryAdjustmentGroup {
  id reason createdAt changes { name delta quantityAfterChange item { id } location { id } }
} userErrors { field message code }`;

export const documents = {
  adjust: `mutation AdjustInventory($input: InventoryAdjustQuantitiesInput!, $idempotencyKey: String!) {
    written: inventoryAdjustQuantities(input: $input) @idempotent(key: $idempotencyKey) { ${result} }
  }`,
  set: `mutation SetInventory($input: InventorySetQuantitiesInput!, $idempotencyKey: String!) {
    written: inventorySetQuantities(input: $input) @idempotent(key: $idempotencyKey) { ${result} }
  }`,
  activate: `mutation ActivateInventory(
    $inventoryItemId: ID!, $locationId: ID!, $available: Int, $idempotencyKey: String!
  ) {
    written: inventoryActivate(inventoryItemId: $inventoryItemId, locationId: $locationId, available: $available)
      @idempotent(key: $idempotencyKey) { record: inventoryLevel { id isActive } userErrors { field message } }
  }`,
};

const reason = Type.Optional(
  Type.String({
    maxLength: 255,
    default: "correction",
    description: "Such as correction, cycle_count_available, damaged, received, restock, shrinkage",
  }),
);
const referenceDocumentUri = Type.Optional(
  Type.String({ maxLength: 255, description: "What it goes back to, such as gid://my-app/Count/7" }),
);
const idempotencyKey = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 255,
    pattern: "^[\\x21-\\x7e]+$",
    description: "The same key changes nothing a second time; left out, the call's own",
  }),
);
const quantity = Type.Integer({ minimum: -1_000_000_000, maximum: 1_000_000_000 });
const place = {
  inventoryItemId: Key,
  locationId: Key,
  changeFromQuantity: Type.Optional(
    Type.Integer({
      description: "How much there must be now; else nothing is changed, and it is a conflict",
    }),
  ),
};

const Adjustment = Type.Object({
  id: Id,
  reason: Text,
  createdAt: Time,
  changes: Type.Array(
    Type.Object({
      name: Text,
      delta: Type.Integer(),
      quantityAfterChange: Type.Nullable(Type.Integer()),
      inventoryItemId: Type.Nullable(Id),
      locationId: Type.Nullable(Id),
    }),
  ),
});
type Adjustment = Static<typeof Adjustment>;

type Node = Omit<Adjustment, "changes"> & {
  changes: (Omit<Adjustment["changes"][number], "inventoryItemId" | "locationId"> & {
    item: { id: string } | null;
    location: { id: string } | null;
  })[];
};

const toAdjustment = ({ changes, ...rest }: Node): Adjustment => ({
  ...rest,
  changes: changes.map(({ item, location, ...change }) => ({
    ...change,
    inventoryItemId: item?.id ?? null,
    locationId: location?.id ?? null,
  })),
});

/** Shopify wants to be told in so many words that nothing is compared. */
const placed = <Change extends { inventoryItemId: string; locationId: string; changeFromQuantity?: number }>({
  inventoryItemId,
  locationId,
  changeFromQuantity = undefined,
  ...rest
}: Change) => ({
  ...rest,
  inventoryItemId: idOf("InventoryItem", inventoryItemId),
  locationId: idOf("Location", locationId),
  changeFromQuantity: changeFromQuantity ?? null,
});

export const adjustInventory = action({
  title: "Adjust inventory",
  description: "Adds to quantities, or takes from them. All changes are made, or none.",
  input: Type.Object({
    name: Type.Optional(
      Type.Enum(["available", "damaged", "quality_control", "reserved", "safety_stock", "incoming"], {
        default: "available",
      }),
    ),
    changes: Type.Array(Type.Object({ ...place, delta: quantity }), { minItems: 1, maxItems: 250 }),
    reason,
    referenceDocumentUri,
    idempotencyKey,
  }),
  output: Adjustment,
  async run({ input: { idempotencyKey: given, ...rest }, idempotencyKey, ...admin }) {
    const { name = "available", reason: why = "correction", changes, ...more } = rest;
    const input = { ...more, name, reason: why, changes: changes.map(placed) };
    return toAdjustment(await write<Node>(admin, documents.adjust, { input }, given ?? idempotencyKey));
  },
});

export const setInventory = action({
  title: "Set inventory",
  description: "Sets quantities to what they are. All are set, or none.",
  input: Type.Object({
    name: Type.Optional(Type.Enum(["available", "on_hand"], { default: "available" })),
    quantities: Type.Array(Type.Object({ ...place, quantity }), { minItems: 1, maxItems: 250 }),
    reason,
    referenceDocumentUri,
    idempotencyKey,
  }),
  output: Adjustment,
  async run({ input: { idempotencyKey: given, ...rest }, idempotencyKey, ...admin }) {
    const { name = "available", reason: why = "correction", quantities, ...more } = rest;
    const input = { ...more, name, reason: why, quantities: quantities.map(placed) };
    return toAdjustment(await write<Node>(admin, documents.set, { input }, given ?? idempotencyKey));
  },
});

export const activateInventory = action({
  title: "Stock an item at a location",
  input: Type.Object({
    inventoryItemId: Key,
    locationId: Key,
    available: Type.Optional(quantity),
    idempotencyKey,
  }),
  output: Type.Object({ id: Id, isActive: Type.Boolean() }),
  run({ input, idempotencyKey, ...admin }) {
    const { idempotencyKey: given, inventoryItemId, locationId, available } = input;
    return write(
      admin,
      documents.activate,
      {
        inventoryItemId: idOf("InventoryItem", inventoryItemId),
        locationId: idOf("Location", locationId),
        ...(available !== undefined && { available }),
      },
      given ?? idempotencyKey,
    );
  },
});
