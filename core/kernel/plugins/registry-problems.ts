import { RegistryProblem, RegistryUnavailable } from "@plugboard/registry/client";
import { type CoreErrorCode, coreError } from "../../errors.ts";

/** The registry's codes that mean the same thing to a caller of the core. */
const passedOn: Record<string, CoreErrorCode> = {
  "plugin-not-found": "plugin-not-found",
  "version-not-found": "listing-file-not-found",
  "file-not-found": "listing-file-not-found",
  "no-matching-version": "no-matching-version",
  "version-blocked": "release-blocked",
  "consent-required": "consent-required",
  "policy-refused": "policy-refused",
  "policy-changed": "policy-changed",
  "approval-required": "approval-required",
  "approval-not-found": "approval-not-found",
  "approval-decided": "approval-decided",
  "claim-invalid": "claim-invalid",
  "publisher-key-unknown": "claim-invalid",
  "signature-invalid": "claim-invalid",
  "statement-malformed": "claim-invalid",
  "statement-wrong-type": "claim-invalid",
  "publisher-linked": "publisher-linked",
  "publisher-link-not-found": "publisher-link-not-found",
  "publisher-not-found": "publisher-not-found",
  "already-installed": "already-installed",
  "install-not-found": "install-not-found",
  "install-changed": "install-changing",
  "invalid-request": "invalid-request",
  "rate-limited": "rate-limited",
  "entitlement-required": "entitlement-required",
  "entitlement-not-found": "entitlement-not-found",
  "terms-required": "terms-required",
  "nothing-to-buy": "nothing-to-buy",
  "trial-unavailable": "trial-unavailable",
  "purchase-open": "purchase-open",
  "purchase-not-found": "purchase-not-found",
  "purchase-settled": "purchase-settled",
  "review-not-found": "review-not-found",
  "review-needs-install": "review-needs-install",
  "review-own-plugin": "review-own-plugin",
  "review-exists": "review-exists",
  "review-removed": "review-removed",
  "own-review": "own-review",
};

/** Turns what the registry client throws into the core's own answer; anything else is passed through unchanged. */
export function asCoreError(error: unknown, plugin?: string): unknown {
  const about = plugin === undefined ? "" : ` about ${plugin}`;
  if (error instanceof RegistryUnavailable) {
    return coreError(
      "registry-unavailable",
      `The registry did not answer${about}. What is installed keeps running; repeat the request later.`,
      {},
      { cause: error },
    );
  }
  if (!(error instanceof RegistryProblem)) return error;
  const code = Object.hasOwn(passedOn, error.code) ? passedOn[error.code] : undefined;
  if (code) return coreError(code, error.detail, error.members, { cause: error });
  if (error.status === 401) {
    return coreError(
      "registry-refused",
      "The registry does not accept this host's token. Whoever runs this host must set PLUGBOARD_REGISTRY_TOKEN to the registry's host token.",
      { registryCode: error.code },
      { cause: error },
    );
  }
  return coreError(
    "registry-refused",
    `The registry refused the request${about}: ${error.detail}`,
    { registryCode: error.code },
    { cause: error },
  );
}
