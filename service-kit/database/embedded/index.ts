export { type EmbeddedDatabase, openEmbedded } from "./embedded.ts";
export { type EmbeddedServer, joinServer } from "./server.ts";
