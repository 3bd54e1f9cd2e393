import { newRecord, updatedRecord } from "./polled.ts";
import { outboundMessage } from "./told.ts";

export const triggers = {
  "new-record": newRecord,
  "updated-record": updatedRecord,
  "outbound-message": outboundMessage,
};
