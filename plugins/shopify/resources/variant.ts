import {
  entity,
  InvalidInputError,
  NotFoundError,
  PluginError,
  type Static,
  Type,
  VendorError,
} from "@plugboard/plugin-sdk";
import { type Admin, ask, type Variables } from "../api/admin.ts";
import { idOf } from "../api/ids.ts";
import { get, list, write } from "../api/records.ts";
import { search } from "../api/search.ts";
import { Amount, Id, Key, MaybeText, queryFilter, Text, Time } from "../api/shapes.ts";
import { mostWrites, writeMany } from "../api/write-many.ts";
import { refuseLater } from "./create-only.ts";

const fields = `fragment Variant on ProductVariant {
  id title displayName sku barcode price compareAtPrice position taxable inventoryPolicy inventoryQuantity
  availableForSale selectedOptions { name value } product { id } inventoryItem { id } createdAt updatedAt
}`;

export const documents = {
  list: `query ListVariants($first: Int!, $after: String, $query: String) {
    records: productVariants(first: $first, after: $after, query: $query) {
      nodes { ...Variant } pageInfo { hasNextPage endCursor }
    }
  } ${fields}`,
  get: `query GetVariant($id: ID!) { record: productVariant(id: $id) { ...Variant } } ${fields}`,
  places: `query PlaceVariants($ids: [ID!]!) {
    records: nodes(ids: $ids) { ... on ProductVariant { id product { id } } }
  }`,
  create: `mutation CreateVariant($productId: ID!, $variants: [ProductVariantsBulkInput!]!) {
    written: productVariantsBulkCreate(productId: $productId, variants: $variants) {
      record: productVariants { ...Variant } userErrors { field message code }
    }
  } ${fields}`,
  update: `mutation UpdateVariant($productId: ID!, $variants: [ProductVariantsBulkInput!]!) {
    written: productVariantsBulkUpdate(productId: $productId, variants: $variants) {
      record: productVariants { ...Variant } userErrors { field message code }
    }
  } ${fields}`,
  remove: `mutation DeleteVariant($productId: ID!, $ids: [ID!]!) {
    written: productVariantsBulkDelete(productId: $productId, variantsIds: $ids) {
      record: product { id } userErrors { field message code }
    }
  }`,
};

const Variant = Type.Object({
  id: Id,
  productId: Id,
  inventoryItemId: Id,
  title: Text,
  displayName: Text,
  sku: MaybeText,
  barcode: MaybeText,
  price: Text,
  compareAtPrice: MaybeText,
  position: Type.Integer(),
  taxable: Type.Boolean(),
  inventoryPolicy: Type.String({ description: "CONTINUE or DENY, once there is none left" }),
  inventoryQuantity: Type.Nullable(Type.Integer()),
  availableForSale: Type.Boolean(),
  selectedOptions: Type.Array(Type.Object({ name: Text, value: Text })),
  createdAt: Time,
  updatedAt: Time,
});
type Variant = Static<typeof Variant>;

const VariantInput = Type.Object({
  productId: Type.Optional(
    Type.String({ ...Key, description: "Of which product; required when the variant is created" }),
  ),
  options: Type.Optional(
    Type.Array(Type.Object({ name: Text, value: Text }), {
      maxItems: 3,
      description: "Its value of each of the product's options",
    }),
  ),
  price: Type.Optional(Amount),
  compareAtPrice: Type.Optional(Type.Nullable(Amount)),
  sku: Type.Optional(Type.String({ maxLength: 255 })),
  barcode: Type.Optional(Type.String({ maxLength: 255 })),
  taxable: Type.Optional(Type.Boolean()),
  inventoryPolicy: Type.Optional(Type.Enum(["CONTINUE", "DENY"])),
  isTracked: Type.Optional(Type.Boolean({ description: "Whether Shopify counts how many there are" })),
  cost: Type.Optional(Amount),
});
type VariantInput = Static<typeof VariantInput>;

/** A variant as Shopify nests it. */
type Node = Omit<Variant, "productId" | "inventoryItemId"> & {
  product: { id: string };
  inventoryItem: { id: string };
};

const toVariant = ({ product, inventoryItem, ...rest }: Node): Variant => ({
  ...rest,
  productId: product.id,
  inventoryItemId: inventoryItem.id,
});

