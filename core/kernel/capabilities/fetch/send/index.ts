export { dial, type Target } from "./dial.ts";
export type { BodySink, StreamedBody, VendorHead } from "./link.ts";
export { SendFailure, toSendFailure } from "./send-failure.ts";
export { createSender, type Sender, type SendOptions } from "./sender.ts";
