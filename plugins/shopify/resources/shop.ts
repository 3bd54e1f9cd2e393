import { action, type Static, Type } from "@plugboard/plugin-sdk";
import { ask } from "../api/admin.ts";
import { Id, Text } from "../api/shapes.ts";

export const documents = {
  get: "query GetShop { record: shop { id name myshopifyDomain email currencyCode ianaTimezone } }",
};

const Shop = Type.Object({
  id: Id,
  name: Text,
  myshopifyDomain: Text,
  email: Text,
  currencyCode: Text,
  ianaTimezone: Text,
});

export const getShop = action({
  title: "Get the store",
  description: "Its name, currency and time zone.",
  input: Type.Object({}),
  output: Shop,
  run: async (admin) => (await ask<{ record: Static<typeof Shop> }>(admin, documents.get, {})).record,
});
