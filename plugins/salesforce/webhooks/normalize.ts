import { InvalidInputError, type NormalizeContext, type NormalizedEvent } from "@plugboard/plugin-sdk";
import { orgIdOf } from "../api/org-url.ts";
import { entityNames } from "../objects/index.ts";
import { messageReceived } from "./message.ts";
import { readMessage } from "./read-message.ts";

/** Outbound messages as events, one for each record. */
export function normalize({ delivery, connection }: NormalizeContext): NormalizedEvent[] {
  const known = orgIdOf(connection.config);
  return readMessage(delivery.rawBody).map(({ id, message }) => {
    if (known !== undefined && message.organizationId.slice(0, 15) !== known)
      throw new InvalidInputError("The message is of another org than the connection.");
    const entity = Object.hasOwn(entityNames, message.object) ? entityNames[message.object] : undefined;
    return {
      type: messageReceived,
      id,
      ...(entity !== undefined && message.recordId !== null && { entity, key: message.recordId }),
      data: message,
    };
  });
}
