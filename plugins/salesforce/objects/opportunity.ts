import { Day, MaybeBoolean, MaybeNumber, MaybeText, Text } from "../api/shapes.ts";
import { standardObject } from "./standard-object.ts";

export const opportunity = standardObject({
  object: "Opportunity",
  title: "Opportunity",
  fields: {
    name: Text,
    stageName: Text,
    closeDate: Day,
    accountId: MaybeText,
    amount: MaybeNumber,
    probability: MaybeNumber,
    type: MaybeText,
    leadSource: MaybeText,
    nextStep: MaybeText,
    description: MaybeText,
  },
  told: { isClosed: MaybeBoolean, isWon: MaybeBoolean },
  required: ["name", "stageName", "closeDate"],
  filters: ["name", "stageName", "accountId", "ownerId"],
});
