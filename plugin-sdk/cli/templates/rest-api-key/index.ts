import { definePlugin } from "@plugboard/plugin-sdk";
import { createItem } from "./actions/create-item.ts";
import { getItem } from "./actions/get-item.ts";

// What the plugin offers. `plugboard build` writes it, with its schemas, into the manifest.
export default definePlugin({
  actions: {
    "create-item": createItem,
    "get-item": getItem,
  },
});
