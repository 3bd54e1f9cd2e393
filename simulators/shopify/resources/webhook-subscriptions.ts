import type { Resolvers } from "../graphql/resolve.ts";
import { refuseUnknown } from "./known.ts";
import { type ListArguments, listed, numberIn } from "./list.ts";
import { now } from "./now.ts";
import { userError } from "./user-error.ts";

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/WebhookSubscription */
export interface WebhookSubscription {
  id: string;
  /** As the schema writes it: ORDERS_CREATE. */
  topic: string;
  uri: string;
  format: string;
  filter: null;
  createdAt: string;
  updatedAt: string;
}

interface CreateArguments {
  topic: string;
  webhookSubscription: {
    uri?: string | null;
    callbackUrl?: string | null;
    format?: string | null;
  };
}

export const webhookSubscriptionResolvers: Resolvers = {
  QueryRoot: {
    webhookSubscription: (_source, { id }: { id: string }, { shop }) =>
      shop.tables.WebhookSubscription.get(id) ?? null,
    webhookSubscriptions: (_source, args: ListArguments & { topics?: string[] | null }, context) =>
      listed(
        [...context.shop.tables.WebhookSubscription.values()].filter(
          ({ topic }) => !args.topics || args.topics.includes(topic),
        ),
        args,
        { fields: {}, text: ({ topic }) => topic },
        context,
      ),
  },
  WebhookSubscription: { legacyResourceId: ({ id }: WebhookSubscription) => numberIn(id) },
  Mutation: {
    webhookSubscriptionCreate(_source, { topic, webhookSubscription }: CreateArguments, context) {
      const { shop } = context;
      refuseUnknown("a webhook subscription", webhookSubscription, "uri callbackUrl format");
      const uri = webhookSubscription.uri ?? webhookSubscription.callbackUrl ?? "";
      const known = [...shop.tables.WebhookSubscription.values()];
      const refused = !/^https:\/\//.test(uri)
        ? "Address protocol http:// is not supported"
        : known.some((one) => one.topic === topic && one.uri === uri) &&
          "Address for this topic has already been taken";
      if (refused)
        return {
          webhookSubscription: null,
          userErrors: [userError(["webhookSubscription", "callbackUrl"], refused)],
        };
      const at = now(context);
      const row: WebhookSubscription = {
        id: shop.newId("WebhookSubscription"),
        topic,
        uri,
        format: webhookSubscription.format ?? "JSON",
        filter: null,
        createdAt: at,
        updatedAt: at,
      };
      shop.tables.WebhookSubscription.set(row.id, row);
      return { webhookSubscription: row, userErrors: [] };
    },
    webhookSubscriptionDelete(_source, { id }: { id: string }, { shop }) {
      const isDeleted = shop.tables.WebhookSubscription.delete(id);
      return {
        deletedWebhookSubscriptionId: isDeleted ? id : null,
        userErrors: isDeleted ? [] : [userError(["id"], "Webhook subscription does not exist")],
      };
    },
  },
};
