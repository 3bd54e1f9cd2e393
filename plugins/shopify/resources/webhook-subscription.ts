import { action, pageOf, type Static, Type } from "@plugboard/plugin-sdk";
import { idOf } from "../api/ids.ts";
import { list, write } from "../api/records.ts";
import { Id, Key, MaybeText, pageFields, pageLimits, Text, Time } from "../api/shapes.ts";

const fields = `fragment Subscription on WebhookSubscription { id topic uri format filter createdAt updatedAt }`;

export const documents = {
  list: `query ListWebhookSubscriptions($first: Int!, $after: String) {
    records: webhookSubscriptions(first: $first, after: $after) {
      nodes { ...Subscription } pageInfo { hasNextPage endCursor }
    }
  } ${fields}`,
  create: `mutation CreateWebhookSubscription(
    $topic: WebhookSubscriptionTopic!, $webhookSubscription: WebhookSubscriptionInput!
  ) {
    written: webhookSubscriptionCreate(topic: $topic, webhookSubscription: $webhookSubscription) {
      record: webhookSubscription { ...Subscription } userErrors { field message }
    }
  } ${fields}`,
  remove: `mutation DeleteWebhookSubscription($id: ID!) {
    written: webhookSubscriptionDelete(id: $id) {
      record: deletedWebhookSubscriptionId userErrors { field message }
    }
  }`,
};

const Subscription = Type.Object({
  id: Id,
  topic: Text,
  uri: Text,
  format: Text,
  filter: MaybeText,
  createdAt: Time,
  updatedAt: Time,
});
type Subscription = Static<typeof Subscription>;

export const listWebhookSubscriptions = action({
  title: "List webhook subscriptions",
  description: "What Shopify tells this app, and where. Privacy topics are set in the app's own settings.",
  input: Type.Object(pageFields),
  output: pageOf(Subscription),
  run: ({ input: { limit = pageLimits.defaultLimit, cursor = null }, ...admin }) =>
    list<Subscription>(admin, documents.list, { limit, cursor }),
});

export const createWebhookSubscription = action({
  title: "Create a webhook subscription",
  description: "Has Shopify send a topic to an address, such as this host's endpoint of the connection.",
  input: Type.Object({
    topic: Type.String({
      pattern: "^[A-Z]+(_[A-Z]+)*$",
      maxLength: 100,
      description: "Such as ORDERS_CREATE",
    }),
    uri: Type.String({ pattern: "^https://", maxLength: 2000 }),
    filter: Type.Optional(
      Type.String({ maxLength: 1000, description: "Shopify's search syntax: only what fits is sent" }),
    ),
  }),
  output: Subscription,
  run: ({ input: { topic, ...subscription }, ...admin }) =>
    write<Subscription>(admin, documents.create, {
      topic,
      webhookSubscription: { ...subscription, format: "JSON" },
    }),
});

export const deleteWebhookSubscription = action({
  title: "Delete a webhook subscription",
  input: Type.Object({ id: Key }),
  output: Type.Object({ deletedId: Id }),
  async run({ input, ...admin }) {
    const id = idOf("WebhookSubscription", input.id);
    return { deletedId: await write<string>(admin, documents.remove, { id }) };
  },
});
