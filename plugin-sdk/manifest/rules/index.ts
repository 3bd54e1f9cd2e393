import { authRule } from "./auth.ts";
import { contributedSchemasRule } from "./contributed-schemas.ts";
import { credentialHostsRule } from "./credential-hosts.ts";
import { enginesRule } from "./engines.ts";
import { entitiesRule } from "./entities.ts";
import { grantedHooksRule } from "./granted-hooks.ts";
import { hostsRule } from "./hosts.ts";
import { mainRule } from "./main.ts";
import { pathsRule } from "./paths.ts";
import { placeholdersRule } from "./placeholders.ts";
import { pricingRule } from "./pricing.ts";
import { publishedEventsRule } from "./published-events.ts";
import { readableTextRule } from "./readable-text.ts";
import { requestsRule } from "./requests.ts";
import type { Rule } from "./rule.ts";
import { triggersRule } from "./triggers.ts";
import { versionRule } from "./version.ts";
import { webhookRepliesRule } from "./webhook-replies.ts";
import { webhooksRule } from "./webhooks.ts";

/** What a manifest must hold beyond its schema, in the order in which problems are reported. */
export const rules: Rule[] = [
  versionRule,
  enginesRule,
  mainRule,
  readableTextRule,
  hostsRule,
  placeholdersRule,
  pathsRule,
  credentialHostsRule,
  publishedEventsRule,
  authRule,
  webhooksRule,
  webhookRepliesRule,
  requestsRule,
  contributedSchemasRule,
  entitiesRule,
  triggersRule,
  grantedHooksRule,
  pricingRule,
];
