import type { Claim } from "@plugboard/plugin-sdk/trust";
import { registryError } from "../errors.ts";

const registryAudience = "plugboard-registry";
/** How far the clocks of author and registry may be apart, and how long a claim may lie about. */
const toleranceMs = 10 * 60 * 1000;

/** @throws `claim-invalid` unless the signed claim is for this name, this audience and about this time */
export function checkClaim(
  claim: Pick<Claim, "publisher" | "audience" | "issuedAt">,
  expected: { publisher: string; now: Date; audience?: string },
): void {
  const { audience = registryAudience } = expected;
  if (claim.publisher !== expected.publisher) {
    throw registryError(
      "claim-invalid",
      `The claim is for "${claim.publisher}", the request for "${expected.publisher}".`,
    );
  }
  if (claim.audience !== audience) {
    throw registryError(
      "claim-invalid",
      `The claim is meant for "${claim.audience}", not for "${audience}".`,
    );
  }
  const ageMs = expected.now.getTime() - Date.parse(claim.issuedAt);
  if (!(Math.abs(ageMs) <= toleranceMs)) {
    throw registryError(
      "claim-invalid",
      "The claim was not signed within the last ten minutes. Sign a new one.",
    );
  }
}
