import { TrustError } from "@plugboard/plugin-sdk/trust";
import { TransparencyError } from "@plugboard/registry/client";

/** What the registry says now is not what can follow from what it said before. */
export class NotFollowing extends Error {
  override readonly name = "NotFollowing";
}

/** Whether an error says that the registry is not to be believed, rather than that it does not answer. */
export function isDistrust(error: unknown): error is Error {
  return error instanceof NotFollowing || error instanceof TrustError || error instanceof TransparencyError;
}
