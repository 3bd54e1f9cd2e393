// What a plugin is written with. It is bundled into every plugin, so it imports nothing but types.
export * from "./author/index.ts";
