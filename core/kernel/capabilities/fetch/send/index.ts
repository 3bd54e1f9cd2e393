export type { BodySink, StreamedBody, VendorHead } from "./link.ts";
export { SendFailure } from "./send-failure.ts";
export { createSender, type Sender, type SendOptions } from "./sender.ts";
