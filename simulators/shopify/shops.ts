import { type Bucket, type BucketSize, createBucket } from "./graphql/bucket.ts";
import type { BulkOperation } from "./resources/bulk-operations.ts";
import type { Remembered } from "./resources/idempotent.ts";
import { addLocations } from "./resources/locations.ts";
import { createTables, type Tables } from "./resources/tables.ts";

/** All that one shop owns. Nothing is shared between shops. */
export interface Shop {
  /** `north.myshopify.com` */
  domain: string;
  id: string;
  createdAt: Date;
  tables: Tables;
  /** What mutations with `@idempotent` did, by key. */
  idempotent: Map<string, Remembered>;
  /** Tokens that apps got by OAuth. */
  issued: Map<string, IssuedToken>;
  ordersPlaced: number;
  /** An id that no other resource of the shop has had. */
  newId(resource: string): string;
}

export interface IssuedToken {
  clientId: string;
  scopes: readonly string[];
  /** Milliseconds since 1970; undefined for ever. */
  expiresAt: number | undefined;
}

/** A shop as one app sees it: Shopify limits apps, not shops. */
export interface Access {
  shop: Shop;
  bucket: Bucket;
  /** What the app may do; undefined for everything. */
  scopes: readonly string[] | undefined;
}

export interface ShopsOptions {
  /** Access tokens by the shop's domain. Left out: every domain, with every token of the form `shpat_…`. */
  shops?:
    | { [domain: string]: { accessTokens: readonly string[]; scopes?: readonly string[] | undefined } }
    | undefined;
  bucket: BucketSize;
  nowMs(): number;
}

export interface Shops {
  exists(domain: string): boolean;
  open(domain: string): Shop;
  /** Undefined for a token that the shop did not give. */
  enter(domain: string, accessToken: string): Access | undefined;
  /** Of whatever shop, by what opens its result. */
  bulkOperation(id: string, signature: string): BulkOperation | undefined;
}

const firstId = 1_000_000_001;

/** Makes each shop when it is first entered. */
export function createShops(options: ShopsOptions): Shops {
  const shops = new Map<string, Shop>();
  const buckets = new Map<string, Bucket>();

  const open = (domain: string): Shop => {
    const known = shops.get(domain);
    if (known) return known;
    let last = firstId;
    const newId = (resource: string) => `gid://shopify/${resource}/${last++}`;
    const createdAt = new Date(options.nowMs());
    const shop: Shop = {
      domain,
      id: newId("Shop"),
      createdAt,
      tables: createTables(),
      idempotent: new Map(),
      issued: new Map(),
      ordersPlaced: 0,
      newId,
    };
    addLocations(shop);
    shops.set(domain, shop);
    return shop;
  };
  const exists = (domain: string) => !options.shops || Object.hasOwn(options.shops, domain);

  return {
    exists,
    open,
    enter(domain, accessToken) {
      if (!exists(domain)) return undefined;
      const shop = open(domain);
      const known = options.shops?.[domain];
      const issued = shop.issued.get(accessToken);
      const isIssued =
        issued !== undefined && (issued.expiresAt ?? Number.POSITIVE_INFINITY) > options.nowMs();
      const isGiven = known
        ? known.accessTokens.includes(accessToken)
        : /^shpat_\w+$/.test(accessToken) && !issued;
      if (!isIssued && !isGiven) return undefined;
      const key = `${domain} ${issued?.clientId ?? accessToken}`;
      const bucket = buckets.get(key) ?? createBucket(options.bucket, options.nowMs);
      buckets.set(key, bucket);
      return { shop, bucket, scopes: issued?.scopes ?? known?.scopes };
    },
    bulkOperation(id, signature) {
      const all = [...shops.values()].map(({ tables }) => tables.BulkOperation.get(id));
      return all.find((one) => one?.signature === signature);
    },
  };
}
