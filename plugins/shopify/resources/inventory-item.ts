import { entity, type Static, Type } from "@plugboard/plugin-sdk";
import { idOf } from "../api/ids.ts";
import { get, list, write } from "../api/records.ts";
import { search } from "../api/search.ts";
import { Amount, Id, MaybeText, Money, queryFilter, Text, Time } from "../api/shapes.ts";

const fields = `fragment InventoryItem on InventoryItem {
  id sku tracked requiresShipping countryCodeOfOrigin harmonizedSystemCode unitCost { amount currencyCode }
  createdAt updatedAt
}`;

export const documents = {
  list: `query ListInventoryItems($first: Int!, $after: String, $query: String) {
    records: inventoryItems(first: $first, after: $after, query: $query) {
      nodes { ...InventoryItem } pageInfo { hasNextPage endCursor }
    }
  } ${fields}`,
  get: `query GetInventoryItem($id: ID!) { record: inventoryItem(id: $id) { ...InventoryItem } } ${fields}`,
  update: `mutation UpdateInventoryItem($id: ID!, $input: InventoryItemInput!) {
    written: inventoryItemUpdate(id: $id, input: $input) {
      record: inventoryItem { ...InventoryItem } userErrors { field message }
    }
  } ${fields}`,
};

const InventoryItem = Type.Object({
  id: Id,
  sku: MaybeText,
  tracked: Type.Boolean(),
  requiresShipping: Type.Boolean(),
  countryCodeOfOrigin: MaybeText,
  harmonizedSystemCode: MaybeText,
  unitCost: Type.Nullable(Money),
  createdAt: Time,
  updatedAt: Time,
});
type InventoryItem = Static<typeof InventoryItem>;

/** What a variant is in stock as. It comes and goes with its variant: https://shopify.dev/docs/api/admin-graphql/2026-10/objects/InventoryItem */
export const inventoryItem = entity({
  title: "Inventory item",
  schema: InventoryItem,
  key: "id",
  updatedAt: "updatedAt",
  input: Type.Object({
    sku: Type.Optional(Type.String({ maxLength: 255 })),
    tracked: Type.Optional(Type.Boolean()),
    requiresShipping: Type.Optional(Type.Boolean()),
    cost: Type.Optional(Amount),
    countryCodeOfOrigin: Type.Optional(Type.String({ pattern: "^[A-Z]{2}$" })),
    harmonizedSystemCode: Type.Optional(Type.String({ maxLength: 32 })),
  }),
  filter: Type.Object({ sku: Type.Optional(Text), ...queryFilter }),

  list({ cursor, limit, filter: { query, ...terms }, updatedSince, ...admin }) {
    return list<InventoryItem>(admin, documents.list, {
      cursor,
      limit,
      query: search({ terms, updatedSince, query }),
    });
  },

  get: ({ key, ...admin }) => get<InventoryItem>(admin, documents.get, idOf("InventoryItem", key)),

  update: ({ key, changes, ...admin }) =>
    write<InventoryItem>(admin, documents.update, { id: idOf("InventoryItem", key), input: changes }),
});
