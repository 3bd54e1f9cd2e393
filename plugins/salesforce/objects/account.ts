import { MaybeNumber, MaybeText, Text } from "../api/shapes.ts";
import { addressFields } from "./address.ts";
import { standardObject } from "./standard-object.ts";

export const account = standardObject({
  object: "Account",
  title: "Account",
  fields: {
    name: Text,
    accountNumber: MaybeText,
    type: MaybeText,
    industry: MaybeText,
    rating: MaybeText,
    annualRevenue: MaybeNumber,
    numberOfEmployees: MaybeNumber,
    phone: MaybeText,
    website: MaybeText,
    description: MaybeText,
    parentId: MaybeText,
    ...addressFields("billing"),
    ...addressFields("shipping"),
  },
  required: ["name"],
  filters: ["name", "accountNumber", "type", "industry", "ownerId", "parentId"],
});
