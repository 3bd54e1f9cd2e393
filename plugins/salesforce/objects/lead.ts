import { MaybeBoolean, MaybeDay, MaybeNumber, MaybeText, Text } from "../api/shapes.ts";
import { addressFields } from "./address.ts";
import { standardObject } from "./standard-object.ts";

export const lead = standardObject({
  object: "Lead",
  title: "Lead",
  fields: {
    firstName: MaybeText,
    lastName: Text,
    company: Text,
    title: MaybeText,
    email: MaybeText,
    phone: MaybeText,
    website: MaybeText,
    status: MaybeText,
    rating: MaybeText,
    industry: MaybeText,
    leadSource: MaybeText,
    annualRevenue: MaybeNumber,
    numberOfEmployees: MaybeNumber,
    description: MaybeText,
    ...addressFields(""),
  },
  told: {
    name: MaybeText,
    isConverted: MaybeBoolean,
    convertedDate: MaybeDay,
    convertedAccountId: MaybeText,
    convertedContactId: MaybeText,
    convertedOpportunityId: MaybeText,
  },
  required: ["lastName", "company"],
  filters: ["email", "company", "status", "ownerId"],
});
