import { entity, InvalidInputError, type Page, readCursor, type Static, Type } from "@plugboard/plugin-sdk";
import { type Admin, ask } from "../api/admin.ts";
import { idOf } from "../api/ids.ts";
import { type Connection, get, listOf, write } from "../api/records.ts";
import { search } from "../api/search.ts";
import { Id, Key, Time } from "../api/shapes.ts";
import { documents as quantities } from "./inventory-quantities.ts";

const names = `["available", "on_hand", "committed", "incoming", "reserved", "damaged", "safety_stock", "quality_control"]`;
const fields = `fragment InventoryLevel on InventoryLevel {
  id isActive createdAt updatedAt item { id } location { id } quantities(names: ${names}) { name quantity }
}`;
const page = "nodes { ...InventoryLevel } pageInfo { hasNextPage endCursor }";

export const documents = {
  ofLocation: `query ListLevelsOfLocation($id: ID!, $first: Int!, $after: String, $query: String) {
    record: location(id: $id) { records: inventoryLevels(first: $first, after: $after, query: $query) { ${page} } }
  } ${fields}`,
  all: `query ListLevels($location: String, $first: Int!, $after: String, $query: String) {
    locations(first: 1, after: $location, sortKey: ID) {
      nodes { levels: inventoryLevels(first: $first, after: $after, query: $query) { ${page} } }
      pageInfo { hasNextPage endCursor }
    }
  } ${fields}`,
  ofItem: `query ListLevelsOfItem($id: ID!, $first: Int!, $after: String, $query: String) {
    record: inventoryItem(id: $id) { records: inventoryLevels(first: $first, after: $after, query: $query) { ${page} } }
  } ${fields}`,
  get: `query GetInventoryLevel($id: ID!) { record: inventoryLevel(id: $id) { ...InventoryLevel } } ${fields}`,
};

const InventoryLevel = Type.Object({
  id: Id,
  inventoryItemId: Id,
  locationId: Id,
  isActive: Type.Boolean(),
  quantities: Type.Record(Type.Integer(), {
    description: "By name: available, on_hand, committed, incoming, reserved, …",
  }),
  createdAt: Time,
  updatedAt: Time,
});
type InventoryLevel = Static<typeof InventoryLevel>;

type Node = Omit<InventoryLevel, "inventoryItemId" | "locationId" | "quantities"> & {
  item: { id: string };
  location: { id: string };
  quantities: { name: string; quantity: number }[];
};

const toLevel = ({ item, location, quantities, ...rest }: Node): InventoryLevel => ({
  ...rest,
  inventoryItemId: item.id,
  locationId: location.id,
  quantities: Object.fromEntries(quantities.map(({ name, quantity }) => [name, quantity])),
});

/** Eight quantities for each level: so many fit within what one query may cost. */
const most = 75;

/** How much of an item is at a location: https://shopify.dev/docs/api/admin-graphql/2026-10/objects/InventoryLevel */
export const inventoryLevel = entity({
  title: "Inventory level",
  description: "All of them are listed location by location; or those of one location or inventory item.",
  schema: InventoryLevel,
  key: "id",
  updatedAt: "updatedAt",
  input: Type.Object({
    available: Type.Optional(Type.Integer({ minimum: -1_000_000_000, maximum: 1_000_000_000 })),
    onHand: Type.Optional(Type.Integer({ minimum: -1_000_000_000, maximum: 1_000_000_000 })),
  }),
  filter: Type.Object({ locationId: Type.Optional(Key), inventoryItemId: Type.Optional(Key) }),

  async list({ cursor, limit, filter: { locationId, inventoryItemId }, updatedSince, ...admin }) {
    if (locationId !== undefined && inventoryItemId !== undefined)
      throw new InvalidInputError("Give locationId or inventoryItemId: of both there is one level at most.");
    const wish = { cursor, limit, most, query: search({ updatedSince }) };
    const { items, nextCursor } =
      locationId !== undefined
        ? await listOf<Node>(admin, documents.ofLocation, { id: idOf("Location", locationId), ...wish })
        : inventoryItemId !== undefined
          ? await listOf<Node>(admin, documents.ofItem, {
              id: idOf("InventoryItem", inventoryItemId),
              ...wish,
            })
          : await listAll(admin, wish);
    return { items: items.map(toLevel), nextCursor };
  },

  get: async ({ key, ...admin }) =>
    toLevel(await get<Node>(admin, documents.get, idOf("InventoryLevel", key))),

  /** Whatever was there before: who has to know sets quantities by the action, with `changeFromQuantity`. */
  async update({ key, changes: { available, onHand }, idempotencyKey, ...admin }) {
    const id = idOf("InventoryLevel", key);
    const { item, location } = await get<Node>(admin, documents.get, id);
    for (const [name, quantity] of [
      ["available", available],
      ["on_hand", onHand],
    ] as const) {
      if (quantity === undefined) continue;
      const place = { inventoryItemId: item.id, locationId: location.id, changeFromQuantity: null };
      const input = { name, reason: "correction", quantities: [{ ...place, quantity }] };
      await write(admin, quantities.set, { input }, `${idempotencyKey}/${name}`);
    }
    return toLevel(await get<Node>(admin, documents.get, id));
  },
});

/** The cursor in front of a location, and the one within its levels. */
interface LevelPlace {
  location: string | null;
  after: string | null;
}

/** Shopify lists levels of one location at a time: where in which of them, says the cursor. */
async function listAll(
  admin: Admin,
  { cursor, limit, query }: { cursor: string | null; limit: number; query: string | null },
): Promise<Page<Node>> {
  const { location, after } =
    cursor === null ? { location: null, after: null } : readCursor<LevelPlace>(cursor);
  const first = Math.min(limit, most);
  const { locations } = await ask<{ locations: Connection<{ levels: Connection<Node> }> }>(
    admin,
    documents.all,
    { location, first, after, query },
  );
  const [levels] = locations.nodes.map((node) => node.levels);
  const next = levels?.pageInfo.hasNextPage
    ? { location, after: levels.pageInfo.endCursor }
    : locations.pageInfo.hasNextPage && { location: locations.pageInfo.endCursor, after: null };
  return { items: levels?.nodes ?? [], nextCursor: next ? JSON.stringify(next) : null };
}
