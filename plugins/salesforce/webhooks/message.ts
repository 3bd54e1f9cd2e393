import { type Static, Type } from "@plugboard/plugin-sdk";
import { MaybeText } from "../api/shapes.ts";

/** The type of the events. */
export const messageReceived = "outbound-message.received";

/** What an outbound message tells of one record. The session id that one may carry is a credential, and is left out. */
export const OutboundMessage = Type.Object(
  {
    object: Type.String(),
    recordId: MaybeText,
    organizationId: Type.String(),
    actionId: MaybeText,
    fields: Type.Record(MaybeText, { description: "By their API names, as text; null where empty" }),
  },
  { additionalProperties: false },
);
export type OutboundMessage = Static<typeof OutboundMessage>;
