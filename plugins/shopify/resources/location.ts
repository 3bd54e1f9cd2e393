import { entity, type Static, Type } from "@plugboard/plugin-sdk";
import { idOf } from "../api/ids.ts";
import { get, list } from "../api/records.ts";
import { search } from "../api/search.ts";
import { Id, MaybeText, queryFilter, Text, Time } from "../api/shapes.ts";

const fields = `fragment Location on Location {
  id name isActive fulfillsOnlineOrders createdAt updatedAt
  address { address1 address2 city provinceCode zip countryCode phone }
}`;

export const documents = {
  list: `query ListLocations($first: Int!, $after: String, $query: String) {
    records: locations(first: $first, after: $after, query: $query, sortKey: ID) {
      nodes { ...Location } pageInfo { hasNextPage endCursor }
    }
  } ${fields}`,
  get: `query GetLocation($id: ID!) { record: location(id: $id) { ...Location } } ${fields}`,
};

const Location = Type.Object({
  id: Id,
  name: Text,
  isActive: Type.Boolean(),
  fulfillsOnlineOrders: Type.Boolean(),
  address: Type.Object({
    address1: MaybeText,
    address2: MaybeText,
    city: MaybeText,
    provinceCode: MaybeText,
    zip: MaybeText,
    countryCode: MaybeText,
    phone: MaybeText,
  }),
  createdAt: Time,
  updatedAt: Time,
});

/** Where stock is: https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Location */
export const location = entity({
  title: "Location",
  schema: Location,
  key: "id",
  filter: Type.Object(queryFilter),
  list: ({ cursor, limit, filter: { query }, ...admin }) =>
    list<Static<typeof Location>>(admin, documents.list, { cursor, limit, query: search({ query }) }),
  get: ({ key, ...admin }) => get<Static<typeof Location>>(admin, documents.get, idOf("Location", key)),
});
