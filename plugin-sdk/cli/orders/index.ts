export { claimFor } from "./claim.ts";
export { sendOrder } from "./send-order.ts";
