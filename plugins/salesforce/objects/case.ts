import { MaybeBoolean, MaybeText, MaybeTime } from "../api/shapes.ts";
import { standardObject } from "./standard-object.ts";

/** `case` is a word of the language's. */
export const supportCase = standardObject({
  object: "Case",
  title: "Case",
  fields: {
    subject: MaybeText,
    description: MaybeText,
    status: MaybeText,
    priority: MaybeText,
    origin: MaybeText,
    type: MaybeText,
    reason: MaybeText,
    accountId: MaybeText,
    contactId: MaybeText,
    parentId: MaybeText,
    suppliedName: MaybeText,
    suppliedEmail: MaybeText,
  },
  told: { caseNumber: MaybeText, isClosed: MaybeBoolean, closedDate: MaybeTime },
  required: [],
  filters: ["status", "priority", "accountId", "contactId", "ownerId"],
});
