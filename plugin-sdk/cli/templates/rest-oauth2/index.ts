import { definePlugin } from "@plugboard/plugin-sdk";
import { findContact } from "./actions/find-contact.ts";
import { contact } from "./entities/contact.ts";

// What the plugin offers. `plugboard build` writes it, with its schemas, into the manifest.
export default definePlugin({
  actions: { "find-contact": findContact },
  entities: { contact },
});
