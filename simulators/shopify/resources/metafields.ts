import { createHash } from "node:crypto";
import type { ResolverContext } from "../graphql/execute.ts";
import type { Resolvers } from "../graphql/resolve.ts";
import type { Shop } from "../shops.ts";
import { type ListArguments, listed } from "./list.ts";
import { now } from "./now.ts";
import { nodeOf } from "./tables.ts";
import { type UserError, userError } from "./user-error.ts";

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Metafield, the part that is kept. */
export interface Metafield {
  id: string;
  ownerId: string;
  namespace: string;
  key: string;
  type: string;
  value: string;
  createdAt: string;
  updatedAt: string;
}

interface Place {
  ownerId: string;
  namespace?: string | null;
  key: string;
}

interface SetInput extends Place {
  type?: string | null;
  value: string;
  compareDigest?: string | null;
}

const owners = ["Product", "ProductVariant", "Customer", "Order", "Location"];

const digestOf = ({ value }: Metafield) => createHash("sha256").update(value).digest("hex");

function at({ tables }: Shop, { ownerId, namespace, key }: Place): Metafield | undefined {
  return [...tables.Metafield.values()].find(
    (one) => one.ownerId === ownerId && one.namespace === namespace && one.key === key,
  );
}

/** Whether a value is one of its type, of those that can be told from outside. */
function fits(type: string, value: string): boolean {
  switch (type) {
    case "number_integer":
      return /^-?\d{1,16}$/.test(value);
    case "number_decimal":
      return /^-?\d{1,13}(\.\d{1,9})?$/.test(value);
    case "boolean":
      return value === "true" || value === "false";
    case "json":
      return isJson(value);
    default:
      return true;
  }
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

function check(shop: Shop, input: SetInput, index: number): UserError[] {
  const refuse = (field: string, message: string, code: string) => [
    { ...userError(["metafields", String(index), field], message, code), elementIndex: index },
  ];
  const owner = nodeOf(shop.tables, input.ownerId);
  if (!owner || !owners.some((type) => input.ownerId.startsWith(`gid://shopify/${type}/`)))
    return refuse("ownerId", "Owner does not exist.", "INVALID");
  const current = at(shop, input);
  const type = input.type ?? current?.type;
  if (!type) return refuse("type", "can't be blank", "BLANK");
  if (current && current.type !== type)
    return refuse("type", `Type '${type}' must be consistent with the definition's type`, "INVALID_TYPE");
  if (!fits(type, input.value))
    return refuse("value", `Value is invalid for the type ${type}.`, "INVALID_VALUE");
  if (input.compareDigest && (!current || digestOf(current) !== input.compareDigest))
    return refuse("compareDigest", "The resource has been updated since it was loaded.", "STALE_OBJECT");
  return [];
}

function set(context: ResolverContext, input: SetInput): Metafield {
  const { shop } = context;
  const time = now(context);
  const current = at(shop, input);
  const metafield: Metafield = {
    id: current?.id ?? shop.newId("Metafield"),
    ownerId: input.ownerId,
    namespace: input.namespace ?? "",
    key: input.key,
    type: input.type ?? current?.type ?? "",
    value: input.value,
    createdAt: current?.createdAt ?? time,
    updatedAt: time,
  };
  shop.tables.Metafield.set(metafield.id, metafield);
  return metafield;
}

/** The two fields that whatever has metafields has. */
const owning = {
  metafield: ({ id }: { id: string }, place: Omit<Place, "ownerId">, { shop }: ResolverContext) =>
    at(shop, { ownerId: id, ...place }) ?? null,
  metafields: (
    { id }: { id: string },
    args: ListArguments & { namespace?: string | null; keys?: string[] | null },
    context: ResolverContext,
  ) =>
    listed(
      [...context.shop.tables.Metafield.values()].filter(
        (one) =>
          one.ownerId === id &&
          (!args.namespace || one.namespace === args.namespace) &&
          (!args.keys || args.keys.includes(`${one.namespace}.${one.key}`)),
      ),
      args,
      { fields: {}, text: () => "" },
      context,
    ),
};

export const metafieldResolvers: Resolvers = {
  ...Object.fromEntries(owners.map((type) => [type, owning])),
  Metafield: {
    compareDigest: digestOf,
    jsonValue: ({ value }: Metafield) => (isJson(value) ? JSON.parse(value) : value),
    owner: ({ ownerId }: Metafield, _args, { shop }) => nodeOf(shop.tables, ownerId),
  },
  Mutation: {
    metafieldsSet(_source, { metafields }: { metafields: SetInput[] }, context) {
      const userErrors = metafields.flatMap((input, index) => check(context.shop, input, index));
      return userErrors.length > 0
        ? { metafields: null, userErrors }
        : { metafields: metafields.map((input) => set(context, input)), userErrors };
    },
    metafieldsDelete(_source, { metafields }: { metafields: Required<Place>[] }, { shop }) {
      const missing = metafields.findIndex(({ ownerId }) => !nodeOf(shop.tables, ownerId));
      if (missing >= 0)
        return {
          deletedMetafields: null,
          userErrors: [userError(["metafields", String(missing), "ownerId"], "Owner does not exist.")],
        };
      const deletedMetafields = metafields.map((place) => {
        const known = at(shop, place);
        if (known) shop.tables.Metafield.delete(known.id);
        return known ? place : null;
      });
      return { deletedMetafields, userErrors: [] };
    },
  },
};
