import { defineErrors, httpErrors } from "@plugboard/service-kit/http";

/** Every code that the core answers with. docs/errors.md is made from this table, and a test keeps them equal. */
const coreErrors = defineErrors({
  ...httpErrors.table,

  "tenant-not-found": {
    status: 404,
    title: "Tenant not found",
    description: "There is no tenant with this id. List them with `GET /api/v1/tenants`.",
  },
  "tenant-required": {
    status: 422,
    title: "Tenant required",
    description: "The admin key belongs to no tenant; say which one with `tenantId`.",
  },
  "api-key-not-found": {
    status: 404,
    title: "API key not found",
    description: "This tenant has no API key with this id.",
  },

  "listing-file-not-found": {
    status: 404,
    title: "File not found",
    description: "This version came without such a file, or there is no such version.",
  },
  "plugin-not-found": {
    status: 404,
    title: "Plugin not found",
    description:
      "The registry lists no plugin of this name. Search with `GET /api/v1/marketplace/plugins?q=`.",
  },
  "no-matching-version": {
    status: 422,
    title: "No matching version",
    description: "No published version satisfies the range. `available` lists those there are.",
  },
  "consent-required": {
    status: 409,
    title: "Consent required",
    description:
      "The plugin asks for permissions that this tenant has not agreed to. Show `permissions` (and what is `added` and `removed`) to a person, then repeat the request with the given `consent`.",
  },
  "policy-refused": {
    status: 403,
    title: "Refused by the tenant's policy",
    description:
      "The tenant's own policy does not allow the version; `breaches` lists every rule that it breaks. Change the policy with `PUT /api/v1/policy`, or choose another version.",
  },
  "claim-invalid": {
    status: 422,
    title: "Claim invalid",
    description:
      "The claim must be signed with a key of the publisher's, for the audience that `GET /api/v1/publishers` names, within the last ten minutes. Have the publisher sign a new one.",
  },
  "publisher-not-found": {
    status: 404,
    title: "Publisher not found",
    description: "No publisher of this name is registered.",
  },
  "publisher-linked": {
    status: 409,
    title: "Publisher linked to another tenant",
    description: "A publisher publishes private plugins for one tenant at a time. That tenant can unlink it.",
  },
  "publisher-link-not-found": {
    status: 404,
    title: "Publisher not linked",
    description: "The publisher is not linked to this tenant.",
  },
  "policy-changed": {
    status: 409,
    title: "Policy changed meanwhile",
    description: "The policy in force is not the one that the change was made from. Read it again.",
  },
  "approval-required": {
    status: 403,
    title: "Approval required",
    description:
      "The tenant's policy asks for an approval of the plugin with exactly these permissions. Ask for one with `POST /api/v1/approvals`; `approvalId` names it where it waits already.",
  },
  "approval-not-found": {
    status: 404,
    title: "Approval not found",
    description: "This tenant has no approval with this id.",
  },
  "approval-decided": {
    status: 409,
    title: "Approval decided",
    description:
      "It was decided before. What was denied can be asked for again; what was approved can be denied.",
  },
  "already-installed": {
    status: 409,
    title: "Already installed",
    description: "The tenant has this plugin already; `installId` names the install. Change it with `PATCH`.",
  },
  "install-not-found": {
    status: 404,
    title: "Install not found",
    description: "This tenant has no install with this id.",
  },
  "install-disabled": {
    status: 409,
    title: "Install disabled",
    description:
      "The install was disabled. Enable it with `PATCH /api/v1/installs/{id}`, or use another one.",
  },
  "install-in-use": {
    status: 409,
    title: "Install in use",
    description: "Connections still stand under this install. Delete them first; `connections` lists them.",
  },
  "install-changing": {
    status: 409,
    title: "Install changing",
    description:
      "The tenant's install of this plugin is being installed, changed or removed. Repeat the request when that has ended.",
  },
  "upgrade-incompatible": {
    status: 409,
    title: "Upgrade incompatible",
    description:
      "Connections of this install do not fit the version that was asked for; `connections` says which and why. The version before stays.",
  },
  "upgrade-conflict": {
    status: 409,
    title: "Upgrade conflict",
    description:
      "The version that runs kept writing to its storage what the `upgrade` hook of the next one had read. The version before stays; repeat the request.",
  },
  "lifecycle-hook-failed": {
    status: 502,
    title: "Lifecycle hook failed",
    description:
      "The plugin's `install`, `upgrade` or `uninstall` hook threw, crashed or took too long; `reason` has the code. Nothing was changed. An uninstall can be forced with `?force=true`.",
  },
  "rollback-unavailable": {
    status: 409,
    title: "Rollback unavailable",
    description:
      "There is no version to go back to: the install has had no other, or the registry gives it out no more. `GET /api/v1/installs/{id}/history` lists what it has had.",
  },
  "release-quarantined": {
    status: 409,
    title: "Release quarantined",
    description:
      "The version that was asked for is in quarantine on this host, because it kept crashing. Take another version, or ask whoever runs the host to lift it.",
  },
  "quarantine-not-found": {
    status: 404,
    title: "Quarantine not found",
    description: "There is no quarantine with this id. List them with `GET /api/v1/quarantines`.",
  },
  "entitlement-required": {
    status: 409,
    title: "Entitlement required",
    description:
      "The plugin costs something and the tenant has no right to run it at present. Show `pricing` to a person, then buy it with `POST /api/v1/marketplace/purchases`, or try it with `POST /api/v1/marketplace/trials`.",
  },
  "spend-cap-reached": {
    status: 402,
    title: "Spend cap reached",
    description:
      "One more call may cost more than the tenant wants to owe for the plugin in this month (`cap`, `owed`, in minor units of `currency`). Raise the cap with `PUT /api/v1/marketplace/spend-caps/{publisher}/{name}`, or wait for the next month (UTC).",
  },
  "entitlement-not-found": {
    status: 404,
    title: "Entitlement not found",
    description: "The tenant has never bought or tried this plugin.",
  },
  "terms-required": {
    status: 409,
    title: "Terms required",
    description:
      "The request does not say yes to the prices there are now. Show `pricing` to a person, then repeat it with the given `terms`.",
  },
  "nothing-to-buy": {
    status: 409,
    title: "Nothing to buy",
    description: "The plugin is free, or was bought once and for all. Install it.",
  },
  "trial-unavailable": {
    status: 409,
    title: "Trial unavailable",
    description: "The plugin cannot be tried for nothing, or the tenant has tried or bought it before.",
  },
  "purchase-open": {
    status: 409,
    title: "Purchase open",
    description: "You are buying this plugin already; `purchaseId` names the purchase. Pay or cancel that.",
  },
  "purchase-not-found": {
    status: 404,
    title: "Purchase not found",
    description: "You have no such purchase.",
  },
  "purchase-settled": {
    status: 409,
    title: "Purchase settled",
    description: "The purchase is not in a state in which this can be done; `status` says which it is in.",
  },

  "review-not-found": {
    status: 404,
    title: "Review not found",
    description: "The plugin has no such review, or it is not one that you may see or change.",
  },
  "review-needs-install": {
    status: 409,
    title: "Review needs an install",
    description: "Only tenants that have the plugin installed review it. Install it first.",
  },
  "review-own-plugin": {
    status: 403,
    title: "Review of one's own plugin",
    description: "Who belongs to a publisher neither reviews its plugins nor votes on reviews of them.",
  },
  "review-exists": {
    status: 409,
    title: "Review exists",
    description:
      "You reviewed this plugin already; `reviewId` names the review. Change it with `PATCH`. All API keys of a tenant are one author.",
  },
  "review-removed": {
    status: 409,
    title: "Review removed",
    description: "The registry's moderation removed your review of this plugin, so there can be no other.",
  },
  "own-review": {
    status: 403,
    title: "One's own review",
    description: "Only others vote on a review or report it.",
  },
  "registry-unavailable": {
    status: 503,
    title: "Registry unavailable",
    description: "The registry did not answer. What is installed keeps running; repeat the request later.",
  },
  "registry-refused": {
    status: 502,
    title: "Registry refused",
    description:
      "The registry refused the request for a reason that this host did not expect; `registryCode` names it.",
  },
  "release-not-trusted": {
    status: 502,
    title: "Release not trusted",
    description:
      "A package, signature or receipt did not verify, so nothing was installed or run. Report it to whoever runs the registry.",
  },

  "registry-not-trusted": {
    status: 502,
    title: "Registry not trusted",
    description:
      "What the registry says now does not follow from what it said before: its root, checkpoint or log goes back, forks, or is not signed as it must be. Nothing was taken from it; what is installed keeps running. Tell whoever runs this host.",
  },
  "registry-stale": {
    status: 503,
    title: "Registry stale",
    description:
      "The registry's signed state ran out longer ago than this host allows (`PLUGBOARD_TRUST_STALENESS`), so nothing new is taken from it. What is installed keeps running.",
  },
  "release-blocked": {
    status: 403,
    title: "Release blocked",
    description:
      "The registry has blocked this version of the plugin for the given `reason`: hosts neither install nor run it. Move the install to another version with `PATCH /api/v1/installs/{id}`.",
  },

  "connection-not-found": {
    status: 404,
    title: "Connection not found",
    description: "This tenant has no connection with this id.",
  },
  "connection-inactive": {
    status: 409,
    title: "Connection inactive",
    description:
      "The connection is not in use; `connectionStatus` says why. `inactive`: activate it with `PATCH /api/v1/connections/{id}`. `configuring`: it has no credential yet. `error`: connect the account again.",
  },
  "connection-has-no-credential": {
    status: 409,
    title: "Connection has no credential",
    description:
      "Give it one with `PATCH /api/v1/connections/{id}`, or with `POST /api/v1/connections/{id}/authorize` where a person has to agree at the vendor.",
  },
  "connections-limit-exceeded": {
    status: 429,
    title: "Too many connections",
    description:
      "The tenant has as many connections as `connectionsPerTenant` allows. Delete some that are not needed, or have the operator raise the limit.",
  },
  "authorizations-limit-exceeded": {
    status: 429,
    title: "Too many authorizations",
    description:
      "The tenant has as many links open as `authorizationsPerTenant` allows. Each ends when it was used, or after ten minutes; `Retry-After` says when the first one does.",
  },
  "connection-not-testable": {
    status: 409,
    title: "Connection not testable",
    description: "The plugin declares no request that would show whether a credential works.",
  },
  "connection-config-invalid": {
    status: 422,
    title: "Connection configuration invalid",
    description: "The configuration does not fit the plugin's schema; `problems` says where.",
  },
  "auth-not-supported": {
    status: 422,
    title: "Authentication not supported",
    description: "The plugin does not declare this way to authenticate; `supported` lists those it does.",
  },
  "credential-invalid": {
    status: 422,
    title: "Credential invalid",
    description: "The credential is not what this way to authenticate needs; `detail` says what is.",
  },
  "authorization-not-possible": {
    status: 409,
    title: "Authorization not possible",
    description:
      "Only a connection with `oauth2` and the grant `authorization_code` sends a person to the vendor, and only if its settings fill the plugin's URLs.",
  },
  "return-url-not-allowed": {
    status: 422,
    title: "Return URL not allowed",
    description: "The operator lists where people may be sent back to, in `PLUGBOARD_OAUTH_RETURN_URLS`.",
  },
  "oauth-client-not-found": {
    status: 404,
    title: "OAuth client not found",
    description: "This host keeps no OAuth client for the plugin.",
  },
  "oauth-client-required": {
    status: 409,
    title: "OAuth client required",
    description:
      "Neither the connection nor this host has an OAuth client for the plugin that may be used with this grant. Give `auth.client`, or have the operator register one with `PUT /api/v1/oauth-clients/{publisher}/{name}`.",
  },
  "oauth-client-mismatch": {
    status: 409,
    title: "OAuth client for another place",
    description:
      "The operator registered the client for another token endpoint than the one that this version of the plugin names. The secret does not go there until the operator registers it anew.",
  },

  "action-not-found": {
    status: 404,
    title: "Action not found",
    description: "The installed version of the plugin has no such action; `available` lists those it has.",
  },
  "action-input-invalid": {
    status: 422,
    title: "Action input invalid",
    description: "The input does not fit the action's schema; `problems` says where.",
  },
  "action-output-invalid": {
    status: 502,
    title: "Action output invalid",
    description:
      "The plugin answered something that its own schema does not allow. Report it to the plugin's author.",
  },

  "file-not-found": {
    status: 404,
    title: "File not found",
    description:
      "This tenant has no file with this id, or not any more: files are kept for a day by default.",
  },
  "files-limit-exceeded": {
    status: 429,
    title: "Too many files",
    description:
      "The tenant has as many files, or as many bytes in them, as `filesPerTenant` and `fileStorageBytesPerTenant` allow. Delete some, or wait until they have expired.",
  },
  "files-busy": {
    status: 429,
    title: "Too many files on their way",
    description:
      "As many files of this tenant, or of the host, are being sent or taken as may be. Repeat the request when one has come through.",
  },
  "file-aborted": {
    status: 409,
    title: "File taken away",
    description: "The file was taken away while it was being written. Send it again.",
  },
  "range-not-satisfiable": {
    status: 416,
    title: "Range not satisfiable",
    description: "The file does not reach as far as `Range` asks; `size` says how long it is.",
  },

  "batches-limit-exceeded": {
    status: 429,
    title: "Too many batches",
    description:
      "The tenant, or all tenants together, have as many batches under way as `batchesPerTenant` and `hostBatches` allow, or they hold as much as `batchBytesPerTenant` and `hostBatchBytes` do. Nothing was done; repeat the request when one has ended.",
  },
  "batch-stopped": {
    status: 409,
    title: "Batch stopped",
    description:
      "This part of a batch was not begun: one before it did not succeed and `stopOnError` was asked for, the answer was full, batches hold as much as they may, or whoever asked had hung up. `detail` says which.",
  },
  "batch-interrupted": {
    status: 502,
    title: "Batch interrupted",
    description:
      "The host went down while this part of a batch was under way, so that nobody can tell whether it was done. Look at the vendor before sending it again.",
  },
  "batch-deadline-exceeded": {
    status: 504,
    title: "Batch deadline exceeded",
    description:
      "The batch took as long as it may (`batchMs`), or its vendor asks for a pause that is longer than what is left of it, and this part of it was not begun. Send it in another one, after `retryAfterSeconds` if given.",
  },

  "idempotency-key-reused": {
    status: 422,
    title: "Idempotency key reused",
    description: "The `Idempotency-Key` was sent with another request within the last day. Take a new one.",
  },
  "idempotency-key-in-use": {
    status: 409,
    title: "Idempotency key in use",
    description:
      "The first request with this `Idempotency-Key` has not ended, or the host went down while it ran. Repeat the request later; if it stays so for minutes, look at the vendor whether it was carried out.",
  },
  "idempotency-keys-exhausted": {
    status: 429,
    title: "Idempotency keys exhausted",
    description:
      "As many requests with an `Idempotency-Key` are kept for this tenant as may be, each for a day. Nothing was done. Repeat the request later, or send such requests without a key as can be repeated without harm.",
  },
  "idempotency-reply-not-kept": {
    status: 409,
    title: "Idempotency reply not kept",
    description:
      "The first request with this `Idempotency-Key` was carried out, but its answer was too large to be kept, or the tenant's kept answers are as much as they may be. Read what it made instead of repeating it.",
  },

  "entity-not-found": {
    status: 404,
    title: "Entity not found",
    description: "The installed version of the plugin has no such entity; `available` lists those it has.",
  },
  "entity-operation-not-found": {
    status: 404,
    title: "Entity operation not found",
    description:
      "Records of this entity cannot be listed, read, created, changed or deleted in this way; `available` lists the operations that the plugin offers.",
  },
  "entity-input-invalid": {
    status: 422,
    title: "Entity input invalid",
    description: "The record, filter or key does not fit the entity's schema; `problems` says where.",
  },
  "entity-output-invalid": {
    status: 502,
    title: "Entity output invalid",
    description:
      "The plugin answered something that its own schema does not allow. Report it to the plugin's author.",
  },
  "record-changed": {
    status: 412,
    title: "Record changed meanwhile",
    description:
      "The record is not (or cannot be shown to be) the one that `If-Match` names; nothing was written. Read it again.",
  },

  "trigger-not-found": {
    status: 404,
    title: "Trigger not found",
    description: "The installed version of the plugin has no such trigger; `available` lists those it has.",
  },
  "trigger-not-polling": {
    status: 409,
    title: "Trigger fires on webhooks",
    description:
      "This trigger fires on events of the vendor's webhooks; there is nothing to poll or to switch on.",
  },
  "trigger-backing-off": {
    status: 409,
    title: "Trigger backing off",
    description:
      "The trigger's polls fail, or the vendor has asked to wait, so that it is left alone until `nextPollAt`. Mend what `lastError` of the trigger says, and set it anew (`PUT`) to have it polled as soon as the vendor allows.",
  },
  "trigger-off": {
    status: 409,
    title: "Trigger off",
    description: "The trigger is not switched on over this connection. Switch it on with `PUT`.",
  },
  "trigger-config-invalid": {
    status: 422,
    title: "Trigger configuration invalid",
    description: "The trigger's settings do not fit its schema; `problems` says where.",
  },
  "trigger-output-invalid": {
    status: 502,
    title: "Trigger output invalid",
    description:
      "The plugin's poll answered something that its own schema does not allow. Report it to the plugin's author.",
  },
  "trigger-items-limit-exceeded": {
    status: 429,
    title: "Trigger remembers too much",
    description:
      "A poll found more items than the trigger may remember; it stands in the trigger's `lastError`. Narrow its settings, or raise the limit `triggerItems`.",
  },
  "normalize-invalid": {
    status: 502,
    title: "Delivery not normalized",
    description:
      "The plugin has no `webhooks.normalize`, or made something of a delivery that is no event it may publish. Report it to the plugin's author.",
  },

  "plugin-load-failed": {
    status: 502,
    title: "Plugin load failed",
    description: "The plugin's code could not be started in the sandbox. Report it to the plugin's author.",
  },
  "plugin-failed": {
    status: 502,
    title: "Plugin failed",
    description: "The plugin threw an error that it did not classify. Report it to the plugin's author.",
  },
  "hook-refused": {
    status: 502,
    title: "Refused for a hook",
    description:
      "Another plugin of the tenant has to look at what goes out or comes in (`onFailure` of its permission is `refuse`), and could not: `plugin` and `hook` say which, where that is known, and `detail` whether the vendor was asked. Repeat it once that plugin works, or disable it.",
  },
  "plugin-crashed": {
    status: 503,
    title: "Plugin crashed",
    description:
      "The plugin's thread ended while this call was in flight, or the host is stopping. Where `retryable` is true the call may be repeated; where it is false the call may have changed something: look at the vendor first.",
  },
  "plugin-quarantined": {
    status: 503,
    title: "Plugin quarantined",
    description:
      "This version kept crashing and is not called any more. Change the install to another version, or ask whoever runs the host to lift the quarantine.",
  },
  "plugin-replaced": {
    status: 503,
    title: "Plugin replaced",
    description:
      "The install was moved to another version while this call ran in the old one, and the call did not end in the time it had left. Repeat it, unless `retryable` is false: then the call may have changed something; look at the vendor first.",
  },
  "plugin-busy": {
    status: 429,
    title: "Plugin busy",
    description:
      "The plugin has as many calls or requests in flight, of all tenants, as it may. Repeat the call when one has ended.",
  },
  "plugin-tenant-busy": {
    status: 429,
    title: "Plugin busy with this tenant",
    description:
      "This tenant has as many calls in flight in this plugin as it may. Repeat the call when one has ended.",
  },
  "plugin-host-busy": {
    status: 503,
    title: "Host busy",
    description: "The host runs as many plugins at a time as it may. Repeat the call later.",
  },
  "plugin-deadline-exceeded": {
    status: 504,
    title: "Plugin deadline exceeded",
    description: "The call took longer than it may and was ended.",
  },
  "plugin-blocked": {
    status: 502,
    title: "Plugin blocked",
    description: "The plugin computed longer without a pause than it may, and was ended.",
  },
  "plugin-cpu-exceeded": {
    status: 502,
    title: "Plugin CPU time exceeded",
    description: "The plugin computed longer than one call may, and was ended.",
  },
  "plugin-cpu-budget-exceeded": {
    status: 429,
    title: "Plugin CPU budget exceeded",
    description:
      "The plugin has used its processor time of this minute, all tenants together. Repeat the call after the time in `Retry-After`.",
  },
  "plugin-tenant-cpu-budget-exceeded": {
    status: 429,
    title: "Tenant's CPU budget exceeded",
    description:
      "This tenant has used its processor time in this plugin of this minute. Repeat the call after the time in `Retry-After`.",
  },
  "plugin-out-of-memory": {
    status: 502,
    title: "Plugin out of memory",
    description: "The plugin used more memory than it may and was ended.",
  },
  "plugin-external-memory-exceeded": {
    status: 502,
    title: "Plugin external memory exceeded",
    description:
      "The plugin used more memory outside of its heap, such as array buffers, than it may and was ended.",
  },
  "plugin-input-too-large": {
    status: 413,
    title: "Plugin input too large",
    description: "The input of the call is larger or deeper than the sandbox passes on.",
  },
  "plugin-output-too-large": {
    status: 502,
    title: "Plugin output too large",
    description: "The plugin answered more than the sandbox passes on. Ask for less at a time.",
  },

  "vendor-input-refused": {
    status: 422,
    title: "Vendor refused the input",
    description: "The vendor (or the plugin on its behalf) found the input invalid; `detail` has its words.",
  },
  "vendor-unauthorized": {
    status: 502,
    title: "Vendor refused the credential",
    description: "The vendor did not accept the connection's credential. Renew it.",
  },
  "vendor-forbidden": {
    status: 502,
    title: "Vendor refused the request",
    description:
      "The vendor accepts the connection's credential, and does not let it do this: a scope, a role or a right is missing there.",
  },
  "vendor-not-found": {
    status: 404,
    title: "Not found at the vendor",
    description: "The vendor has no such record.",
  },
  "vendor-conflict": {
    status: 409,
    title: "Conflict at the vendor",
    description: "The vendor refused the change because of the record's present state.",
  },
  "vendor-rate-limited": {
    status: 429,
    title: "Vendor rate limit reached",
    description: "The vendor asks to slow down. Repeat the call after the time in `Retry-After`, if given.",
  },
  "vendor-error": {
    status: 502,
    title: "Vendor error",
    description: "The vendor answered with an error that the plugin could not resolve.",
  },
  "vendor-unavailable": {
    status: 502,
    title: "Vendor unavailable",
    description:
      "The vendor did not answer, said that it is down, or does not tell what came of the call. Repeat it later; what writes only once you have looked at the vendor that it was not made.",
  },
  "proxy-refused": {
    status: 403,
    title: "Proxy refused",
    description:
      "The plugin's permissions do not cover the request, or it is written in a way that vendors read differently; `reason` has the broker's code. Nothing was sent.",
  },
  "egress-refused": {
    status: 502,
    title: "Egress refused",
    description:
      "The plugin tried a request that its permissions do not cover or that leads to an address that is not public; `reason` has the broker's code.",
  },
});

export const coreErrorTable = coreErrors.table;
export const coreError = coreErrors.error;
export type CoreErrorCode = keyof typeof coreErrorTable;