/** Records that fit within what one query may cost. */
const most = 150;

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/ProductVariant */
export const variant = entity({
  title: "Variant",
  schema: Variant,
  key: "id",
  updatedAt: "updatedAt",
  input: VariantInput,
  filter: Type.Object({
    productId: Type.Optional(Type.String({ description: "The number in the product's id" })),
    sku: Type.Optional(Text),
    barcode: Type.Optional(Text),
    vendor: Type.Optional(Text),
    ...queryFilter,
  }),

  async list({ cursor, limit, filter, updatedSince, ...admin }) {
    const { productId, query, ...terms } = filter;
    const product_id = productId?.slice(productId.lastIndexOf("/") + 1);
    const { items, nextCursor } = await list<Node>(admin, documents.list, {
      cursor,
      limit,
      most,
      query: search({ terms: { ...terms, product_id }, updatedSince, query }),
    });
    return { items: items.map(toVariant), nextCursor };
  },

  get: async ({ key, ...admin }) => toVariant(await readVariant(admin, key)),

  async create({ record, ...admin }) {
    return oneOf(await write<Node[]>(admin, documents.create, toCreate({ record })));
  },

  async update({ key, changes, ...admin }) {
    const places = new Map([[key, await readVariant(admin, key)]]);
    return oneOf(await write<Node[]>(admin, documents.update, toUpdate(places, { key, changes })));
  },

  async remove({ key, ...admin }) {
    const { id, product } = await readVariant(admin, key);
    await write(admin, documents.remove, { productId: product.id, ids: [id] });
  },

  batch: {
    most: mostWrites,
    create: ({ writes, ...admin }) =>
      writeMany(admin, documents.create, writes, {
        variables: toCreate,
        keyOf: (_, nodes: Node[]) => oneOf(nodes).id,
        read: oneOf,
      }),
    async update({ writes, ...admin }) {
      const places = await placesOf(admin, writes);
      return writeMany(admin, documents.update, writes, {
        variables: (write) => toUpdate(places, write),
        keyOf: ({ key }) => key,
        read: oneOf,
      });
    },
    async remove({ writes, ...admin }) {
      const places = await placesOf(admin, writes);
      return writeMany(admin, documents.remove, writes, {
        variables({ key }) {
          const { id, product } = placeOf(places, key);
          return { productId: product.id, ids: [id] };
        },
        keyOf: ({ key }) => key,
      });
    },
  },
});

/** Which product a variant is one of. */
type Place = Pick<Node, "id" | "product">;

/** Where they cannot be read, it is said of each write that it was not made. */
type Places = ReadonlyMap<string, Place> | PluginError;

/** Of all that are written, in one request: Shopify writes variants by their product. */
async function placesOf(admin: Admin, writes: readonly { key: string }[]): Promise<Places> {
  const ids = writes.flatMap(({ key }) => {
    try {
      return [{ key, id: idOf("ProductVariant", key) }];
    } catch {
      // Said of that write alone, below.
      return [];
    }
  });
  const found = await ask<{ records: (Place | null)[] }>(admin, documents.places, {
    ids: ids.map(({ id }) => id),
  }).catch((error: unknown) => {
    if (error instanceof PluginError) return error;
    throw error;
  });
  if (found instanceof PluginError) return found;
  const { records } = found;
  return new Map(
    ids.flatMap(({ key }, index): [string, Place][] => {
      const place = records[index];
      return place ? [[key, place]] : [];
    }),
  );
}

/** @throws PluginError */
function placeOf(places: Places, key: string): Place {
  if (places instanceof PluginError) throw places;
  const place = places.get(key);
  if (!place) throw new NotFoundError(`The store has no ${idOf("ProductVariant", key)}.`);
  return place;
}

function toCreate({ record: { productId, ...record } }: { record: VariantInput }): Variables {
  if (productId === undefined)
    throw new InvalidInputError("productId is missing: a variant is one of a product.");
  return { productId: idOf("Product", productId), variants: [toInput(record)] };
}

function toUpdate(
  places: Places,
  { key, changes }: { key: string; changes: Partial<VariantInput> },
): Variables {
  const input = refuseLater(changes, ["productId"], "A variant stays with its product.");
  const { id, product } = placeOf(places, key);
  return { productId: product.id, variants: [{ id, ...toInput(input) }] };
}

const readVariant = (admin: Admin, key: string) =>
  get<Node>(admin, documents.get, idOf("ProductVariant", key));

/** Shopify writes variants of a product many at a time; here it is one. */
function oneOf([written]: Node[]): Variant {
  if (!written) throw new VendorError("Shopify does not say which variant was written.");
  return toVariant(written);
}

function toInput({ options, sku, isTracked, cost, ...rest }: Partial<VariantInput>): object {
  const inventoryItem = {
    ...(sku !== undefined && { sku }),
    ...(isTracked !== undefined && { tracked: isTracked }),
    ...(cost !== undefined && { cost }),
  };
  return {
    ...rest,
    ...(options && { optionValues: options.map(({ name, value }) => ({ optionName: name, name: value })) }),
    ...(Object.keys(inventoryItem).length > 0 && { inventoryItem }),
  };
}
