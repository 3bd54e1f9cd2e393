import { type Bucket, type BucketSize, createBucket } from "./graphql/bucket.ts";
import type { Product } from "./resources/product.ts";

/** All that one shop owns. Nothing is shared between shops. */
export interface Shop {
  /** `north.myshopify.com` */
  domain: string;
  id: string;
  createdAt: Date;
  /** By id; insertion order is creation order. */
  products: Map<string, Product>;
  /** An id that no other resource of the shop has had. */
  newId(resource: string): string;
}

/** A shop as one app sees it: Shopify limits apps, not shops. */
export interface Access {
  shop: Shop;
  bucket: Bucket;
}

export interface ShopsOptions {
  /** Access tokens by the shop's domain. Left out: every domain, with every token of the form `shpat_…`. */
  shops?: { [domain: string]: { accessTokens: readonly string[] } } | undefined;
  bucket: BucketSize;
  nowMs(): number;
}

export interface Shops {
  exists(domain: string): boolean;
  /** Undefined for a token that the shop did not give. */
  enter(domain: string, accessToken: string): Access | undefined;
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
    const shop = { domain, id: newId("Shop"), createdAt, products: new Map(), newId };
    shops.set(domain, shop);
    return shop;
  };
  const exists = (domain: string) => !options.shops || Object.hasOwn(options.shops, domain);

  return {
    exists,
    enter(domain, accessToken) {
      const tokens = options.shops?.[domain]?.accessTokens;
      const isValid = tokens ? tokens.includes(accessToken) : /^shpat_\w+$/.test(accessToken);
      if (!exists(domain) || !isValid) return undefined;
      const key = `${domain} ${accessToken}`;
      const bucket = buckets.get(key) ?? createBucket(options.bucket, options.nowMs);
      buckets.set(key, bucket);
      return { shop: open(domain), bucket };
    },
  };
}
