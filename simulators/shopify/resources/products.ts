import type { ResolverContext } from "../graphql/execute.ts";
import type { Resolvers } from "../graphql/resolve.ts";
import type { Shop } from "../shops.ts";
import { rememberRemoval } from "./events.ts";
import { available } from "./inventory.ts";
import { refuseUnknown } from "./known.ts";
import { find, type ListArguments, type Listing, listed, numberIn } from "./list.ts";
import { now } from "./now.ts";
import {
  applyInput,
  checkProduct,
  knownMembers,
  newProduct,
  type Product,
  type ProductInput,
} from "./product.ts";
import { productPayload } from "./rest.ts";
import { toShop } from "./shop.ts";
import { userError } from "./user-error.ts";
import { addFirstVariant, removeVariant, titleOf, variantsOf } from "./variants.ts";

interface WriteArguments {
  product?: ProductInput | null;
  input?: ProductInput | null;
  identifier?: { id?: string } | null;
  media?: unknown[] | null;
}

const noProduct = userError(["id"], "Product does not exist");

const listingIn = (shop: Shop): Listing<Product> => ({
  fields: {
    title: ({ title }) => title,
    handle: ({ handle }) => handle,
    status: ({ status }) => status,
    vendor: ({ vendor }) => vendor,
    product_type: ({ productType }) => productType,
    tag: ({ tags }) => tags,
    sku: ({ id }) =>
      variantsOf(shop, id).flatMap(
        ({ inventoryItemId }) => shop.tables.InventoryItem.get(inventoryItemId)?.sku ?? [],
      ),
  },
  text: ({ title, vendor, productType, tags }) => [title, vendor, productType, ...tags].join(" "),
  sortKeys: {
    TITLE: ({ title }) => title.toLowerCase(),
    VENDOR: ({ vendor }) => vendor.toLowerCase(),
    PRODUCT_TYPE: ({ productType }) => productType.toLowerCase(),
  },
});

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Product */
export const productResolvers: Resolvers = {
  QueryRoot: {
    product: (_source, { id }: { id: string }, { shop }) => shop.tables.Product.get(id) ?? null,
    products: (_source, args: ListArguments, context) =>
      listed(context.shop.tables.Product.values(), args, listingIn(context.shop), context),
    productsCount: (_source, args: ListArguments, { shop }) => ({
      count: find(shop.tables.Product.values(), args, listingIn(shop)).length,
      precision: "EXACT",
    }),
  },

  Product: {
    legacyResourceId: ({ id }: Product) => numberIn(id),
    description: ({ descriptionHtml }: Product, { truncateAt }: { truncateAt?: number | null }) =>
      descriptionHtml.replace(/<[^>]*>/g, "").slice(0, truncateAt ?? undefined),
    totalInventory: ({ id }: Product, _args, { shop }) =>
      variantsOf(shop, id).reduce((sum, { inventoryItemId }) => sum + available(shop, inventoryItemId), 0),
    tracksInventory: ({ id }: Product, _args, { shop }) =>
      variantsOf(shop, id).some(
        ({ inventoryItemId }) => shop.tables.InventoryItem.get(inventoryItemId)?.tracked,
      ),
    publishedAt: ({ status, createdAt }: Product) => (status === "ACTIVE" ? createdAt : null),
    onlineStoreUrl: () => null,
    variants: ({ id }: Product, args: ListArguments, context) =>
      listed(
        variantsOf(context.shop, id),
        { ...args, sortKey: "ID" },
        { fields: {}, text: titleOf },
        context,
      ),
  },

  Mutation: {
    productCreate(_source, args: WriteArguments, context) {
      const input = inputOf(args);
      const { shop } = context;
      const userErrors = checkProduct(shop, input, undefined);
      if (userErrors.length > 0) return { product: null, userErrors, shop: toShop(shop) };
      const product = save(newProduct(shop, now(context)), input, context);
      addFirstVariant(context, product);
      context.tell("products/create", productPayload(product));
      return { product, userErrors, shop: toShop(shop) };
    },

    productUpdate(_source, args: WriteArguments, context) {
      const input = inputOf(args);
      const current = context.shop.tables.Product.get(input.id ?? args.identifier?.id ?? "");
      if (!current) return { product: null, userErrors: [noProduct] };
      const userErrors = checkProduct(context.shop, input, current);
      if (userErrors.length > 0) return { product: current, userErrors };
      const product = save(current, input, context);
      context.tell("products/update", productPayload(product));
      return { product, userErrors };
    },

    productDelete(_source, { input }: { input: { id: string } }, context) {
      const { shop } = context;
      for (const { id } of variantsOf(shop, input.id)) removeVariant(shop, id);
      const isDeleted = shop.tables.Product.delete(input.id);
      if (isDeleted) {
        rememberRemoval(shop, "PRODUCT", input.id, now(context));
        context.tell("products/delete", { id: Number(numberIn(input.id)) });
      }
      return {
        deletedProductId: isDeleted ? input.id : null,
        productDeleteOperation: null,
        shop: toShop(shop),
        userErrors: isDeleted ? [] : [noProduct],
      };
    },
  },
};

function save(product: Product, input: ProductInput, context: ResolverContext): Product {
  const saved = applyInput(context.shop, product, input, now(context));
  context.shop.tables.Product.set(saved.id, saved);
  return saved;
}

/** `product` is today's name of the argument, `input` the one that is deprecated. */
function inputOf({ product, input, media }: WriteArguments): ProductInput {
  const given = product ?? input ?? {};
  refuseUnknown("a product", { ...given, ...(media?.length && { media }) }, knownMembers);
  return given;
}
