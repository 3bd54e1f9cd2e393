import { randomInt } from "node:crypto";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Those that are as old as Stripe have short ids. */
const lengths: { readonly [prefix: string]: number } = { acct: 16, cus: 14, prod: 14, req: 14, cs_test: 58 };

/** An id as Stripe forms them: the resource's prefix and letters or digits (`cus_NffrFeUfNV2Hib`). */
export function newStripeId(prefix: string): string {
  return `${prefix}_${randomText(lengths[prefix] ?? 24)}`;
}

export function randomText(length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
}
