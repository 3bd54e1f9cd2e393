import type { Shop } from "../shops.ts";

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
  createdAt: string;
  updatedAt: string;
}

/** ProductCreateInput and ProductUpdateInput, the part that is simulated. */
export type ProductInput = Partial<Omit<Product, "createdAt" | "updatedAt">>;

/** Null is what was not given: Shopify keeps what it has. */
type Given = { [Field in keyof ProductInput]?: ProductInput[Field] | null };

export interface UserError {
  field: string[] | null;
  message: string;
}

const maxTitleLength = 255;
const known = new Set(
  "id title handle descriptionHtml productType vendor status tags seo templateSuffix".split(" "),
);

/** What Shopify says of an input that its schema allows. */
export function checkProduct(shop: Shop, input: Given, current: Product | undefined): UserError[] {
  const errors: UserError[] = [];
  const title = input.title ?? current?.title;
  if (title === undefined || title.trim() === "")
    errors.push({ field: ["title"], message: "Title can't be blank" });
  else if (title.length > maxTitleLength)
    errors.push({ field: ["title"], message: `Title is too long (maximum is ${maxTitleLength} characters)` });
  const { handle } = input;
  const taken = [...shop.products.values()].some((one) => one.handle === handle && one.id !== current?.id);
  if (handle && taken)
    errors.push({
      field: ["input", "handle"],
      message: `Handle '${handle}' already in use. Please provide a new handle.`,
    });
  return errors;
}

/** Members of the input that Shopify has and this simulator has not, but for those that ask for nothing. */
export function unknownMembers(input: object): string[] {
  return Object.entries(input)
    .filter(([name, value]) => !known.has(name) && value !== false && value !== null)
    .map(([name]) => name);
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
    createdAt: at,
    updatedAt: at,
  };
}

export function applyInput(shop: Shop, product: Product, { seo, ...input }: Given, at: string): Product {
  const given = Object.fromEntries(
    Object.entries(input).filter(([name, value]) => name !== "id" && value !== null && value !== undefined),
  );
  const changed: Product = { ...product, ...given, seo: { ...product.seo, ...seo }, updatedAt: at };
  changed.tags = [...new Set(changed.tags)].sort();
  changed.handle ||= freeHandle(shop, changed.title);
  return changed;
}

/** `red-lamp`, and `red-lamp-1` where that is taken. */
function freeHandle({ products }: Shop, title: string): string {
  const base =
    title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "product";
  const taken = new Set([...products.values()].map(({ handle }) => handle));
  let handle = base;
  for (let number = 1; taken.has(handle); number++) handle = `${base}-${number}`;
  return handle;
}
