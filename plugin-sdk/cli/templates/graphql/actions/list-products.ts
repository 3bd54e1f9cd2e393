import { action, type Static, Type } from "@plugboard/plugin-sdk";
import { ask, Product } from "../api.ts";

const query = `query Products($first: Int!, $after: String) {
  products(first: $first, after: $after) {
    nodes { id name }
    pageInfo { endCursor hasNextPage }
  }
}`;

/** What the query answers. */
interface Data {
  products: {
    nodes: Static<typeof Product>[];
    pageInfo: { endCursor: string | null; hasNextPage: boolean };
  };
}

export const listProducts = action({
  title: "List products",
  input: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    cursor: Type.Optional(Type.String()),
  }),
  output: Type.Object({
    items: Type.Array(Product),
    nextCursor: Type.Union([Type.String(), Type.Null()]),
  }),
  async run({ input: { limit = 50, cursor }, fetch }) {
    const { products } = await ask<Data>(fetch, query, { first: limit, after: cursor ?? null });
    const { endCursor, hasNextPage } = products.pageInfo;
    return { items: products.nodes, nextCursor: hasNextPage ? endCursor : null };
  },
});
