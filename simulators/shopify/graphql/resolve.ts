import {
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLTypeResolver,
} from "graphql";
import { bulkOperationResolvers } from "../resources/bulk-operations.ts";
import { customerResolvers } from "../resources/customers.ts";
import { eventResolvers } from "../resources/events.ts";
import { fulfillmentOrderResolvers } from "../resources/fulfillment-orders.ts";
import { fulfillmentResolvers } from "../resources/fulfillments.ts";
import { inventoryResolvers } from "../resources/inventory.ts";
import { inventoryChangeResolvers } from "../resources/inventory-changes.ts";
import { locationResolvers } from "../resources/locations.ts";
import { metafieldResolvers } from "../resources/metafields.ts";
import { orderResolvers } from "../resources/orders.ts";
import { productResolvers } from "../resources/products.ts";
import { shopResolvers } from "../resources/shop.ts";
import { nodeOf } from "../resources/tables.ts";
import { tagResolvers } from "../resources/tags.ts";
import { variantResolvers } from "../resources/variants.ts";
import { webhookSubscriptionResolvers } from "../resources/webhook-subscriptions.ts";
import type { ResolverContext } from "./execute.ts";
import { checkScope } from "./scopes.ts";

/** How the fields of a type are found, for those that are not members of what was found before. */
export interface Resolvers {
  [type: string]: {
    [field: string]: (
      // biome-ignore lint/suspicious/noExplicitAny: the schema checks sources; each resolver says what it takes
      source: any,
      // biome-ignore lint/suspicious/noExplicitAny: the schema checks arguments; each resolver says what it takes
      args: any,
      context: ResolverContext,
      info: GraphQLResolveInfo,
    ) => unknown;
  };
}

/** One file a resource; a new one is another line here. */
const resolvers = merge(
  shopResolvers,
  productResolvers,
  variantResolvers,
  inventoryResolvers,
  inventoryChangeResolvers,
  locationResolvers,
  customerResolvers,
  orderResolvers,
  fulfillmentOrderResolvers,
  fulfillmentResolvers,
  metafieldResolvers,
  tagResolvers,
  eventResolvers,
  bulkOperationResolvers,
  webhookSubscriptionResolvers,
  {
    QueryRoot: {
      node: (_source, { id }: { id: string }, { shop }) => nodeOf(shop.tables, id),
      nodes: (_source, { ids }: { ids: string[] }, { shop }) => ids.map((id) => nodeOf(shop.tables, id)),
    },
  },
);

/** What the schema has and this simulator has not is an error, never an empty answer. */
export const resolveField: GraphQLFieldResolver<unknown, ResolverContext> = (source, args, context, info) => {
  const { parentType, fieldName } = info;
  const isMutation = parentType.name === "Mutation";
  if (context.scopes && (isMutation || parentType.name === "QueryRoot"))
    checkScope(context.scopes, fieldName, isMutation);
  const resolver = resolvers[parentType.name]?.[fieldName];
  if (resolver) return resolver(source, args, context, info);
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
