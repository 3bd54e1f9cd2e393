import type { ResolverContext } from "../graphql/execute.ts";
import type { Resolvers } from "../graphql/resolve.ts";
import type { Shop } from "../shops.ts";
import { available, changeItem, type InventoryItemInput, newItem } from "./inventory.ts";
import { refuseUnknown } from "./known.ts";
import { type ListArguments, type Listing, listed, numberIn } from "./list.ts";
import { now } from "./now.ts";
import type { Product } from "./product.ts";
import { type UserError, userError } from "./user-error.ts";

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/ProductVariant, the part that is kept. */
export interface Variant {
  id: string;
  productId: string;
  inventoryItemId: string;
  barcode: string | null;
  price: string;
  compareAtPrice: string | null;
  taxable: boolean;
  inventoryPolicy: string;
  selectedOptions: { name: string; value: string }[];
  createdAt: string;
  updatedAt: string;
}

/** ProductVariantsBulkInput, the part that is simulated. */
interface VariantInput {
  id?: string | null;
  barcode?: string | null;
  price?: string | null;
  compareAtPrice?: string | null;
  taxable?: boolean | null;
  inventoryPolicy?: string | null;
  optionValues?: { optionName?: string | null; name?: string | null }[] | null;
  inventoryItem?: InventoryItemInput | null;
}

export const variantsOf = (shop: Shop, productId: string): Variant[] =>
  [...shop.tables.ProductVariant.values()].filter((variant) => variant.productId === productId);

const skuOf = (shop: Shop, { inventoryItemId }: Variant) =>
  shop.tables.InventoryItem.get(inventoryItemId)?.sku ?? null;

export const titleOf = ({ selectedOptions }: Variant) =>
  selectedOptions.map(({ value }) => value).join(" / ");

/** Every product has one, of the first value of each of its options. */
export function addFirstVariant(context: ResolverContext, { id, options }: Product): void {
  const selectedOptions = options.map(({ name, values }) => ({ name, value: values[0] ?? "" }));
  addVariant(context, id, { selectedOptions });
}

function addVariant(context: ResolverContext, productId: string, given: Partial<Variant>): Variant {
  const { shop } = context;
  const at = now(context);
  const id = shop.newId("ProductVariant");
  const variant: Variant = {
    id,
    productId,
    inventoryItemId: newItem(shop, id, at).id,
    barcode: null,
    price: "0.00",
    compareAtPrice: null,
    taxable: true,
    inventoryPolicy: "DENY",
    selectedOptions: [],
    createdAt: at,
    updatedAt: at,
    ...given,
  };
  shop.tables.ProductVariant.set(id, variant);
  return variant;
}

export function removeVariant({ tables }: Shop, id: string): void {
  const variant = tables.ProductVariant.get(id);
  if (!variant) return;
  tables.ProductVariant.delete(id);
  tables.InventoryItem.delete(variant.inventoryItemId);
  for (const level of tables.InventoryLevel.values())
    if (level.itemId === variant.inventoryItemId) tables.InventoryLevel.delete(level.id);
}

/** Writes what is given; of prices the form that Shopify keeps. */
function change(context: ResolverContext, variant: Variant, input: VariantInput): Variant {
  const { shop } = context;
  refuseUnknown(
    "a variant",
    input,
    "id barcode price compareAtPrice taxable inventoryPolicy optionValues inventoryItem",
  );
  const { inventoryItem, optionValues, id: _, ...rest } = input;
  const given = Object.fromEntries(
    Object.entries(rest).filter(([name, value]) => value !== null || name === "compareAtPrice"),
  );
  const changed: Variant = { ...variant, ...given, updatedAt: now(context) };
  for (const field of ["price", "compareAtPrice"] as const) {
    const amount = changed[field];
    if (amount !== null) changed[field] = Number(amount).toFixed(2);
  }
  if (optionValues)
    changed.selectedOptions = optionValues.map(({ optionName, name }) => ({
      name: optionName ?? "",
      value: name ?? "",
    }));
  const item = shop.tables.InventoryItem.get(variant.inventoryItemId);
  if (inventoryItem && item) changeItem(shop, item, inventoryItem, now(context));
  shop.tables.ProductVariant.set(variant.id, changed);
  touch(context, variant.productId);
  return changed;
}

/** A product changes with its variants. */
function touch(context: ResolverContext, productId: string): void {
  const product = context.shop.tables.Product.get(productId);
  if (product) context.shop.tables.Product.set(productId, { ...product, updatedAt: now(context) });
}

function checkNew(shop: Shop, product: Product, { optionValues }: VariantInput, index: number): UserError[] {
  const field = ["variants", String(index), "optionValues"];
  const names = (optionValues ?? []).map(({ optionName }) => optionName);
  const missing = product.options.find(({ name }) => !names.includes(name));
  if (missing)
    return [
      userError(field, `You need to add option values for ${missing.name}`, "NEED_TO_ADD_OPTION_VALUES"),
    ];
  const title = (optionValues ?? []).map(({ name }) => name).join(" / ");
  return variantsOf(shop, product.id).some((variant) => titleOf(variant) === title)
    ? [
        userError(
          field,
          `The variant '${title}' already exists. Please change at least one option value.`,
          "VARIANT_ALREADY_EXISTS",
        ),
      ]
    : [];
}

