import { action, type Static, Type } from "@plugboard/plugin-sdk";
import { queryShopify } from "../api/graphql.ts";

const Product = Type.Object(
  {
    id: Type.String({ description: "gid://shopify/Product/…" }),
    title: Type.String(),
    handle: Type.String(),
    status: Type.String({ description: "ACTIVE, ARCHIVED, DRAFT or UNLISTED" }),
    vendor: Type.String(),
    productType: Type.String(),
    totalInventory: Type.Union([Type.Integer(), Type.Null()]),
    createdAt: Type.String({ format: "date-time" }),
    updatedAt: Type.String({ format: "date-time" }),
  },
  { additionalProperties: false },
);

const query = `query ListProducts($first: Int!, $after: String, $query: String) {
  products(first: $first, after: $after, query: $query) {
    nodes { id title handle status vendor productType totalInventory createdAt updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface Products {
  products: {
    nodes: Static<typeof Product>[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  };
}

export const listProducts = action({
  title: "List products",
  description: "Lists the products of the store. Pass nextCursor back as cursor until it is null.",
  input: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 250, default: 50 })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1000 })),
    query: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1000,
        description: "Shopify's search syntax, for example status:active",
      }),
    ),
  }),
  output: Type.Object(
    { items: Type.Array(Product), nextCursor: Type.Union([Type.String(), Type.Null()]) },
    { additionalProperties: false },
  ),
  async run({ input, fetch, connection }) {
    const { products } = await queryShopify<Products>({ fetch, connection }, query, {
      first: input.limit ?? 50,
      after: input.cursor ?? null,
      query: input.query ?? null,
    });
    const { hasNextPage, endCursor } = products.pageInfo;
    return { items: products.nodes, nextCursor: hasNextPage ? endCursor : null };
  },
});
