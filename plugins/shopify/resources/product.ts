import { entity, type Static, Type } from "@plugboard/plugin-sdk";
import type { Variables } from "../api/admin.ts";
import { idOf } from "../api/ids.ts";
import { get, list, write } from "../api/records.ts";
import { search } from "../api/search.ts";
import { Id, MaybeText, MaybeTime, queryFilter, Tags, Text, Time } from "../api/shapes.ts";
import { mostWrites, writeMany } from "../api/write-many.ts";
import { changedSince } from "./changes.ts";
import { refuseLater } from "./create-only.ts";

const fields = `fragment Product on Product {
  id title handle status vendor productType descriptionHtml tags templateSuffix seo { title description }
  options { id name values } totalInventory tracksInventory onlineStoreUrl publishedAt createdAt updatedAt
}`;

export const documents = {
  list: `query ListProducts($first: Int!, $after: String, $query: String, $sortKey: ProductSortKeys) {
    records: products(first: $first, after: $after, query: $query, sortKey: $sortKey) {
      nodes { ...Product } pageInfo { hasNextPage endCursor }
    }
  } ${fields}`,
  get: `query GetProduct($id: ID!) { record: product(id: $id) { ...Product } } ${fields}`,
  create: `mutation CreateProduct($product: ProductCreateInput!) {
    written: productCreate(product: $product) { record: product { ...Product } userErrors { field message } }
  } ${fields}`,
  update: `mutation UpdateProduct($product: ProductUpdateInput!) {
    written: productUpdate(product: $product) { record: product { ...Product } userErrors { field message } }
  } ${fields}`,
  remove: `mutation DeleteProduct($id: ID!) {
    written: productDelete(input: { id: $id }) { record: deletedProductId userErrors { field message } }
  }`,
};

const status = Type.Enum(["ACTIVE", "ARCHIVED", "DRAFT", "UNLISTED"]);

export const Product = Type.Object({
  id: Id,
  title: Text,
  handle: Text,
  status: Type.String({ description: "ACTIVE, ARCHIVED, DRAFT or UNLISTED" }),
  vendor: Text,
  productType: Text,
  descriptionHtml: Text,
  tags: Type.Array(Text),
  templateSuffix: MaybeText,
  seo: Type.Object({ title: MaybeText, description: MaybeText }),
  options: Type.Array(Type.Object({ id: Id, name: Text, values: Type.Array(Text) })),
  totalInventory: Type.Nullable(Type.Integer()),
  tracksInventory: Type.Boolean(),
  onlineStoreUrl: MaybeText,
  publishedAt: MaybeTime,
  createdAt: Time,
  updatedAt: Time,
});
export type Product = Static<typeof Product>;

const ProductInput = Type.Object({
  title: Type.String({ minLength: 1, maxLength: 255 }),
  handle: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  status: Type.Optional(status),
  vendor: Type.Optional(Type.String({ maxLength: 255 })),
  productType: Type.Optional(Type.String({ maxLength: 255 })),
  descriptionHtml: Type.Optional(Type.String({ maxLength: 500_000 })),
  tags: Type.Optional(Tags),
  templateSuffix: Type.Optional(Type.String({ maxLength: 255 })),
  seo: Type.Optional(
    Type.Object({ title: Type.Optional(Type.String()), description: Type.Optional(Type.String()) }),
  ),
  options: Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String({ minLength: 1, maxLength: 255 }),
        values: Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { minItems: 1, maxItems: 250 }),
      }),
      { maxItems: 3, description: "What variants differ in; only when the product is created" },
    ),
  ),
});

type ProductInput = Static<typeof ProductInput>;

const read = (product: Product): Product => product;

function toCreate({ record: { options, ...record } }: { record: ProductInput }): Variables {
  const productOptions = options?.map(({ name, values }) => ({
    name,
    values: values.map((value) => ({ name: value })),
  }));
  return { product: { ...record, ...(productOptions && { productOptions }) } };
}

function toUpdate({ key, changes }: { key: string; changes: Partial<ProductInput> }): Variables {
  const input = refuseLater(changes, ["options"], "Change the product's variants.");
  return { product: { ...input, id: idOf("Product", key) } };
}

/** Records that fit within what one query may cost. */
const most = 200;

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Product */
export const product = entity({
  title: "Product",
  schema: Product,
  key: "id",
  updatedAt: "updatedAt",
  input: ProductInput,
  filter: Type.Object({
    status: Type.Optional(status),
    vendor: Type.Optional(Text),
    productType: Type.Optional(Text),
    tag: Type.Optional(Text),
    sku: Type.Optional(Type.String({ description: "Of one of its variants" })),
    ...queryFilter,
  }),

  list({ cursor, limit, filter, updatedSince, ...admin }) {
    const { productType, query, ...terms } = filter;
    return list<Product>(admin, documents.list, {
      cursor,
      limit,
      most,
      sortKey: updatedSince ? "UPDATED_AT" : "ID",
      query: search({ terms: { ...terms, product_type: productType }, updatedSince, query }),
    });
  },

  get: ({ key, ...admin }) => get<Product>(admin, documents.get, idOf("Product", key)),

  create: ({ record, ...admin }) => write<Product>(admin, documents.create, toCreate({ record })),

  async update({ key, changes, ...admin }) {
    return write<Product>(admin, documents.update, toUpdate({ key, changes }));
  },

  async remove({ key, ...admin }) {
    await write<string>(admin, documents.remove, { id: idOf("Product", key) });
  },

  batch: {
    most: mostWrites,
    create: ({ writes, ...admin }) =>
      writeMany(admin, documents.create, writes, { variables: toCreate, keyOf: (_, { id }) => id, read }),
    update: ({ writes, ...admin }) =>
      writeMany(admin, documents.update, writes, { variables: toUpdate, keyOf: ({ key }) => key, read }),
    remove: ({ writes, ...admin }) =>
      writeMany(admin, documents.remove, writes, {
        variables: ({ key }) => ({ id: idOf("Product", key) }),
        keyOf: ({ key }) => key,
      }),
  },

  changesSince: ({ cursor, limit, ...admin }) =>
    changedSince<Product>(admin, { document: documents.list, most, subject: "PRODUCT" }, cursor, limit),
});
