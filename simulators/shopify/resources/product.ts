import type { Shop } from "../shops.ts";
import { type UserError, userError } from "./user-error.ts";

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Product, the part that is kept. */
export interface Product {
  id: string;
  title: string;
  handle: string;
  descriptionHtml: string;
  productType: string;
  vendor: string;
  status: string;
  tags: string[];
  seo: { title: string | null; description: string | null };
  templateSuffix: string | null;
  options: ProductOption[];
  createdAt: string;
  updatedAt: string;
}

export interface ProductOption {
  id: string;
  name: string;
  position: number;
  values: string[];
}

/** ProductCreateInput and ProductUpdateInput, the part that is simulated. */
export type ProductInput = Partial<Omit<Product, "createdAt" | "updatedAt" | "options">> & {
  productOptions?: { name?: string | null; values?: { name?: string | null }[] | null }[];
};

/** Null is what was not given: Shopify keeps what it has. */
type Given = { [Field in keyof ProductInput]?: ProductInput[Field] | null };

const maxTitleLength = 255;
/** Members of the input that are simulated. */
export const knownMembers =
  "id title handle descriptionHtml productType vendor status tags seo templateSuffix productOptions";

/** What Shopify says of an input that its schema allows. */
export function checkProduct(shop: Shop, input: Given, current: Product | undefined): UserError[] {
  const errors: UserError[] = [];
  const title = input.title ?? current?.title;
  if (title === undefined || title.trim() === "") errors.push(userError(["title"], "Title can't be blank"));
  else if (title.length > maxTitleLength)
    errors.push(userError(["title"], `Title is too long (maximum is ${maxTitleLength} characters)`));
  const { handle } = input;
  const taken = [...shop.tables.Product.values()].some(
    (one) => one.handle === handle && one.id !== current?.id,
  );
  if (handle && taken)
    errors.push(
      userError(["input", "handle"], `Handle '${handle}' already in use. Please provide a new handle.`),
    );
  return errors;
}

export function newProduct(shop: Shop, at: string): Product {
  const [vendor = shop.domain] = shop.domain.split(".");
  return {
    id: shop.newId("Product"),
    title: "",
    handle: "",
    descriptionHtml: "",
    productType: "",
    vendor,
    status: "ACTIVE",
    tags: [],
    seo: { title: null, description: null },
    templateSuffix: null,
    options: [],
    createdAt: at,
    updatedAt: at,
  };
}

export function applyInput(
  shop: Shop,
  product: Product,
  { seo, productOptions, ...input }: Given,
  at: string,
): Product {
  const given = Object.fromEntries(
    Object.entries(input).filter(([name, value]) => name !== "id" && value !== null && value !== undefined),
  );
  const changed: Product = { ...product, ...given, seo: { ...product.seo, ...seo }, updatedAt: at };
  changed.tags = [...new Set(changed.tags)].sort();
  changed.handle ||= freeHandle(shop, changed.title);
  if (changed.options.length === 0) changed.options = optionsOf(shop, productOptions ?? []);
  return changed;
}

/** A product without options has one all the same, of which its one variant has the one value. */
function optionsOf(shop: Shop, given: NonNullable<ProductInput["productOptions"]>): ProductOption[] {
  const asked = given.length > 0 ? given : [{ name: "Title", values: [{ name: "Default Title" }] }];
  return asked.map(({ name, values }, index) => ({
    id: shop.newId("ProductOption"),
    name: name ?? "",
    position: index + 1,
    values: (values ?? []).map((value) => value.name ?? ""),
  }));
}

/** `red-lamp`, and `red-lamp-1` where that is taken. */
function freeHandle({ tables }: Shop, title: string): string {
  const base =
    title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "product";
  const taken = new Set([...tables.Product.values()].map(({ handle }) => handle));
  let handle = base;
  for (let number = 1; taken.has(handle); number++) handle = `${base}-${number}`;
  return handle;
}
