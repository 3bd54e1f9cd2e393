import type { Resolvers } from "../graphql/resolve.ts";
import type { Shop } from "../shops.ts";

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Shop, the part that plugins ask for. */
export function toShop({ id, domain, createdAt }: Shop) {
  const [name = domain] = domain.split(".");
  return {
    id,
    name,
    email: `owner@${name}.example`,
    myshopifyDomain: domain,
    createdAt: createdAt.toISOString(),
    currencyCode: "EUR",
    ianaTimezone: "Europe/Oslo",
    description: null,
  };
}

export const shopResolvers: Resolvers = {
  QueryRoot: { shop: (_source, _args, { shop }) => toShop(shop) },
};
