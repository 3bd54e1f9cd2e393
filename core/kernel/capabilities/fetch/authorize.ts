import { createScrubber, type Injection, noInjection, type Scrubber } from "@plugboard/plugin-sdk/exchange";
import type { Logger } from "@plugboard/service-kit/observe";
import { CapabilityError } from "../errors.ts";
import { type Call, whileOpen } from "./call.ts";
import type { EgressConnection, UsableCredential } from "./connection.ts";
import { injectionFor } from "./refusals.ts";
import type { Scrubbers } from "./scrubbers.ts";

/** What one request of a plugin is authenticated with, and what of it must not come back. */
export interface Authorization {
  readonly injection: Injection;
  /** Knows every secret that this request has carried. */
  readonly scrubber: Scrubber;
  /** Asks for a fresh credential after the vendor refused this one, once. @returns whether there is another one now */
  renew(): Promise<boolean>;
}

/** For what goes out without a credential. */
export const unauthorized: Authorization = {
  injection: noInjection,
  scrubber: createScrubber([]),
  renew: async () => false,
};

/**
 * Opens the credential as late as this: a request that was refused before has not touched it.
 * @throws CapabilityError `fetch-credential-unusable`, `connection-inactive`
 */
export async function authorize(
  { connection, log }: { connection: EgressConnection; log: Logger },
  { call, scrubbers }: { call: Call; scrubbers: Pick<Scrubbers, "of"> },
): Promise<Authorization> {
  const { auth } = connection;
  if (!auth) return unauthorized;

  async function open(stale?: string): Promise<UsableCredential> {
    const opening = connection.credential(stale === undefined ? {} : { staleAccessToken: stale });
    return whileOpen(call, opening).catch((error: unknown) => {
      if (error instanceof CapabilityError) throw error;
      log.error({ err: error }, "the credential could not be opened");
      throw new CapabilityError(
        "fetch-credential-unusable",
        "The connection's credential could not be opened by the host.",
      );
    });
  }

  const credential = await open();
  let injection = injectionFor(auth, credential);
  let scrubber = scrubbers.of(connection.id, injection.secrets);
  let isRenewed = false;
  return {
    get injection() {
      return injection;
    },
    get scrubber() {
      return scrubber;
    },
    async renew() {
      if (isRenewed || credential.type !== "oauth2") return false;
      isRenewed = true;
      const fresh = await open(credential.accessToken);
      if (fresh.type !== "oauth2" || fresh.accessToken === credential.accessToken) return false;
      const before = injection.secrets;
      injection = injectionFor(auth, fresh);
      scrubber = createScrubber([...before, ...injection.secrets]);
      return true;
    },
  };
}
