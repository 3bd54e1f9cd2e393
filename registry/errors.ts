import { defineErrors, httpErrors } from "@plugboard/service-kit/http";

/** Every code that the registry answers with. docs/errors.md is made from this table, and a test keeps them equal. */
const registryErrors = defineErrors({
  ...httpErrors.table,

  "publisher-taken": {
    status: 409,
    title: "Publisher taken",
    description:
      "The name belongs to a publisher already. Choose another, or publish with the key that owns it.",
  },
  "publisher-name-similar": {
    status: 409,
    title: "Publisher name too similar",
    description:
      "Readers would take the name for that of a verified or well-known publisher. Choose another, or ask the registry's operator to admit it (`npm run registry -- publisher admit`).",
  },
  "publisher-not-found": {
    status: 404,
    title: "Publisher not found",
    description: "No publisher of this name is registered.",
  },
  "claim-invalid": {
    status: 422,
    title: "Claim invalid",
    description:
      "The signed claim must name the publisher asked for, the audience that the request is for (`plugboard-registry`, or `plugboard-tenant:` and the id of a tenant) and a time within the last ten minutes. Sign a new one.",
  },

  "statement-malformed": {
    status: 422,
    title: "Statement malformed",
    description:
      "The statement is no compact JWS of the expected shape; `problems` says where. Sign the package again.",
  },
  "statement-wrong-type": {
    status: 422,
    title: "Statement of the wrong type",
    description:
      "The `typ` of the JWS is not the one that belongs here. A statement of one kind never stands for another.",
  },
  "statement-mismatch": {
    status: 422,
    title: "Statement does not describe the tarball",
    description:
      "The signed statement and the tarball differ; `problems` says where. Sign the very tarball that is sent.",
  },
  "signature-invalid": {
    status: 403,
    title: "Signature invalid",
    description: "The signature does not verify. Nothing was read further and nothing was kept.",
  },
  "publisher-key-unknown": {
    status: 403,
    title: "Publisher key unknown",
    description: "The statement is signed with a key that this publisher has not registered.",
  },
  "namespace-forbidden": {
    status: 403,
    title: "Namespace of another publisher",
    description:
      "The key belongs to another publisher. A plugin's id starts with the name of the publisher who signs it.",
  },

  "version-exists": {
    status: 409,
    title: "Version exists",
    description: "A published version never changes. Raise the version in plugin.json and publish that.",
  },
  "package-too-large": {
    status: 413,
    title: "Package too large",
    description: "A package is at most 20 MiB packed, 100 MiB unpacked and 5,000 entries.",
  },
  "package-unsafe-entry": {
    status: 422,
    title: "Package has an unsafe entry",
    description:
      "A package holds regular files under `package/` alone: no links, no absolute or `..` paths, nothing special.",
  },
  "package-duplicate-entry": {
    status: 422,
    title: "Package has a duplicate entry",
    description:
      "Two entries have the same path, or would have on a file system that ignores case or normalizes Unicode.",
  },
  "package-not-canonical": {
    status: 422,
    title: "Package not canonical",
    description: "The archive holds more than its files. Pack it with `plugboard build`.",
  },
  "package-malformed": {
    status: 422,
    title: "Package malformed",
    description: "The tarball is no readable gzip-compressed tar archive.",
  },
  "manifest-missing": {
    status: 422,
    title: "Manifest missing",
    description: "The package has no `plugin.json` at its top.",
  },
  "manifest-invalid": {
    status: 422,
    title: "Manifest invalid",
    description: "`plugin.json` breaks one or more rules; `problems` lists all of them with JSON pointers.",
  },
  "main-missing": {
    status: 422,
    title: "Main file missing",
    description:
      "The file that `main` of plugin.json names is not in the package. Build the plugin before packing it.",
  },
  "main-invalid": {
    status: 422,
    title: "Main file invalid",
    description: "The file that `main` of plugin.json names is not UTF-8 text.",
  },
  "publication-not-found": {
    status: 404,
    title: "Publication not found",
    description: "No publication has this id.",
  },
  "publication-not-quarantined": {
    status: 409,
    title: "Publication not in quarantine",
    description:
      "Only a publication in quarantine, whose package can be read, waits for the operator's decision.",
  },
  "publication-not-rescannable": {
    status: 409,
    title: "Publication cannot be scanned again",
    description:
      "It is under way, and its scan with it, or it was rejected, and the version can be published again. What is published or in quarantine can be scanned again.",
  },
  "publication-not-open": {
    status: 409,
    title: "Publication has ended",
    description:
      "Only a publication that is under way or in quarantine can be taken back. A published version can be yanked.",
  },
  "account-not-found": {
    status: 404,
    title: "Account not found",
    description: "No account has this id.",
  },
  "token-not-found": {
    status: 404,
    title: "Token not found",
    description: "This account has no token with this id.",
  },
  "not-a-member": {
    status: 404,
    title: "Not a member",
    description:
      "The account is no member of this publisher, or there is no such publisher: whoever is none learns nothing of its members. An owner can add it; whoever holds the publisher's key can claim ownership.",
  },
  "last-owner": {
    status: 409,
    title: "Last owner",
    description:
      "A publisher keeps at least one owner. Make another member owner first, or transfer the publisher.",
  },
  "transfer-open": {
    status: 409,
    title: "Offered already",
    description: "The publisher is offered to somebody already. Take that offer back first.",
  },
  "transfer-not-found": {
    status: 404,
    title: "Offer not found",
    description:
      "No such offer waits for an answer of this account: it ran out, was answered, or is somebody else's.",
  },
  "notice-not-found": {
    status: 404,
    title: "Notice not found",
    description: "No notice has this id.",
  },

  "root-not-found": {
    status: 404,
    title: "Root not found",
    description: "There is no root of this version. `GET /registry/v1/root` has the newest.",
  },
  "root-refused": {
    status: 422,
    title: "Root refused",
    description:
      "The root does not follow the one in force, or not enough of both roots' keys signed it. The detail says what does not hold.",
  },
  "root-keys-offline": {
    status: 409,
    title: "Root keys offline",
    description:
      "The registry does not keep its root keys itself, so its operator has to sign a root with them.",
  },
  "log-entry-not-found": {
    status: 404,
    title: "Log entry not found",
    description: "The log has no entry at this place yet.",
  },

  "plugin-not-found": {
    status: 404,
    title: "Plugin not found",
    description: "No plugin of this name is published. Search with `GET /registry/v1/-/search?q=`.",
  },
  "version-not-found": {
    status: 404,
    title: "Version not found",
    description: "The plugin has no such published version; `available` lists those there are.",
  },
  "file-not-found": {
    status: 404,
    title: "File not found",
    description: "The version came without such a file. `files` of the listing names those there are.",
  },
  "no-matching-version": {
    status: 422,
    title: "No matching version",
    description:
      "No published version satisfies the range; `available` lists those there are. A prerelease is chosen only where the range names one.",
  },

  "version-blocked": {
    status: 403,
    title: "Version blocked",
    description:
      "The version was blocked for the given `reason`: it is neither given out nor run. Take another.",
  },

  "order-invalid": {
    status: 422,
    title: "Order invalid",
    description:
      "The signed order cannot be carried out: it is for another publisher or registry, older than ten minutes, or about something that is not the publisher's. The detail says which.",
  },
  "order-replayed": {
    status: 409,
    title: "Order carried out already",
    description: "Exactly this order was carried out before. Sign a new one to have it done again.",
  },
  "publisher-key-exists": {
    status: 409,
    title: "Publisher key exists",
    description:
      "The key is, or was, one of this publisher's. A key that was retired or revoked does not come back.",
  },
  "publisher-key-revoked": {
    status: 409,
    title: "Publisher key revoked",
    description:
      "The key was revoked in this registry. What another registry says of it does not bring it back; whoever runs this one can.",
  },
  "too-many-releases": {
    status: 409,
    title: "Too many releases",
    description:
      "A plugin has 2,000 versions and a publisher 1,000 plugins, at most. What was published stays; go on under another name.",
  },
  "too-many-publisher-keys": {
    status: 409,
    title: "Too many publisher keys",
    description:
      "A publisher adds 50 keys in its life, those that it signs with no more included; after that the operator gives it some.",
  },
  "last-publisher-key": {
    status: 409,
    title: "Last publisher key",
    description:
      "A publisher keeps one key at least that it can sign with. Add another key before this one is retired.",
  },

  "entitlement-required": {
    status: 409,
    title: "Entitlement required",
    description:
      "The version costs something and the tenant has no right to run it at present. Show `pricing` to a person, then buy it (or try it) with the given `terms`.",
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
    description:
      "The tenant is buying this plugin already; `purchaseId` names the purchase. Pay or cancel that.",
  },
  "purchase-not-found": {
    status: 404,
    title: "Purchase not found",
    description: "There is no such purchase.",
  },
  "purchase-settled": {
    status: 409,
    title: "Purchase settled",
    description: "The purchase is not in a state in which this can be done; `status` says which it is in.",
  },

  "host-key-unknown": {
    status: 403,
    title: "Host key unknown",
    description:
      "The key is not one that a host has announced with this token, or has ended. Announce it with `POST /registry/v1/hosts`.",
  },
  "host-proof-invalid": {
    status: 403,
    title: "Host proof invalid",
    description:
      "What was signed is not for this registry, this key or this time. Sign it anew; it counts for ten minutes.",
  },
  "host-key-not-found": {
    status: 404,
    title: "Host key not found",
    description: "The host has no such key.",
  },
  "host-name-taken": {
    status: 409,
    title: "Host name taken",
    description: "There is a host of this name already. Give it a further token, or choose another name.",
  },
  "host-not-found": {
    status: 404,
    title: "Host not found",
    description: "The operator has let no host of this name in.",
  },
  "host-token-not-found": {
    status: 404,
    title: "Host token not found",
    description: "The host has no such token.",
  },
  "tenant-not-found": {
    status: 404,
    title: "Tenant not found",
    description: "No host has spoken for this tenant yet.",
  },
  "tenant-of-another-host": {
    status: 403,
    title: "Tenant of another host",
    description:
      "A tenant belongs to the host that spoke for it first, and no other host's token reaches it. The registry's operator can move it (`npm run registry -- tenant move`).",
  },
  "usage-period-open": {
    status: 409,
    title: "Month not over",
    description: "A month is closed when it is over, by the registry's clock in UTC.",
  },
  "webhook-refused": {
    status: 403,
    title: "Webhook refused",
    description:
      "Whoever takes the money for this registry sends nothing here, or did not sign what was sent.",
  },

  "review-not-found": {
    status: 404,
    title: "Review not found",
    description: "The plugin has no such review, or it is not one that the author may see or change.",
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
      "The author reviewed this plugin already; `reviewId` names the review. Change it with `PATCH`.",
  },
  "review-removed": {
    status: 409,
    title: "Review removed",
    description: "Moderation removed the author's review of this plugin, so there can be no other.",
  },
  "own-review": {
    status: 403,
    title: "One's own review",
    description: "Only others vote on a review or report it.",
  },
  "reply-outdated": {
    status: 409,
    title: "Reply outdated",
    description: "A reply that was signed later, or this very one, is there already. Sign a new one.",
  },

  "private-needs-tenant": {
    status: 403,
    title: "Private plugin without a tenant",
    description:
      "`plugin.json` says that the plugin is private, and its publisher is linked to no tenant, or to another than the one that has the plugin. Have an administrator of the tenant link the publisher, then publish again.",
  },
  "visibility-fixed": {
    status: 409,
    title: "Public stays public, private stays private",
    description:
      "Whether a plugin is for everybody or for one tenant is settled by its first version. Publish under another name instead.",
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

  "policy-refused": {
    status: 403,
    title: "Refused by the tenant's policy",
    description:
      "The tenant's own policy does not allow the version; `breaches` lists every rule that it breaks. Whoever administers the tenant can change the policy.",
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
      "The tenant's policy asks for an approval of the plugin with exactly these permissions. Request one; `approvalId` names it where it waits already.",
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

  "consent-required": {
    status: 409,
    title: "Consent required",
    description:
      "The version asks for permissions that this tenant has not agreed to. Show `permissions` (and what is `added` and `removed`) to a person, then repeat the request with the given `consent`.",
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
  "install-changed": {
    status: 409,
    title: "Install changed",
    description:
      "The install is at another version than the request's `ifVersion`: somebody else was faster.",
  },
  "install-ended": {
    status: 409,
    title: "Install ended",
    description: "The plugin was uninstalled. Install it again with `POST`; that makes a new install.",
  },
});

export const registryErrorTable = registryErrors.table;
export const registryError = registryErrors.error;
export type RegistryErrorCode = keyof typeof registryErrorTable;
