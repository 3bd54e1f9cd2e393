import { Type } from "typebox";
import { pluginId, publisherName, timestamp } from "../names.ts";
import { Finding } from "../scans/schemas.ts";

export const publicationId = Type.String({ pattern: "^pub_[0-9a-f]{32}$" });

export const publicationStatus = Type.Union(
  [
    Type.Literal("validating"),
    Type.Literal("scanning"),
    Type.Literal("published"),
    Type.Literal("rejected"),
    Type.Literal("quarantined"),
  ],
  { description: "`quarantined` waits for the registry's operator." },
);

export const Publication = Type.Object({
  id: Type.String(),
  status: publicationStatus,
  publisher: publisherName,
  plugin: pluginId,
  version: Type.String(),
  problems: Type.Array(Finding, { description: "Everything that keeps it from being published." }),
  notes: Type.Array(Finding, { description: "What was found and hinders nothing." }),
  decision: Type.Union(
    [
      Type.Object({
        decision: Type.Union([Type.Literal("publish"), Type.Literal("reject"), Type.Literal("withdraw")]),
        reason: Type.String(),
        by: Type.String(),
        at: timestamp,
      }),
      Type.Null(),
    ],
    { description: "What a person decided, where the scanners did not." },
  ),
  createdAt: timestamp,
  finishedAt: Type.Union([timestamp, Type.Null()]),
});

export const DecisionRequest = Type.Object({
  decision: Type.Union([Type.Literal("publish"), Type.Literal("reject")]),
  reason: Type.String({
    minLength: 1,
    maxLength: 2000,
    description: "For the publisher, and for the record.",
  }),
});

export const WithdrawalRequest = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 2000 }) });
