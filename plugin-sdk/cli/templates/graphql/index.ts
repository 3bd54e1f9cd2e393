import { definePlugin } from "@plugboard/plugin-sdk";
import { getProduct } from "./actions/get-product.ts";
import { listProducts } from "./actions/list-products.ts";

// What the plugin offers. `plugboard build` writes it, with its schemas, into the manifest.
export default definePlugin({
  actions: {
    "get-product": getProduct,
    "list-products": listProducts,
  },
});
