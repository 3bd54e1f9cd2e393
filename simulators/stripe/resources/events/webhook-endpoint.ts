import type Stripe from "stripe";
import { invalidRequest } from "../../errors.ts";
import { newStripeId, randomText } from "../../ids.ts";
import { text } from "../../params/kinds.ts";
import { given, mergeMetadata } from "../../records/change.ts";
import { boolean, list, metadata, url } from "../core/kinds.ts";
import { defineResource, operation } from "../core/resource.ts";

type Endpoint = Stripe.WebhookEndpoint;

/** https://docs.stripe.com/api/webhook_endpoints. The secret is told at its creation only. */
export const webhookEndpoint = defineResource<"webhook_endpoint">({
  name: "webhook_endpoint",
  path: "/v1/webhook_endpoints",
  permission: "webhook",
  create: operation<Stripe.WebhookEndpointCreateParams, Endpoint>({
    params: {
      api_version: text(100),
      description: text(5000),
      enabled_events: list(text(200)),
      metadata,
      url,
    },
    required: ["enabled_events", "url"],
    run(call, params) {
      if (!/^https?:\/\//.test(params.url))
        throw invalidRequest(
          400,
          "url_invalid",
          "Invalid URL: An explicit scheme (such as https) must be provided.",
          "url",
        );
      const id = newStripeId("we");
      const secret = `whsec_${randomText(32)}`;
      call.account.webhookSecrets.set(id, secret);
      const made = call.save("webhook_endpoint", {
        id,
        object: "webhook_endpoint",
        api_version: params.api_version ?? null,
        application: null,
        created: call.now,
        description: params.description || null,
        enabled_events: params.enabled_events,
        livemode: false,
        metadata: mergeMetadata({}, params.metadata),
        status: "enabled",
        url: params.url,
      });
      return { ...made, secret };
    },
  }),
  update: operation<Stripe.WebhookEndpointUpdateParams, Endpoint, [Endpoint]>({
    params: { description: text(5000), disabled: boolean, enabled_events: list(text(200)), metadata, url },
    run: (call, params, before) =>
      call.save("webhook_endpoint", {
        ...before,
        ...(given(params, "description", "enabled_events", "url") as Partial<Endpoint>),
        ...(params.disabled !== undefined && { status: params.disabled ? "disabled" : "enabled" }),
        metadata: mergeMetadata(before.metadata, params.metadata),
      }),
  }),
  remove: operation<object, object, [Endpoint]>({
    params: {},
    run(call, _params, before) {
      call.remove("webhook_endpoint", before);
      return { id: before.id, object: "webhook_endpoint", deleted: true };
    },
  }),
  list: { filters: {} },
  references: {},
});
