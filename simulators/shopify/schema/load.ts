import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { buildASTSchema, type GraphQLSchema, parse } from "graphql";

/** The one version that is simulated. Shopify answers requests for older ones with the oldest it still supports. */
export const apiVersion = "2026-10";

let loaded: GraphQLSchema | undefined;

/** Shopify's own schema, 3,500 types; read once in a process, which takes some 0.2 s. */
export function loadSchema(): GraphQLSchema {
  if (loaded) return loaded;
  const packed = readFileSync(new URL(`./admin-${apiVersion}.graphql.gz`, import.meta.url));
  const document = parse(gunzipSync(packed).toString("utf8"), { noLocation: true });
  // It came out of a working API.
  loaded = buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
  return loaded;
}
