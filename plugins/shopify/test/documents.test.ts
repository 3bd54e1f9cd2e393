/** Every document that the plugin sends is one that Shopify's own schema allows. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadSchema } from "@plugboard/simulator-shopify/schema";
import { isEnumType, NoDeprecatedCustomRule, parse, specifiedRules, validate } from "graphql";
import { repeated } from "../api/write-many.ts";
import { documents as bulkOperation } from "../resources/bulk-operation.ts";
import { documents as changes } from "../resources/changes.ts";
import { documents as customer } from "../resources/customer.ts";
import { documents as fulfillment } from "../resources/fulfillment.ts";
import { documents as fulfillmentOrder } from "../resources/fulfillment-order.ts";
import { documents as inventoryItem } from "../resources/inventory-item.ts";
import { documents as inventoryLevel } from "../resources/inventory-level.ts";
import { documents as inventoryQuantities } from "../resources/inventory-quantities.ts";
import { documents as location } from "../resources/location.ts";
import { documents as metafield } from "../resources/metafield.ts";
import { documents as order } from "../resources/order.ts";
import { documents as orderSteps } from "../resources/order-steps.ts";
import { documents as product } from "../resources/product.ts";
import { documents as shop } from "../resources/shop.ts";
import { documents as tags } from "../resources/tags.ts";
import { documents as variant } from "../resources/variant.ts";
import { documents as webhookSubscription } from "../resources/webhook-subscription.ts";
import { topics } from "../webhooks/topics.ts";

const all = {
  bulkOperation,
  changes,
  customer,
  fulfillmentOrder,
  fulfillment,
  inventoryItem,
  inventoryLevel,
  inventoryQuantities,
  location,
  metafield,
  orderSteps,
  order,
  product,
  shop,
  tags,
  variant,
  webhookSubscription,
};

test("every document fits the schema of the pinned version, and asks for nothing that is on its way out", () => {
  const schema = loadSchema();
  let checked = 0;
  for (const [resource, documents] of Object.entries<{ [name: string]: string }>(all))
    for (const [name, document] of Object.entries(documents)) {
      const errors = validate(schema, parse(document), [...specifiedRules, NoDeprecatedCustomRule]);
      const messages = errors.map(({ message }) => message);
      assert.deepEqual(messages, [], `${resource}.${name}`);
      checked++;
      if (!["create", "update", "remove"].includes(name)) continue;
      const many = validate(schema, parse(repeated(document, 3)));
      assert.deepEqual(many, [], `${resource}.${name}, three times`);
    }
  const folder = join(import.meta.dirname, "..", "resources");
  const code = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const operations = code.join("\n").match(/[`"](?:query|mutation) [A-Z]/g) ?? [];
  assert.equal(checked, operations.length, "a document is not among those that are checked");
});

test("every topic of webhooks is one that Shopify has, but for those of the law, which apps are given unasked", () => {
  const known = loadSchema().getType("WebhookSubscriptionTopic");
  assert.ok(isEnumType(known));
  const mandatory = ["customers/data_request", "customers/redact", "shop/redact"];
  for (const topic of Object.keys(topics)) {
    const name = topic.replace("/", "_").toUpperCase();
    assert.equal(known.getValue(name) === undefined, mandatory.includes(topic), topic);
  }
});
