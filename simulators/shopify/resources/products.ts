import { GraphQLError } from "graphql";
import type { ResolverContext } from "../graphql/execute.ts";
import type { Resolvers } from "../graphql/resolve.ts";
import { connectionOf, type PageArguments } from "./page.ts";
import {
  applyInput,
  checkProduct,
  newProduct,
  type Product,
  type ProductInput,
  unknownMembers,
} from "./product.ts";
import { search } from "./search.ts";
import { toShop } from "./shop.ts";

interface ListArguments extends PageArguments {
  query?: string | null;
  sortKey?: string;
  savedSearchId?: string | null;
}

interface WriteArguments {
  product?: ProductInput | null;
  input?: ProductInput | null;
  identifier?: { id?: string } | null;
  media?: unknown[] | null;
}

const noProduct = { field: ["id"], message: "Product does not exist" };

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Product */
export const productResolvers: Resolvers = {
  QueryRoot: {
    product: (_source, { id }: { id: string }, { shop }) => shop.products.get(id) ?? null,
    products: (_source, args: ListArguments, { shop }) =>
      connectionOf(sorted(matching([...shop.products.values()], args), args.sortKey), args),
    productsCount: (_source, args: ListArguments, { shop }) => ({
      count: matching([...shop.products.values()], args).length,
      precision: "EXACT",
    }),
    node: (_source, { id }: { id: string }, { shop }) => shop.products.get(id) ?? null,
  },

  Product: {
    legacyResourceId: ({ id }: Product) => id.slice(id.lastIndexOf("/") + 1),
    description: ({ descriptionHtml }: Product, { truncateAt }: { truncateAt?: number | null }) =>
      descriptionHtml.replace(/<[^>]*>/g, "").slice(0, truncateAt ?? undefined),
    // Shops of the simulator hold no stock.
    totalInventory: () => 0,
    tracksInventory: () => false,
    publishedAt: ({ status, createdAt }: Product) => (status === "ACTIVE" ? createdAt : null),
  },

  Mutation: {
    productCreate(_source, args: WriteArguments, context) {
      const input = inputOf(args);
      const userErrors = checkProduct(context.shop, input, undefined);
      const product =
        userErrors.length > 0 ? null : save(newProduct(context.shop, now(context)), input, context);
      return { product, userErrors, shop: toShop(context.shop) };
    },

    productUpdate(_source, args: WriteArguments, context) {
      const input = inputOf(args);
      const current = context.shop.products.get(input.id ?? args.identifier?.id ?? "");
      if (!current) return { product: null, userErrors: [noProduct] };
      const userErrors = checkProduct(context.shop, input, current);
      return { product: userErrors.length > 0 ? current : save(current, input, context), userErrors };
    },

    productDelete(_source, { input }: { input: { id: string } }, { shop }) {
      const isDeleted = shop.products.delete(input.id);
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
  context.shop.products.set(saved.id, saved);
  return saved;
}

const now = ({ nowMs }: ResolverContext): string => new Date(nowMs()).toISOString().replace(/\.\d+Z$/, "Z");

/** `product` is today's name of the argument, `input` the one that is deprecated. */
function inputOf({ product, input, media }: WriteArguments): ProductInput {
  const given = product ?? input ?? {};
  const unknown = [...unknownMembers(given), ...(media?.length ? ["media"] : [])];
  if (unknown.length > 0)
    throw new GraphQLError(`The simulator does not take ${unknown.join(", ")} of a product.`, {
      extensions: { code: "NOT_SIMULATED" },
    });
  return given;
}

function matching(all: Product[], { query, savedSearchId }: ListArguments): readonly Product[] {
  if (savedSearchId) throw new GraphQLError("The simulator has no saved searches.");
  return search(
    all,
    query,
    {
      id: ({ id }) => id.slice(id.lastIndexOf("/") + 1),
      title: ({ title }) => title,
      handle: ({ handle }) => handle,
      status: ({ status }) => status,
      vendor: ({ vendor }) => vendor,
      product_type: ({ productType }) => productType,
      tag: ({ tags }) => tags,
    },
    ({ title, vendor, productType, tags }) => [title, vendor, productType, ...tags].join(" "),
  );
}

const sortKeys: { [key: string]: (product: Product) => string } = {
  ID: () => "",
  CREATED_AT: ({ createdAt }) => createdAt,
  UPDATED_AT: ({ updatedAt }) => updatedAt,
  TITLE: ({ title }) => title.toLowerCase(),
  VENDOR: ({ vendor }) => vendor.toLowerCase(),
  PRODUCT_TYPE: ({ productType }) => productType.toLowerCase(),
};

/** Equal ones stay in the order of their ids. */
function sorted(products: readonly Product[], sortKey = "ID"): readonly Product[] {
  const read = sortKeys[sortKey];
  if (!read) throw new GraphQLError(`The simulator does not sort by ${sortKey}.`);
  return products.toSorted((a, b) => (read(a) < read(b) ? -1 : read(a) > read(b) ? 1 : 0));
}
