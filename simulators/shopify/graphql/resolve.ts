import { GraphQLError, type GraphQLFieldResolver, type GraphQLTypeResolver } from "graphql";
import { productResolvers } from "../resources/products.ts";
import { shopResolvers } from "../resources/shop.ts";
import type { ResolverContext } from "./execute.ts";

/** How the fields of a type are found, for those that are not members of what was found before. */
export interface Resolvers {
  // biome-ignore lint/suspicious/noExplicitAny: the schema checks arguments; each resolver says what it takes
  [type: string]: { [field: string]: (source: any, args: any, context: ResolverContext) => unknown };
}

/** One file a resource; a new one is another line here. */
const resolvers = merge(shopResolvers, productResolvers);

/** What the schema has and this simulator has not is an error, never an empty answer. */
export const resolveField: GraphQLFieldResolver<unknown, ResolverContext> = (source, args, context, info) => {
  const { parentType, fieldName } = info;
  const resolver = resolvers[parentType.name]?.[fieldName];
  if (resolver) return resolver(source, args, context);
  if (typeof source === "object" && source !== null && Object.hasOwn(source, fieldName))
    return (source as { [field: string]: unknown })[fieldName];
  throw new GraphQLError(`The simulator does not have ${parentType.name}.${fieldName}.`, {
    extensions: { code: "NOT_SIMULATED" },
  });
};

/** The type of an object behind an interface, by its id: `gid://shopify/Product/1`. */
export const resolveType: GraphQLTypeResolver<unknown, ResolverContext> = (value) =>
  typeof value === "object" && value !== null && "id" in value
    ? /^gid:\/\/shopify\/(\w+)\//.exec(String(value.id))?.[1]
    : undefined;

function merge(...all: Resolvers[]): Resolvers {
  const merged: Resolvers = {};
  for (const one of all)
    for (const [type, fields] of Object.entries(one)) merged[type] = { ...merged[type], ...fields };
  return merged;
}
