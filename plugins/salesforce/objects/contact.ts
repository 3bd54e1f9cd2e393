import { MaybeDay, MaybeText, Text } from "../api/shapes.ts";
import { addressFields } from "./address.ts";
import { standardObject } from "./standard-object.ts";

export const contact = standardObject({
  object: "Contact",
  title: "Contact",
  fields: {
    firstName: MaybeText,
    lastName: Text,
    salutation: MaybeText,
    accountId: MaybeText,
    title: MaybeText,
    department: MaybeText,
    email: MaybeText,
    phone: MaybeText,
    mobilePhone: MaybeText,
    birthdate: MaybeDay,
    leadSource: MaybeText,
    description: MaybeText,
    reportsToId: MaybeText,
    ...addressFields("mailing"),
  },
  told: { name: MaybeText },
  required: ["lastName"],
  filters: ["email", "lastName", "accountId", "ownerId"],
});
