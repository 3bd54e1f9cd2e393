import { definePlugin } from "@plugboard/plugin-sdk";
import { listProducts } from "./actions/list-products.ts";

export default definePlugin({ actions: { "list-products": listProducts } });