const noProduct = userError(["productId"], "Product does not exist", "PRODUCT_DOES_NOT_EXIST");
const noVariant = (index: number) =>
  userError(
    ["variants", String(index), "id"],
    "Product variant does not exist",
    "PRODUCT_VARIANT_DOES_NOT_EXIST",
  );

const listingIn = (shop: Shop): Listing<Variant> => ({
  fields: {
    sku: (variant) => skuOf(shop, variant),
    barcode: ({ barcode }) => barcode,
    product_id: ({ productId }) => numberIn(productId),
    title: titleOf,
    vendor: ({ productId }) => shop.tables.Product.get(productId)?.vendor ?? null,
  },
  text: (variant) => `${shop.tables.Product.get(variant.productId)?.title} ${titleOf(variant)}`,
});

interface BulkArguments {
  productId: string;
  variants: VariantInput[];
}

export const variantResolvers: Resolvers = {
  QueryRoot: {
    productVariant: (_source, { id }: { id: string }, { shop }) => shop.tables.ProductVariant.get(id) ?? null,
    productVariants: (_source, args: ListArguments, context) =>
      listed(context.shop.tables.ProductVariant.values(), args, listingIn(context.shop), context),
  },
  ProductVariant: {
    title: titleOf,
    displayName: (variant: Variant, _args, { shop }) =>
      `${shop.tables.Product.get(variant.productId)?.title} - ${titleOf(variant)}`,
    sku: (variant: Variant, _args, { shop }) => skuOf(shop, variant),
    position: ({ id, productId }: Variant, _args, { shop }) =>
      variantsOf(shop, productId).findIndex((one) => one.id === id) + 1,
    inventoryQuantity: ({ inventoryItemId }: Variant, _args, { shop }) => available(shop, inventoryItemId),
    availableForSale: ({ inventoryItemId, inventoryPolicy }: Variant, _args, { shop }) =>
      inventoryPolicy === "CONTINUE" || available(shop, inventoryItemId) > 0,
    product: ({ productId }: Variant, _args, { shop }) => shop.tables.Product.get(productId),
    inventoryItem: ({ inventoryItemId }: Variant, _args, { shop }) =>
      shop.tables.InventoryItem.get(inventoryItemId),
  },
  Mutation: {
    productVariantsBulkCreate(_source, { productId, variants }: BulkArguments, context) {
      const { shop } = context;
      const product = shop.tables.Product.get(productId);
      if (!product) return { product: null, productVariants: null, userErrors: [noProduct] };
      const userErrors = variants.flatMap((input, index) => checkNew(shop, product, input, index));
      if (userErrors.length > 0) return { product, productVariants: null, userErrors };
      for (const { optionValues } of variants) learnValues(shop, product.id, optionValues ?? []);
      const written = variants.map((input) => change(context, addVariant(context, productId, {}), input));
      return { product: shop.tables.Product.get(productId), productVariants: written, userErrors };
    },
    productVariantsBulkUpdate(_source, { productId, variants }: BulkArguments, context) {
      const { shop } = context;
      const product = shop.tables.Product.get(productId);
      if (!product) return { product: null, productVariants: null, userErrors: [noProduct] };
      const known = variants.map(({ id }) => shop.tables.ProductVariant.get(id ?? ""));
      const userErrors = known.flatMap((one, index) =>
        one?.productId === productId ? [] : [noVariant(index)],
      );
      if (userErrors.length > 0) return { product, productVariants: null, userErrors };
      const written = known.flatMap((one, index) =>
        one ? [change(context, one, variants[index] ?? {})] : [],
      );
      return { product: shop.tables.Product.get(productId), productVariants: written, userErrors };
    },
    productVariantsBulkDelete(_source, args: { productId: string; variantsIds: string[] }, context) {
      const { shop } = context;
      if (!shop.tables.Product.has(args.productId)) return { product: null, userErrors: [noProduct] };
      const of = variantsOf(shop, args.productId).map(({ id }) => id);
      const userErrors = args.variantsIds.flatMap((id, index) => (of.includes(id) ? [] : [noVariant(index)]));
      if (userErrors.length === 0) for (const id of args.variantsIds) removeVariant(shop, id);
      touch(context, args.productId);
      return { product: shop.tables.Product.get(args.productId), userErrors };
    },
  },
};

/** Values that a new variant brings are the product's from now on. */
function learnValues(
  { tables }: Shop,
  productId: string,
  given: NonNullable<VariantInput["optionValues"]>,
): void {
  const product = tables.Product.get(productId);
  if (!product) return;
  const options = product.options.map((option) => {
    const more = given.flatMap(({ optionName, name }) => (optionName === option.name && name ? [name] : []));
    return { ...option, values: [...new Set([...option.values, ...more])] };
  });
  tables.Product.set(productId, { ...product, options });
}
