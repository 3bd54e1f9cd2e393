import { trigger } from "@plugboard/plugin-sdk";
import { messageReceived, OutboundMessage } from "../webhooks/message.ts";

export const outboundMessage = trigger({
  title: "Outbound message",
  description: "A flow or workflow rule of the org sends an outbound message about a record.",
  kind: "webhook",
  events: [messageReceived],
  output: OutboundMessage,
});
