import { newStripeId } from "./ids.ts";
import type { Customer } from "./resources/customer.ts";

/** A reply kept under an idempotency key. */
export interface StoredReply {
  endpoint: string;
  fingerprint: string;
  requestId: string;
  status: number;
  body: unknown;
}

/** All that one Stripe account owns. Nothing is shared between accounts. */
export interface Account {
  id: string;
  /** Insertion order is creation order; `deleted` ones stay, to answer as Stripe does. */
  customers: Map<string, Customer | { id: string; object: "customer"; deleted: true }>;
  replies: Map<string, StoredReply>;
}

/** Finds the account that an API key belongs to; `undefined` for a key that Stripe would not know. */
export type FindAccount = (apiKey: string) => Account | undefined;

/**
 * Each API key is its own account, made when the key is first used.
 *
 * @param apiKeys the keys that are valid; left out, every well-formed test key is
 */
export function createAccounts(apiKeys?: readonly string[]): FindAccount {
  const accounts = new Map<string, Account>();
  const isValid = (key: string) => (apiKeys ? apiKeys.includes(key) : /^[sr]k_test_\w+$/.test(key));
  return (apiKey) => {
    if (!isValid(apiKey)) return undefined;
    const known = accounts.get(apiKey);
    if (known) return known;
    const account: Account = { id: newStripeId("acct"), customers: new Map(), replies: new Map() };
    accounts.set(apiKey, account);
    return account;
  };
}
