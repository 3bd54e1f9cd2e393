import type { Resolvers } from "../graphql/resolve.ts";
import type { Shop } from "../shops.ts";
import { type ListArguments, listed } from "./list.ts";

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Location, the part that is kept. */
export interface Location {
  id: string;
  name: string;
  isActive: boolean;
  fulfillsOnlineOrders: boolean;
  address: { [line: string]: string | null };
  createdAt: string;
  updatedAt: string;
}

/** Every shop has two: what is sold is in stock at the first one. */
export function addLocations(shop: Shop): void {
  const at = shop.createdAt.toISOString().replace(/\.\d+Z$/, "Z");
  for (const name of ["Shop location", "Warehouse"]) {
    const id = shop.newId("Location");
    const address = {
      address1: "1 Road",
      address2: null,
      city: "Oslo",
      provinceCode: null,
      zip: "0150",
      countryCode: "NO",
      phone: null,
    };
    const row = {
      id,
      name,
      isActive: true,
      fulfillsOnlineOrders: true,
      address,
      createdAt: at,
      updatedAt: at,
    };
    shop.tables.Location.set(id, row);
  }
}

export function firstLocation({ tables }: Shop): Location {
  const [first] = tables.Location.values();
  if (!first) throw new TypeError("Every shop has a location.");
  return first;
}

export const locationResolvers: Resolvers = {
  QueryRoot: {
    location: (_source, { id }: { id?: string | null }, { shop }) =>
      id ? (shop.tables.Location.get(id) ?? null) : firstLocation(shop),
    locations: (_source, args: ListArguments, context) =>
      listed(
        context.shop.tables.Location.values(),
        args,
        {
          fields: { name: ({ name }) => name },
          text: ({ name }) => name,
          sortKeys: { NAME: ({ name }) => name.toLowerCase() },
        },
        context,
      ),
  },
};
