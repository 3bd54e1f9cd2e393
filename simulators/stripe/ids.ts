import { randomInt } from "node:crypto";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** An id as Stripe forms them: the resource's prefix and 14 letters or digits (`cus_NffrFeUfNV2Hib`). */
export function newStripeId(prefix: "acct" | "cus" | "req"): string {
  const characters = Array.from({ length: 14 }, () => alphabet.charAt(randomInt(alphabet.length)));
  return `${prefix}_${characters.join("")}`;
}
