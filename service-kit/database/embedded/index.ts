export { type EmbeddedDatabase, type EmbeddedOptions, openEmbedded } from "./embedded.ts";
