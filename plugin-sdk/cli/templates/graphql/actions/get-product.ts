import { action, NotFoundError, type Static, Type } from "@plugboard/plugin-sdk";
import { ask, Product } from "../api.ts";

const query = "query Product($id: ID!) { product(id: $id) { id name } }";

export const getProduct = action({
  title: "Get a product",
  input: Type.Object({ id: Type.String({ minLength: 1 }) }),
  output: Product,
  async run({ input, fetch }) {
    const { product } = await ask<{ product: Static<typeof Product> | null }>(fetch, query, input);
    if (!product) throw new NotFoundError(`There is no product ${input.id}.`);
    return product;
  },
});
