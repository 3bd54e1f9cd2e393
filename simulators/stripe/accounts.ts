import { newStripeId } from "./ids.ts";
import type { AnyRecord, LineItem, Name } from "./records/shapes.ts";

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
  /** By resource, then by id; insertion order is creation order. */
  records: Map<Name, Map<string, AnyRecord>>;
  /** Customers answer as deleted for ever; the rest is just gone. */
  deleted: Set<string>;
  /** What is bought in a checkout session or through a payment link, by its id. */
  lineItems: Map<string, LineItem[]>;
  /** The test card behind each payment method, by its id: it decides what becomes of a payment. */
  testCards: Map<string, string>;
  /** What deliveries to a webhook endpoint are signed with, by its id. */
  webhookSecrets: Map<string, string>;
  replies: Map<string, StoredReply>;
  /** Idempotency keys of requests under way. */
  underWay: Set<string>;
}

/** Finds the account that an API key belongs to; `undefined` for a key that Stripe would not know. */
export type FindAccount = (apiKey: string) => Account | undefined;

/**
 * Each API key is its own account, made when the key is first used. A restricted key is of the account of the key that
 * it was made from.
 *
 * @param apiKeys the keys that are valid; left out, every well-formed test key is
 * @param accountKeyOf the secret key of a restricted one's account
 */
export function createAccounts(
  apiKeys: readonly string[] | undefined,
  accountKeyOf: (apiKey: string) => string,
): FindAccount {
  const accounts = new Map<string, Account>();
  const isValid = (key: string) => (apiKeys ? apiKeys.includes(key) : /^[sr]k_test_\w+$/.test(key));
  return (apiKey) => {
    const key = accountKeyOf(apiKey);
    if (!isValid(key)) return undefined;
    const known = accounts.get(key);
    if (known) return known;
    const account: Account = {
      id: newStripeId("acct"),
      records: new Map(),
      deleted: new Set(),
      lineItems: new Map(),
      testCards: new Map(),
      webhookSecrets: new Map(),
      replies: new Map(),
      underWay: new Set(),
    };
    accounts.set(key, account);
    return account;
  };
}
