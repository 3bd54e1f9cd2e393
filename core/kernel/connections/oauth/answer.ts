import type { PlugboardError } from "@plugboard/service-kit/http";
import * as oauth from "oauth4webapi";
import { knownCode, TokenFailure } from "./failure.ts";
import type { TokenScene } from "./token-endpoint.ts";

/** The answer is none that a code would be taken from. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly outcome: string;

  constructor(outcome: string) {
    super(outcome);
    this.outcome = outcome;
  }
}

/** The issuer (RFC 9207), the state, and that it is no error. @throws Refusal */
export function checkAnswer(
  { auth, client, endpoints }: TokenScene,
  parameters: URLSearchParams,
  state: string,
): URLSearchParams {
  const server = {
    issuer: auth.issuer ?? endpoints.tokenUrl.origin,
    authorization_response_iss_parameter_supported: auth.requireIss === true,
  };
  const answer = new URLSearchParams(parameters);
  // Without a declared issuer there is nothing to hold it against; the place it came to says as much.
  if (auth.issuer === undefined) answer.delete("iss");
  try {
    return oauth.validateAuthResponse(server, { client_id: client.clientId }, answer, state);
  } catch (error) {
    if (error instanceof oauth.AuthorizationResponseError) {
      const code = knownCode(error.error);
      throw new Refusal(code === "access_denied" ? "denied" : `vendor-${code.replaceAll("_", "-")}`);
    }
    throw new Refusal("answer-refused");
  }
}

/** How a failure is called where people see it; undefined for a mistake of ours. */
export function outcomeOf(error: unknown): string | undefined {
  if (error instanceof Refusal) return error.outcome;
  if (error instanceof TokenFailure) {
    return error.kind === "unanswered" ? "vendor-unavailable" : `vendor-${error.code.replaceAll("_", "-")}`;
  }
  const code = error instanceof Error && "code" in error ? String((error as PlugboardError).code) : "";
  const foreseen = [
    "oauth-client-required",
    "oauth-client-mismatch",
    "authorization-not-possible",
    "install-not-found",
  ];
  return foreseen.includes(code) ? code : undefined;
}
